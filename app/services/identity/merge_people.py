"""One person registered twice, an identity code that has changed, and a death: what staff decide about a person.

Pages write the decision; what follows from it in all other rows is a job's (services/identity/carry_out_merge.py and
services/identity/settle_death.py), because staff see only a part of them.
"""

import uuid
from datetime import date
from typing import Literal

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.identity_code import InvalidIdentityCode
from app.models import FormerIdentity, Person, PersonMerge
from app.models.context import also_find
from app.services import outbox
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.identity.find_person import Identifier, keep_found, person_with, read_identifier
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

PURPOSE = "keeping the register of persons right"
# The weaker a person's identifier, the less the row may be the one that is kept.
STRENGTH = {"finnish": 2, "eidas": 1, "temporary": 0}
Refusal = Literal["same_person", "merged_already", "weaker_identity", "date", "own_code"]


class ChangeRefused(DomainError):
    """What staff want to change about a person can't be so; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class BelongsToAnother(DomainError):
    """The new identity code is another row's: the two are one person registered twice, or two people."""

    def __init__(self, other: uuid.UUID) -> None:
        super().__init__(str(other))
        self.other = other


async def ask_merge(
    session: AsyncSession, viewer: Viewer, kept_id: uuid.UUID, merged_id: uuid.UUID, reason: str
) -> PersonMerge:
    """Decide that the two are one person and that `kept_id` stays; a job then moves everything to it.

    Raises NotFound for somebody whom the viewer has not found, and ChangeRefused.
    """
    clock = await read_clock(session)
    kept, merged = await _two(session, kept_id, merged_id)
    refusal = refusal_of(kept, merged)
    if refusal is None and await _is_under_way(session, kept.id, merged.id):
        refusal = "merged_already"
    if refusal:
        raise ChangeRefused(refusal)
    values = {"kept_id": kept.id, "merged_id": merged.id, "staff_id": viewer.staff_id, "reason": reason}
    new = insert(PersonMerge).values(id=uuid.uuid4(), at=clock.now, set_aside=[], **values)
    merge = (await session.execute(new.on_conflict_do_nothing().returning(PersonMerge))).scalar_one_or_none()
    if merge is None:
        raise ChangeRefused("merged_already")
    await outbox.defer(session, "merge_people", merge_id=merge.id)
    for person in (kept, merged):
        await _audit(session, clock, viewer, "ask_merge", person.id)
    return merge


async def _is_under_way(session: AsyncSession, *people: uuid.UUID) -> bool:
    """Whether one of the people is in a joining that the worker has not come to."""
    either = or_(PersonMerge.kept_id.in_(people), PersonMerge.merged_id.in_(people))
    return await session.scalar(select(PersonMerge.id).where(either, PersonMerge.state == "waiting")) is not None


async def _two(session: AsyncSession, first: uuid.UUID, second: uuid.UUID) -> tuple[Person, Person]:
    """Both rows, locked in the order of their ids: two supervisors decide one after the other. Raises NotFound."""
    query = select(Person).where(Person.id.in_((first, second))).order_by(Person.id).with_for_update()
    people = {person.id: person for person in await session.scalars(query)}
    if first not in people or second not in people:
        raise NotFound
    return people[first], people[second]


def refusal_of(kept: Person, merged: Person) -> Refusal | None:
    """Why `merged` can't be joined to `kept`; None: it can, as far as their own rows tell."""
    if kept.id == merged.id:
        return "same_person"
    if kept.merged_into_id or merged.merged_into_id:
        return "merged_already"
    return "weaker_identity" if STRENGTH[kept.identity_kind] < STRENGTH[merged.identity_kind] else None


async def merges_of(session: AsyncSession, person_id: uuid.UUID) -> list[PersonMerge]:
    """What has been decided about the person's rows, the newest first."""
    concerned = or_(PersonMerge.kept_id == person_id, PersonMerge.merged_id == person_id)
    return [*await session.scalars(select(PersonMerge).where(concerned).order_by(PersonMerge.at.desc()))]


async def change_code(
    session: AsyncSession, viewer: Viewer, vault: IdentityVault, person_id: uuid.UUID, typed: str
) -> Person:
    """The person has a new identity code: the old one still finds them, but only the new one is theirs.

    Raises InvalidIdentityCode, NotFound, ChangeRefused, and BelongsToAnother where somebody is registered by the new
    code: `viewer` sees their row from here on.
    """
    clock = await read_clock(session)
    new = read_identifier(vault, typed, clock.today)
    if new.code is None:
        raise InvalidIdentityCode("shape")
    person = await session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        raise NotFound
    await _refuse_holder(session, viewer, person, new, clock)
    if person.identity_lookup == new.lookup:
        raise ChangeRefused("own_code")
    values = {"identity_lookup": new.lookup, "identity_sealed": vault.seal(new.code.value), "identity_kind": "finnish"}
    try:
        async with session.begin_nested():
            await _keep_former(session, person, new.lookup, clock)
            await _change(session, person, **values, birth_date=new.code.birth_date)
    except IntegrityError:  # somebody has signed in with the new code this very moment
        await _refuse_holder(session, viewer, person, new, clock)
        raise
    await _audit(session, clock, viewer, "change_identity_code", person.id)
    return person


async def _refuse_holder(session: AsyncSession, viewer: Viewer, person: Person, new: Identifier, clock: Clock) -> None:
    """Raises BelongsToAnother where the identifier is or was somebody else's, whom `viewer` has then found."""
    holder = await person_with(session, new)
    if holder is not None and holder.id != person.id:
        await keep_found(session, viewer, holder.id, clock)
        raise BelongsToAnother(holder.id)


async def _keep_former(session: AsyncSession, person: Person, new: bytes, clock: Clock) -> None:
    """The code until now finds the person from here on as a former one; one that comes back is former no more."""
    old = person.identity_lookup
    await also_find(session, new, *([old] if old else []))
    await session.execute(delete(FormerIdentity).where(FormerIdentity.lookup == new))
    if old:
        values = {"lookup": old, "person_id": person.id, "why": "changed", "since": clock.now}
        await session.execute(insert(FormerIdentity).values(values))


async def mark_deceased(session: AsyncSession, viewer: Viewer, person_id: uuid.UUID, day: date | None) -> Person:
    """The person died on `day`; None takes back a mistake (what has ended by it stays ended).

    A job ends their sessions and everybody's acting for them, and tells the units of their coming appointments.
    Raises NotFound, and ChangeRefused for a day that can't be.
    """
    clock = await read_clock(session)
    person = await session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        raise NotFound
    if day and (day > clock.today or (person.birth_date and day < person.birth_date)):
        raise ChangeRefused("date")
    await _change(session, person, deceased_on=day)
    if day and viewer.staff_id:
        await outbox.defer(session, "settle_death", person_id=person.id, staff_id=viewer.staff_id)
    await _audit(session, clock, viewer, "mark_deceased" if day else "unmark_deceased", person.id)
    return person


async def _change(session: AsyncSession, person: Person, **values: object) -> None:
    await session.execute(update(Person).where(Person.id == person.id).values(**values))


async def _audit(session: AsyncSession, clock: Clock, viewer: Viewer, action: str, person_id: uuid.UUID) -> None:
    target = ("person", person_id)
    await trail.record(session, clock, viewer, action, target, subject_id=person_id, purpose=PURPOSE)
