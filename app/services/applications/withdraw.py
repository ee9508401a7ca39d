"""The applicant takes the application back."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.services.applications.find import find_own, refuse_when_over
from app.services.applications.limits import it_is_withdrawn
from app.services.applications.record import add_step, take_note
from app.services.clock import read_clock
from app.services.viewer import Viewer


async def withdraw(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> None:
    """Take it back: nothing is decided on it any more. One that is withdrawn already stays so.

    Raises NotFound, NoRight, and AlreadyDecided where a decision has been made.
    """
    application, case = await find_own(session, viewer, case_id, change=True)
    if application.state == "withdrawn":
        return
    refuse_when_over(application)
    application.state = "withdrawn"
    await it_is_withdrawn(session, case, await read_clock(session))
    await add_step(session, viewer, case, "withdrawn")
    await take_note(session, viewer, case, "withdraw_application")
