"""What staff see of cases: the queue of their units, and one case opened."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.staff_roles import registers_of
from app.models import (
    Appointment,
    AssessmentRun,
    BookableService,
    Case,
    CaseEvent,
    ContactRequest,
    NeedAssessment,
    Person,
    ServiceLocation,
)
from app.services import audit
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.viewer import Viewer

QUEUE_PAGE = 50


@dataclass(frozen=True)
class QueueRow:
    """A case in the queue: whose it is (None when anonymous), and the contact's name where there is no person."""

    case: Case
    subject: Person | None
    contact: ContactRequest | None
    booked: Appointment | None


@dataclass(frozen=True)
class OpenedCase:
    """A case with everything that has arrived in it. `need_assessments` is empty until a professional has made one."""

    case: Case
    subject: Person | None
    run: AssessmentRun | None
    contact: ContactRequest | None
    bookings: Sequence[tuple[Appointment, BookableService, ServiceLocation]]
    events: Sequence[CaseEvent]
    need_assessments: Sequence[NeedAssessment]


async def list_queue(session: AsyncSession, viewer: Viewer, *, most: int = QUEUE_PAGE) -> list[QueueRow]:
    """Open cases that the viewer handles: the most urgent first, among equals the one due first."""
    booked = (Appointment.case_id == Case.id) & (Appointment.status == "booked")
    query = (
        select(Case, Person, ContactRequest, Appointment)
        .outerjoin(Person, Person.id == Case.subject_id)
        .outerjoin(ContactRequest, ContactRequest.case_id == Case.id)
        .outerjoin(Appointment, booked)
        .where(Case.state == "open", _handled_by(viewer))
        .order_by(Case.urgency_rank, Case.due_at, Case.id)
        .limit(most)
    )
    rows: dict[uuid.UUID, QueueRow] = {}
    for case, subject, contact, appointment in (await session.execute(query)).all():
        rows.setdefault(case.id, QueueRow(case, subject, contact, appointment))
    return list(rows.values())


async def open_case(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> OpenedCase:
    """One case that the viewer handles, the reading audited. Raises NotFound for any other."""
    clock = await read_clock(session)
    query = (
        select(Case, Person, ContactRequest, AssessmentRun)
        .outerjoin(Person, Person.id == Case.subject_id)
        .outerjoin(ContactRequest, ContactRequest.case_id == Case.id)
        .outerjoin(AssessmentRun, AssessmentRun.case_id == Case.id)
        .where(Case.id == case_id, _handled_by(viewer))
        .order_by(AssessmentRun.finished_at.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    case, subject, contact, run = row
    target = ("case", case.id)
    purpose = "handling the case"
    await audit.record(
        session, clock, viewer, "read", target, subject_id=case.subject_id, register=case.register, purpose=purpose
    )
    return OpenedCase(
        case=case,
        subject=subject,
        run=run,
        contact=contact,
        bookings=await _bookings(session, case_id),
        events=await _events(session, case_id),
        need_assessments=await _need_assessments(session, case_id),
    )


async def _bookings(
    session: AsyncSession, case_id: uuid.UUID
) -> Sequence[tuple[Appointment, BookableService, ServiceLocation]]:
    query = (
        select(Appointment, BookableService, ServiceLocation)
        .join(BookableService, BookableService.code == Appointment.service_code)
        .join(ServiceLocation, ServiceLocation.id == Appointment.location_id)
        .where(Appointment.case_id == case_id, Appointment.status.in_(("booked", "cancelled")))
        .order_by(Appointment.during)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def _events(session: AsyncSession, case_id: uuid.UUID) -> Sequence[CaseEvent]:
    return (await session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at))).all()


async def _need_assessments(session: AsyncSession, case_id: uuid.UUID) -> Sequence[NeedAssessment]:
    query = select(NeedAssessment).where(NeedAssessment.case_id == case_id).order_by(NeedAssessment.at)
    return (await session.scalars(query)).all()


def _handled_by(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of the viewer's units in the registers of their roles."""
    return and_(Case.unit_code.in_(viewer.units), Case.register.in_(registers_of(viewer.roles)))
