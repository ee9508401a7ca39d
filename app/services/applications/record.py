"""What is done with an application: on the case's timeline, and in the audit trail."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case
from app.services.audit import trail
from app.services.cases.arrivals import add_event
from app.services.cases.queue import HANDLING
from app.services.clock import read_clock
from app.services.viewer import Viewer

OWN = "own matters"


async def add_step(session: AsyncSession, viewer: Viewer, case: Case, event: str) -> None:
    """A row on the timeline. It says that something happened and not what: whoever may act for a minor but not read
    sees the timeline too."""
    await add_event(session, await read_clock(session), case.id, event, viewer)


async def take_note(session: AsyncSession, viewer: Viewer, case: Case, action: str) -> None:
    """A row of the trail: `viewer` did `action` to the application."""
    await trail.record(
        session,
        await read_clock(session),
        viewer,
        action,
        ("application", case.id),
        subject_id=case.subject_id,
        register=case.register,
        service_task=case.service_task,
        purpose=HANDLING if viewer.staff_id else OWN,
    )
