"""Notices about forms that somebody is asked to fill in."""

import uuid

from app.jobs.app import UntilBack, jobs
from app.services.forms import tell_asked


@jobs.task(name="tell_form_asked", queue="deliveries", retry=UntilBack())
async def tell_form_asked(task_id: str) -> None:
    """Let whoever is asked know that a form waits; once, however often it runs."""
    async with jobs.tools.database.transaction() as session:
        await tell_asked.tell_form_asked(session, uuid.UUID(task_id))
