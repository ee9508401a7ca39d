"""Permissions to disclose, prohibitions and consents that a resident gives to the county, and ends.

National ones are given in MyKanta and are not kept here. content/permits.json.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Text
from app.models import Permit
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.viewer import Viewer


@dataclass(frozen=True)
class PermitKind:
    """One that can be given. `means`: what it lets happen, or stops; `without`: how it is where it isn't given."""

    kind: str
    scope: str
    names: Text
    means: Text
    without: Text


@cache
def permit_kinds() -> Mapping[str, PermitKind]:
    """What can be given, by scope, in the order of the page."""
    rows = load("permits.json")["permits"]
    return {
        row["scope"]: PermitKind(
            row["kind"], row["scope"], Text(row["names"]), Text(row["means"]), Text(row["without"])
        )
        for row in rows
    }


@cache
def national_words() -> Text:
    """Where the national ones are given."""
    return Text(load("permits.json")["national"])


async def own_permits(session: AsyncSession, viewer: Viewer) -> Sequence[Permit]:
    """All that the viewer has given, the latest first; `ended_at` is empty where it holds."""
    query = select(Permit).where(Permit.person_id == viewer.person_id)
    return (await session.scalars(query.order_by(Permit.given_at.desc()))).all()


async def give_permit(session: AsyncSession, viewer: Viewer, scope: str) -> None:
    """Give it; nothing changes where it holds already. Raises NotFound for a scope that there is not."""
    kind = permit_kinds().get(scope)
    if kind is None or viewer.person_id is None:
        raise NotFound
    clock, new = await read_clock(session), uuid.uuid4()
    values = {"id": new, "person_id": viewer.person_id, "kind": kind.kind, "scope": scope, "given_at": clock.now}
    given = (
        insert(Permit)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["person_id", "kind", "scope"], index_where=text("ended_at is null"))
    )
    session.info["written"] = True
    if await session.scalar(given.returning(Permit.id)):
        await trail.record(session, clock, viewer, "give_permit", ("permit", new), subject_id=viewer.person_id)


async def end_permit(session: AsyncSession, viewer: Viewer, permit_id: uuid.UUID) -> None:
    """End it from now on; nothing changes where it has ended. Raises NotFound for anybody else's."""
    mine = Permit.person_id == viewer.person_id
    permit = await session.scalar(select(Permit).where(Permit.id == permit_id, mine).with_for_update())
    if permit is None:
        raise NotFound
    if permit.ended_at is not None:
        return
    clock = await read_clock(session)
    permit.ended_at = clock.now
    await session.flush()
    await trail.record(session, clock, viewer, "end_permit", ("permit", permit.id), subject_id=viewer.person_id)
