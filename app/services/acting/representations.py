"""Acting for another in a browser session: choosing for whom, beginning, keeping the right fresh, stopping."""

import json
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.identity_code import IdentityCode
from app.integrations.suomifi.mandates.port import Access, Pending, Principal
from app.models import FormerIdentity, Person, Representation, RepresentationAttempt
from app.models.context import also_find
from app.services.acting.rights import Granted
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.identity.sessions import renew_session
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

LONGEST_CHOICE = timedelta(minutes=15)


class ChoiceLost(DomainError):
    """The way back from Suomi.fi is unknown, used already, too late, or another browser's or person's."""


@dataclass(frozen=True)
class Recalled:
    """A choice that came back: what to check the answer against, and where the person was."""

    pending: Pending
    return_to: str


async def remember_choice(
    session: AsyncSession, viewer: Viewer, vault: IdentityVault, pending: Pending, state_hash: bytes, return_to: str
) -> None:
    """Keep what the way back from Suomi.fi needs; it belongs to this person in this browser session."""
    clock = await read_clock(session)
    session.add(
        RepresentationAttempt(
            state_hash=state_hash,
            person_id=_person_of(viewer),
            session_id=viewer.session_id,
            pending_sealed=vault.seal(json.dumps(asdict(pending))),
            return_to=return_to,
            created_at=clock.now,
        )
    )
    await session.flush()


async def recall_choice(session: AsyncSession, viewer: Viewer | None, vault: IdentityVault, state: bytes) -> Recalled:
    """The viewer's attempt whose state hashes to `state`, used up by this call. Raises ChoiceLost."""
    if viewer is None or viewer.person_id is None:
        raise ChoiceLost
    clock = await read_clock(session)
    statement = (
        update(RepresentationAttempt)
        .where(
            RepresentationAttempt.state_hash == state,
            RepresentationAttempt.person_id == viewer.person_id,
            RepresentationAttempt.session_id == viewer.session_id,
            RepresentationAttempt.used_at.is_(None),
            RepresentationAttempt.created_at > clock.now - LONGEST_CHOICE,
        )
        .values(used_at=clock.now)
        .returning(RepresentationAttempt)
    )
    attempt = (await session.execute(statement)).scalar_one_or_none()
    if attempt is None:
        raise ChoiceLost
    return Recalled(Pending(**json.loads(vault.open(attempt.pending_sealed))), attempt.return_to)


async def person_of_principal(
    session: AsyncSession, vault: IdentityVault, principal: Principal, clock: Clock
) -> Person:
    """The person whom Suomi.fi names, registered now where they have never been here.

    Raises InvalidIdentityCode.
    """
    code = IdentityCode.parse(principal.identity_code, clock.today)
    lookup = vault.lookup(code.value)
    await also_find(session, lookup)
    given, _, family = principal.name.strip().rpartition(" ")
    new = insert(Person).values(
        id=uuid.uuid4(),
        identity_lookup=lookup,
        identity_sealed=vault.seal(code.value),
        given_name=given or family,
        family_name=family if given else "",
        birth_date=code.birth_date,
        language="fi",
    )
    former = await session.scalar(select(FormerIdentity.person_id).where(FormerIdentity.lookup == lookup))
    if former is not None:
        return await session.get_one(Person, former)
    await session.execute(new.on_conflict_do_nothing(index_elements=["identity_lookup"]))
    return (await session.scalars(select(Person).where(Person.identity_lookup == lookup))).one()


async def start_acting(
    session: AsyncSession,
    viewer: Viewer,
    subject: Person,
    granted: Granted,
    token_hash: bytes,
    *,
    access: bytes | None = None,
    request_id: str = "",
) -> Representation:
    """From here on `viewer` acts for `subject`, in a session of its own with a new cookie (`token_hash`).

    `access` is what Suomi.fi gave for asking again, sealed. Raises SessionGone.
    """
    clock = await read_clock(session)
    renewed = await renew_session(session, viewer.session_id, token_hash, clock)  # first: its lock lets one through
    await _end(session, viewer, clock, "switched")
    representation = Representation(
        id=uuid.uuid4(),
        session_id=renewed.id,
        actor_id=_person_of(viewer),
        subject_id=subject.id,
        basis=granted.basis,
        registers=sorted(granted.right.registers),
        readable=sorted(granted.right.readable),
        asked_at=clock.now,
        access_sealed=access,
        request_id=request_id or str(uuid.uuid4()),
        local_mandate_id=granted.source.id if granted.basis == "local_mandate" and granted.source else None,
        care_role_id=granted.source.id if granted.basis == "foster_carer" and granted.source else None,
        began_at=clock.now,
    )
    session.add(representation)
    await session.flush()
    right = {"basis": granted.basis, "representation": str(representation.id), "registers": representation.registers}
    target = ("representation", representation.id)
    await trail.record(session, clock, viewer, "start_acting", target, subject_id=subject.id, mandate=right)
    return representation


async def stop_acting(session: AsyncSession, viewer: Viewer, token_hash: bytes, why: str) -> Viewer:
    """Back to one's own matters, in a session with a new cookie: the viewer in it. `why`: stopped, or lost. Raises
    SessionGone."""
    clock = await read_clock(session)
    renewed = await renew_session(session, viewer.session_id, token_hash, clock)
    await _end(session, viewer, clock, why)
    return replace(viewer, session_id=renewed.id, acting=None)


async def running(session: AsyncSession, viewer: Viewer) -> Representation | None:
    """The representation of the viewer's session."""
    query = select(Representation).where(
        Representation.session_id == viewer.session_id, Representation.ended_at.is_(None)
    )
    return await session.scalar(query)


async def keep_right(session: AsyncSession, representation_id: uuid.UUID, granted: Granted) -> None:
    """The right has been asked anew: from here on it is as `granted` says."""
    values = {
        "registers": sorted(granted.right.registers),
        "readable": sorted(granted.right.readable),
        "asked_at": (await read_clock(session)).now,
    }
    await session.execute(
        update(Representation)
        .where(Representation.id == representation_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def seal_access(vault: IdentityVault, access: Access) -> bytes:
    """What Suomi.fi gave for asking again, as it is kept."""
    return vault.seal(json.dumps(asdict(access)))


def open_access(vault: IdentityVault, representation: Representation) -> Access | None:
    """What Suomi.fi gave for asking again; None where the right rests on something else."""
    sealed = representation.access_sealed
    return Access(**json.loads(vault.open(sealed))) if sealed else None


async def _end(session: AsyncSession, viewer: Viewer, clock: Clock, why: str) -> Representation | None:
    found = await running(session, viewer)
    if found is None:
        return None
    found.ended_at, found.ended_why = clock.now, why
    await session.flush()
    target = ("representation", found.id)
    await trail.record(session, clock, viewer, "stop_acting", target, subject_id=found.subject_id)
    return found


def _person_of(viewer: Viewer) -> uuid.UUID:
    if viewer.person_id is None:
        raise NotFound
    return viewer.person_id
