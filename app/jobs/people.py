"""What staff have decided about a person, carried through in all rows."""

import uuid

from app.jobs.app import UntilBack, jobs
from app.services.identity.carry_out_merge import carry_out_merge
from app.services.identity.end_sessions import end_acting_by
from app.services.identity.settle_death import settle_death as settle


@jobs.task(name="merge_people", queue="people", retry=UntilBack())
async def merge_people(merge_id: str) -> None:
    """Join somebody who was registered twice."""
    async with jobs.tools.database.transaction() as session:
        await carry_out_merge(session, uuid.UUID(merge_id))


@jobs.task(name="settle_death", queue="people", retry=UntilBack())
async def settle_death(person_id: str, staff_id: str) -> None:
    """End what a deceased person had open."""
    async with jobs.tools.database.transaction() as session:
        await settle(session, uuid.UUID(person_id), uuid.UUID(staff_id))


@jobs.task(name="end_acting", queue="people", retry=UntilBack())
async def end_acting(source_id: str) -> None:
    """Stop whoever acts by a mandate or a care role that has ended."""
    async with jobs.tools.database.transaction() as session:
        await end_acting_by(session, uuid.UUID(source_id))
