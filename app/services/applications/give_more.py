"""The applicant, or whoever acts for them, answers what was asked."""

import uuid

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.urgency import Urgency
from app.models import InformationRequest
from app.services.applications.find import find_own, may_read, refuse_when_over
from app.services.applications.record import add_step, take_note
from app.services.cases.arrivals import raise_urgency
from app.services.clock import read_clock
from app.services.county_rules import alarm_words
from app.services.errors import AlreadyDecided, DomainError, NotFound
from app.services.viewer import Viewer


async def give_more(
    session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, request_id: uuid.UUID, answer: str
) -> None:
    """Answer; also late, as long as nothing has been decided. Once nothing is open, the handling goes on.

    Raises NotFound, NoRight, AlreadyDecided (the application is over, or the answer has been given already: it stays),
    and DomainError without an answer. Alarming words raise the case, whatever was asked.
    """
    if not answer:
        raise DomainError
    application, case = await find_own(session, viewer, case_id, change=True)
    query = select(InformationRequest).where(InformationRequest.id == request_id, InformationRequest.case_id == case_id)
    request = await session.scalar(query)
    if request is None or not may_read(viewer, case):
        raise NotFound
    refuse_when_over(application)
    if request.answered_at is not None:
        raise AlreadyDecided
    request.answer, request.answered_at = answer, (await read_clock(session)).now
    request.answered_by = viewer.person_id
    await session.flush()
    if not await _open_ones(session, case_id):
        application.state = "in_handling"
        await session.flush()
    if alarm_words().alarm_in(answer):
        await raise_urgency(session, case, Urgency.IMMEDIATE)
    await add_step(session, viewer, case, "more_given")
    await take_note(session, viewer, case, "give_more")


async def _open_ones(session: AsyncSession, case_id: uuid.UUID) -> int:
    open_ones = select(func.count()).where(
        InformationRequest.case_id == case_id, InformationRequest.answered_at.is_(None)
    )
    return (await session.execute(open_ones)).scalar_one()
