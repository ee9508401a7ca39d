"""Requests for correction, decided by whoever knows the register: corrected, or refused with reasons.

GDPR, articles 12 (4) and 16: a refusal gives its reasons and tells where to complain.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.staff_roles import registers_where
from app.domain.text import Text
from app.models import Case, CorrectionRequest, Person, StaffMember
from app.services import outbox
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import AlreadyDecided, DomainError, NotFound
from app.services.reaching.notices import notify
from app.services.viewer import Viewer

PURPOSE = "correcting data"
LIST_PAGE = 50
Decision = Literal["corrected", "refused"]


@dataclass(frozen=True)
class CorrectionLine:
    """A request with whose data it is about, and who has decided on it. `case`: the matter that it names, where the
    reader may see that."""

    request: CorrectionRequest
    subject: Person
    decider: StaffMember | None
    case: Case | None


def complaint_words() -> Text:
    """How somebody whose request was refused can complain: stands under the reasons on the resident's page."""
    return Text(load("correction_decisions.json")["complaint"])


async def list_corrections(session: AsyncSession, viewer: Viewer) -> list[CorrectionLine]:
    """Requests that are `viewer`'s to decide: the open ones first, the longest waiting on top."""
    query = _lines(viewer).order_by(CorrectionRequest.state != "open", CorrectionRequest.created_at).limit(LIST_PAGE)
    lines = [CorrectionLine(*row) for row in (await session.execute(query)).all()]
    target = ("correction_requests", ", ".join(sorted(_registers(viewer))))
    await trail.record(session, await read_clock(session), viewer, "read", target, purpose=PURPOSE)
    return lines


async def read_correction(session: AsyncSession, viewer: Viewer, request_id: uuid.UUID) -> CorrectionLine:
    """One request; the reading is audited. Raises NotFound for one that isn't `viewer`'s to decide."""
    row = (await session.execute(_lines(viewer).where(CorrectionRequest.id == request_id))).one_or_none()
    if row is None:
        raise NotFound
    await _record(session, viewer, "read", row[0])
    return CorrectionLine(*row)


async def decide_correction(
    session: AsyncSession, viewer: Viewer, request_id: uuid.UUID, decision: Decision, reasons: str
) -> None:
    """Decide on a request, and let its maker know that a decision is there.

    Raises NotFound as `read_correction`, AlreadyDecided, and DomainError for a refusal without reasons.
    """
    query = select(CorrectionRequest).where(CorrectionRequest.id == request_id, _decided_by(viewer))
    request = await session.scalar(query.with_for_update())
    if request is None:
        raise NotFound
    if request.state != "open":
        raise AlreadyDecided
    if decision == "refused" and not reasons:
        raise DomainError
    request.state, request.reasons = decision, reasons
    request.decided_by, request.decided_at = viewer.staff_id, (await read_clock(session)).now
    await _record(session, viewer, "decide", request)
    await outbox.defer(session, "tell_correction_decided", correction_id=request.id)


async def tell_correction_decided(session: AsyncSession, correction_id: uuid.UUID) -> None:
    """A notice that a decision waits; told once, however often it is called. A job's: staff see no notices."""
    request = await session.get_one(CorrectionRequest, correction_id)
    await notify(session, request.person_id, "correction_decided", notice_id=request.id)


def _lines(viewer: Viewer) -> Select[CorrectionRequest, Person, StaffMember, Case]:
    named = (CorrectionRequest.target_kind == "case") & (Case.id == CorrectionRequest.target_id)
    return (
        select(CorrectionRequest, Person, StaffMember, Case)
        .join(Person, Person.id == CorrectionRequest.person_id)
        .outerjoin(StaffMember, StaffMember.id == CorrectionRequest.decided_by)
        .outerjoin(Case, named)
        .where(_decided_by(viewer))
    )


def _decided_by(viewer: Viewer) -> ColumnElement[bool]:
    """In the registers of the viewer's role; and of a service task only in their own ones."""
    task = CorrectionRequest.service_task
    own = or_(task.is_(None), task.in_(viewer.tasks))
    return and_(CorrectionRequest.register.in_(_registers(viewer)), own)


def _registers(viewer: Viewer) -> Sequence[str]:
    return sorted(registers_where(viewer.roles, "decide_corrections"))


async def _record(session: AsyncSession, viewer: Viewer, action: str, request: CorrectionRequest) -> None:
    clock, target = await read_clock(session), ("correction_request", request.id)
    await trail.record(
        session,
        clock,
        viewer,
        action,
        target,
        subject_id=request.person_id,
        register=request.register,
        service_task=request.service_task,
        purpose=PURPOSE,
    )
