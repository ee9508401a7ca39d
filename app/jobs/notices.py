"""Notices on their way out."""

import uuid

from app.jobs.app import UntilBack, jobs
from app.services.notices import find_notice, note_outcome
from app.services.notices import send_notice as hand_over


@jobs.task(name="send_notice", queue="notices", retry=UntilBack())
async def send_notice(notice_id: str) -> None:
    """Send one notice. A repeat does no harm: the notice's id is its key at the receiver."""
    tools = jobs.tools
    wanted = uuid.UUID(notice_id)
    async with tools.database.transaction() as session:
        outgoing = await find_notice(session, wanted, tools.vault)
    if outgoing is None:
        return
    outcome = await hand_over(tools.messages, outgoing)
    async with tools.database.transaction() as session:
        await note_outcome(session, wanted, outcome)
