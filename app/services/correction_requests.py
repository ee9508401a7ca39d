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
from app.models import CorrectionRequest
from app.services import audit
from app.services.cases import new_reference
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.viewer import Viewer


@dataclass(frozen=True)
class Wrong:
    """What is wrong in which register, and how it should be, as it was typed."""

    register: str
    wrong: str
    right: str


async def send_correction(session: AsyncSession, viewer: Viewer, wrong: Wrong, language: Language) -> CorrectionRequest:
    """Send a request about the viewer's own data. Raises NotFound for a register where they may not act."""
    if viewer.person_id is None or not viewer.can_act_in(wrong.register):
        raise NotFound
    clock = await read_clock(session)
    request = CorrectionRequest(
        id=uuid.uuid4(),
        reference=new_reference(),
        person_id=viewer.person_id,
        actor_id=viewer.person_id,
        register=wrong.register,
        wrong=wrong.wrong,
        right=wrong.right,
        language=language,
        created_at=clock.now,
    )
    session.add(request)
    await session.flush()
    target = ("correction_request", request.id)
    await audit.record(
        session, clock, viewer, "request_correction", target, subject_id=viewer.person_id, register=wrong.register
    )
    return request


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
