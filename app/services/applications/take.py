"""A professional takes an application into handling."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.services.applications.find import find_handled, refuse_when_over
from app.services.applications.limits import somebody_handles
from app.services.applications.record import add_step, take_note
from app.services.clock import read_clock
from app.services.viewer import Viewer


async def take_into_handling(session: AsyncSession, staff: Viewer, case_id: uuid.UUID) -> None:
    """From here on the applicant reads that somebody handles it. One that is handled already stays as it is.

    Raises NotFound, AlreadyDecided.
    """
    found = await find_handled(session, staff, case_id, change=True)
    refuse_when_over(found.application)
    if found.application.state != "pending":
        return
    found.application.state = "in_handling"
    await somebody_handles(session, found.case, found.application.pending_since, await read_clock(session))
    await add_step(session, staff, found.case, "in_handling")
    await take_note(session, staff, found.case, "take_application")
