"""Notices about applications in social welfare."""

import uuid

from app.jobs.app import UntilBack, jobs
from app.services.applications import tell


@jobs.task(name="tell_more_asked", queue="deliveries", retry=UntilBack())
async def tell_more_asked(request_id: str) -> None:
    """Let the applicant know that an answer is waited for; once, however often it runs."""
    async with jobs.tools.database.transaction() as session:
        await tell.tell_more_asked(session, uuid.UUID(request_id))


@jobs.task(name="tell_application_decided", queue="deliveries", retry=UntilBack())
async def tell_application_decided(decision_id: str) -> None:
    """Let the applicant know that a decision is there; once, however often it runs."""
    async with jobs.tools.database.transaction() as session:
        await tell.tell_application_decided(session, uuid.UUID(decision_id))
