"""Telling residents that something has been decided: staff see no notices, so a job writes them."""

import uuid

from app.jobs.app import UntilBack, jobs
from app.services.own_data.decide_corrections import tell_correction_decided as tell


@jobs.task(name="tell_correction_decided", queue="deliveries", retry=UntilBack())
async def tell_correction_decided(correction_id: str) -> None:
    """Let the maker of a request for correction know that a decision is there; once, however often it runs."""
    async with jobs.tools.database.transaction() as session:
        await tell(session, uuid.UUID(correction_id))
