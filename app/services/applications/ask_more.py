"""A professional asks the applicant for more (hallintolaki 434/2003, 31 and 33 §): what, and by when."""

import uuid
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import InformationRequest
from app.services import outbox
from app.services.applications.find import find_handled, refuse_when_over
from app.services.applications.limits import somebody_handles
from app.services.applications.record import add_step, take_note
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.viewer import Viewer

SHORTEST, USUAL, LONGEST = timedelta(days=7), timedelta(days=14), timedelta(days=90)


def answer_times(clock: Clock) -> tuple[date, date]:
    """The first and the last day that may be given for answering: whoever is asked needs a week, a letter its way."""
    return clock.today + SHORTEST, clock.today + LONGEST


async def ask_for_more(
    session: AsyncSession, staff: Viewer, case_id: uuid.UUID, question: str, answer_by: date
) -> InformationRequest:
    """Ask; the application then waits for the applicant, who is told that something waits.

    Raises NotFound, AlreadyDecided, and DomainError without a question or for a day that leaves less than a week.
    """
    clock = await read_clock(session)
    first, last = answer_times(clock)
    if not question or not first <= answer_by <= last:
        raise DomainError
    found = await find_handled(session, staff, case_id, change=True)
    refuse_when_over(found.application)
    if found.application.state == "pending":  # whoever asks handles it
        await somebody_handles(session, found.case, found.application.pending_since, clock)
    asked = InformationRequest(
        id=uuid.uuid4(),
        case_id=case_id,
        asked_at=clock.now,
        staff_id=staff.staff_id,
        question=question,
        answer_by=answer_by,
    )
    session.add(asked)
    found.application.state = "more_asked"
    await session.flush()
    await add_step(session, staff, found.case, "more_asked")
    await take_note(session, staff, found.case, "ask_more")
    await outbox.defer(session, "tell_more_asked", request_id=asked.id)
    return asked
