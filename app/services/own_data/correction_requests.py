"""Requests for correction (GDPR, article 16): a resident says what is wrong, and gets a reference and a day.

The decision is made on the staff's side. Article 12(3): it comes within a month.
"""

import calendar
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI
from app.domain.text import Language
from app.models import Case, CorrectionRequest
from app.services.audit import trail
from app.services.cases.arrivals import new_reference
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.viewer import Viewer

MATTERS = 50  # so many can be chosen from


@dataclass(frozen=True)
class Wrong:
    """What is wrong in which register, and how it should be, as it was typed; `case_id`: in which matter, if in one."""

    register: str
    wrong: str
    right: str
    case_id: uuid.UUID | None = None


async def own_cases(session: AsyncSession, viewer: Viewer) -> Sequence[Case]:
    """The viewer's own matters that a request can be about, the latest first."""
    query = select(Case).where(Case.subject_id == viewer.person_id).order_by(Case.arrived_at.desc(), Case.id)
    return (await session.scalars(query.limit(MATTERS))).all()


async def send_correction(session: AsyncSession, viewer: Viewer, wrong: Wrong, language: Language) -> CorrectionRequest:
    """Send a request about the viewer's own data; one about a matter goes to those who work in its service task.

    Raises NotFound for a register where they may not act, and for a matter that isn't theirs or in that register.
    """
    if viewer.person_id is None or not viewer.can_act_in(wrong.register):
        raise NotFound
    clock, case = await read_clock(session), await _case_of(session, viewer, wrong)
    request = CorrectionRequest(
        id=uuid.uuid4(),
        reference=new_reference(),
        person_id=viewer.person_id,
        actor_id=viewer.person_id,
        register=wrong.register,
        service_task=case.service_task if case else None,
        target_kind="case" if case else "",
        target_id=case.id if case else None,
        wrong=wrong.wrong,
        right=wrong.right,
        language=language,
        created_at=clock.now,
    )
    session.add(request)
    await session.flush()
    target = ("correction_request", request.id)
    await trail.record(
        session,
        clock,
        viewer,
        "request_correction",
        target,
        subject_id=viewer.person_id,
        register=request.register,
        service_task=request.service_task,
    )
    return request


async def _case_of(session: AsyncSession, viewer: Viewer, wrong: Wrong) -> Case | None:
    if wrong.case_id is None:
        return None
    mine = (Case.id == wrong.case_id, Case.subject_id == viewer.person_id, Case.register == wrong.register)
    case = await session.scalar(select(Case).where(*mine))
    if case is None:
        raise NotFound
    return case


async def own_corrections(session: AsyncSession, viewer: Viewer) -> Sequence[CorrectionRequest]:
    """The viewer's requests, the latest first."""
    query = select(CorrectionRequest).where(CorrectionRequest.person_id == viewer.person_id)
    return (await session.scalars(query.order_by(CorrectionRequest.created_at.desc()))).all()


async def find_correction(session: AsyncSession, viewer: Viewer, request_id: uuid.UUID) -> CorrectionRequest:
    """The viewer's own request. Raises NotFound for anybody else's."""
    mine = CorrectionRequest.person_id == viewer.person_id
    found = await session.scalar(select(CorrectionRequest).where(CorrectionRequest.id == request_id, mine))
    if found is None:
        raise NotFound
    return found


def answered_by(request: CorrectionRequest) -> date:
    """The day by which the decision comes: the same day of the next month, or its last (regulation 1182/71)."""
    day = request.created_at.astimezone(HELSINKI).date()
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
