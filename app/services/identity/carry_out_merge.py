"""Join the rows of somebody who was registered twice; a job's work, because it needs to see all rows.

Every column that points to a person moves from the merged row to the kept one: the columns are read from the tables'
own foreign keys, so that a new table is not forgotten. Rows that can't stand beside the kept person's (a unique or an
exclusion constraint) each have a way in merge_conflicts.py; what they put aside is told in `PersonMerge.set_aside`.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import Base, CareRole, Delivery, FormerIdentity, LocalMandate, Person, PersonMerge, Representation
from app.services import outbox
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.identity.merge_conflicts import WAYS, Pair
from app.services.identity.merge_people import PURPOSE, refusal_of
from app.services.viewer import Viewer

# The merge itself tells who was joined to whom.
LEFT_AS_IT_IS = frozenset({"person_merge"})
AFTERWARDS = timedelta(minutes=2)


async def carry_out_merge(session: AsyncSession, merge_id: uuid.UUID) -> str:
    """Move everything from the merged row to the kept one; returns the merge's state. Twice moves what came between.

    Refused where the two turn out to be two people: one has acted for, or has been recorded beside, the other.
    """
    clock = await read_clock(session)
    merge = await session.get_one(PersonMerge, merge_id, with_for_update=True)
    kept, merged = await _locked(session, merge)
    staff = Viewer(merge.id, staff_id=merge.staff_id)
    if merge.state == "refused":
        return merge.state
    if merge.state == "waiting":
        if refusal_of(kept, merged) or await _are_two(session, kept.id, merged.id):
            merge.state, merge.settled_at = "refused", clock.now
            await _audit(session, clock, staff, "refuse_merge", merge)
            return merge.state
        await _join_identity(session, kept, merged, clock)
    pair = Pair(kept.id, merged.id, staff, clock)
    for way in WAYS:
        merge.set_aside = [*merge.set_aside, *await way(session, pair)]
    await session.flush()
    await move_rows(session, kept.id, merged.id)
    if merge.state == "waiting":
        await _finish(session, clock, staff, merge, kept, merged)
    return merge.state


async def _locked(session: AsyncSession, merge: PersonMerge) -> tuple[Person, Person]:
    """Both rows, locked in the order of their ids; no new row can point to either until the end."""
    query = select(Person).where(Person.id.in_((merge.kept_id, merge.merged_id))).order_by(Person.id).with_for_update()
    people = {person.id: person for person in await session.scalars(query)}
    return people[merge.kept_id], people[merge.merged_id]


async def _are_two(session: AsyncSession, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Nobody acts for themselves: who has a right over the other, had or has, is somebody else."""
    for first, second in (
        (Representation.actor_id, Representation.subject_id),
        (LocalMandate.principal_id, LocalMandate.mandatee_id),
        (CareRole.subject_id, CareRole.helper_id),
    ):
        between = or_((first == one) & (second == other), (first == other) & (second == one))
        if await session.scalar(select(first).where(between).limit(1)):
            return True
    return False


async def _join_identity(session: AsyncSession, kept: Person, merged: Person, clock: Clock) -> None:
    """The merged code finds the kept person from here on; what protects either, protects them."""
    if merged.identity_lookup is not None:
        former = {"lookup": merged.identity_lookup, "person_id": kept.id, "why": "merged", "since": clock.now}
        await session.execute(insert(FormerIdentity).values(former))
    merged.identity_lookup, merged.identity_sealed = None, None
    kept.deceased_on = kept.deceased_on or merged.deceased_on
    kept.chosen_name = kept.chosen_name or merged.chosen_name
    if merged.non_disclosure:
        kept.non_disclosure, kept.municipality_code = True, None
    await session.flush()


def columns_of_people() -> Iterator[Column[uuid.UUID]]:
    """Every column that points to a person, but those of the tables that stay as they are."""
    for table in Base.metadata.sorted_tables:
        if table.name not in LEFT_AS_IT_IS:
            yield from (
                column
                for column in table.columns
                if any(key.column.table.name == "person" for key in column.foreign_keys)
            )


async def move_rows(session: AsyncSession, kept: uuid.UUID, merged: uuid.UUID) -> None:
    """Point everything at the kept person, and what goes out in the person's lane with it."""
    for column in columns_of_people():
        table = column.table
        await session.execute(update(table).where(column == merged).values({column.name: kept}))
    await session.execute(update(Delivery).where(Delivery.lane == merged).values(lane=kept))


async def _finish(
    session: AsyncSession, clock: Clock, staff: Viewer, merge: PersonMerge, kept: Person, merged: Person
) -> None:
    merged.merged_into_id = merge.kept_id
    merge.state, merge.settled_at = "done", clock.now
    await session.flush()
    # A request that was under way may still have written something: it is moved a little later.
    await outbox.defer(session, "merge_people", after=AFTERWARDS, merge_id=merge.id)
    if kept.deceased_on is not None:  # known of one row only: what the other had runs still
        await outbox.defer(session, "settle_death", person_id=kept.id, staff_id=merge.staff_id)
    await _audit(session, clock, staff, "merge_people", merge)


async def _audit(session: AsyncSession, clock: Clock, staff: Viewer, action: str, merge: PersonMerge) -> None:
    for person_id in (merge.kept_id, merge.merged_id):
        target = ("person_merge", merge.id)
        await trail.record(session, clock, staff, action, target, subject_id=person_id, purpose=PURPOSE)
