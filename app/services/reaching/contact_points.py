"""How a resident can be reached: a phone number and an e-mail address, each proved by a code that is sent to it.

A code is six digits, kept sealed until it is on its way and as a keyed hash for checking: good for ten minutes and five
tries.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import ContactPoint
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.queue import want_delivery
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

Kind = Literal["phone", "email"]
Checked = Literal["verified", "wrong", "over"]

GOOD_FOR = timedelta(minutes=10)
TRIES = 5
# Which system takes the code there, in which kind of delivery.
_WAYS: Mapping[Kind, tuple[str, str]] = {
    "phone": ("sms", "verification_code"),
    "email": ("email", "verification_email"),
}


async def own_contact_points(session: AsyncSession, viewer: Viewer) -> Mapping[str, ContactPoint]:
    """The viewer's phone and e-mail, by kind, where they have given them."""
    query = select(ContactPoint).where(ContactPoint.person_id == viewer.person_id)
    return {one.kind: one for one in await session.scalars(query)}


def waits_for_code(point: ContactPoint | None, clock: Clock) -> bool:
    """Whether a code is on its way or has come, and is still good."""
    return point is not None and point.code_until is not None and point.code_until > clock.now


async def keep_contact(session: AsyncSession, viewer: Viewer, kind: Kind, value: str) -> ContactPoint:
    """Keep `value` in place of the earlier one. The same value again stays verified; another one has yet to be."""
    clock = await read_clock(session)
    row = {"id": uuid.uuid4(), "person_id": viewer.person_id, "kind": kind, "value": value, "changed_at": clock.now}
    statement = insert(ContactPoint).values(**row, code_tries=0)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["person_id", "kind"]))
    point = await _own(session, viewer, kind)
    assert point is not None  # noqa: S101 - it has just been made sure
    if point.value != value:
        point.value, point.verified_at, point.changed_at = value, None, clock.now
        _forget_code(point)
    await session.flush()
    await _audit(session, clock, viewer, "change_contact", point)
    return point


async def send_code(session: AsyncSession, viewer: Viewer, kind: Kind, vault: IdentityVault) -> bool:
    """Send a new code to the viewer's phone or address; an earlier one is no good any more. False where they have
    given none."""
    clock, point = await read_clock(session), await _own(session, viewer, kind)
    if point is None:
        return False
    code = f"{secrets.randbelow(10**6):06}"
    point.code_hash, point.code_sealed = _hash(vault, point, code), vault.seal_bytes(code.encode())
    point.code_until, point.code_tries = clock.now + GOOD_FOR, 0
    await session.flush()
    await want_delivery(session, *_WAYS[kind], point.id)
    return True


async def check_code(session: AsyncSession, viewer: Viewer, kind: Kind, vault: IdentityVault, code: str) -> Checked:
    """Whether `code` is the one that was sent there. `over`: none is good any more, so a new one is needed.

    The caller commits whatever comes of it: tries are counted.
    """
    clock, point = await read_clock(session), await _own(session, viewer, kind)
    if point is None or point.code_hash is None or not waits_for_code(point, clock) or point.code_tries >= TRIES:
        return "over"
    point.code_tries += 1
    good = secrets.compare_digest(point.code_hash, _hash(vault, point, code))
    if good:
        point.verified_at = clock.now
    if good or point.code_tries >= TRIES:
        _forget_code(point)
    await session.flush()
    if not good:
        return "wrong" if point.code_hash else "over"
    await _audit(session, clock, viewer, "verify_contact", point)
    return "verified"


async def remove_contact(session: AsyncSession, viewer: Viewer, kind: Kind) -> None:
    """Forget it; nothing happens where there is none."""
    point = await _own(session, viewer, kind)
    if point is None:
        return
    await session.delete(point)
    await _audit(session, await read_clock(session), viewer, "remove_contact", point)


def _hash(vault: IdentityVault, point: ContactPoint, code: str) -> bytes:
    """Bound to the row and its value: a code for one number or address proves nothing about another."""
    return vault.lookup(f"code {point.id} {point.value} {code}")


def _forget_code(point: ContactPoint) -> None:
    point.code_hash, point.code_sealed, point.code_until, point.code_tries = None, None, None, 0


async def _own(session: AsyncSession, viewer: Viewer, kind: Kind) -> ContactPoint | None:
    query = select(ContactPoint).where(ContactPoint.person_id == viewer.person_id, ContactPoint.kind == kind)
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def _audit(session: AsyncSession, clock: Clock, viewer: Viewer, action: str, point: ContactPoint) -> None:
    target = ("contact_point", point.id)
    await trail.record(session, clock, viewer, action, target, subject_id=viewer.person_id)
