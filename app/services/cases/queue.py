"""What staff see of cases: the queue of their units, and one case opened."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

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
    SpecialAccess,
)
from app.services.acting.care_roles import Helper, helpers_of
from app.services.audit import trail
from app.services.cases.special_access import PURPOSE as SPECIAL
from app.services.cases.special_access import find_closed_case, live_access, opened_by_reason
from app.services.clock import read_clock
from app.services.errors import ReasonNeeded
from app.services.own_data.needs import Needs, needs_of
from app.services.viewer import Viewer

QUEUE_PAGE = 50
HANDLING = "handling the case"


@dataclass(frozen=True)
class QueueRow:
    """A case in the queue: whose it is (None when anonymous), and the contact's name where there is no person."""

    case: Case
    subject: Person | None
    contact: ContactRequest | None
    booked: Appointment | None


@dataclass(frozen=True)
class OpenedCase:
    """A case with everything that has arrived in it.

    `actor` sent it where that is not the subject themselves. `helpers`: who helps the subject now. `needs`: what the
    subject needs to be served well, as they have asked us to remember it. `special`: the
    opening with a reason by which the viewer reads it and changes nothing; None where they handle it.
    `need_assessments` is empty until a professional has made one.
    """

    case: Case
    subject: Person | None
    actor: Person | None
    run: AssessmentRun | None
    contact: ContactRequest | None
    bookings: Sequence[tuple[Appointment, BookableService, ServiceLocation]]
    events: Sequence[CaseEvent]
    need_assessments: Sequence[NeedAssessment]
    helpers: Sequence[Helper]
    needs: Needs
    special: SpecialAccess | None

    @property
    def handled(self) -> bool:
        """Whether the viewer may change it."""
        return self.special is None


async def list_queue(session: AsyncSession, viewer: Viewer, *, most: int = QUEUE_PAGE) -> list[QueueRow]:
    """Open cases that the viewer handles: the most urgent first, among equals the one due first.

    The look is audited once, by the units whose queue it is, not once a case.
    """
    booked = (Appointment.case_id == Case.id) & (Appointment.status == "booked")
    query = (
        select(Case, Person, ContactRequest, Appointment)
        .outerjoin(Person, Person.id == Case.subject_id)
        .outerjoin(ContactRequest, ContactRequest.case_id == Case.id)
        .outerjoin(Appointment, booked)
        .where(Case.state == "open", handled_by(viewer))
        .order_by(Case.urgency_rank, Case.due_at, Case.id)
        .limit(most)
    )
    rows: dict[uuid.UUID, QueueRow] = {}
    for case, subject, contact, appointment in (await session.execute(query)).all():
        rows.setdefault(case.id, QueueRow(case, subject, contact, appointment))
    target = ("queue", ", ".join(sorted(viewer.units)))
    await trail.record(session, await read_clock(session), viewer, "read", target, purpose="queue")
    return list(rows.values())


async def open_case(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> OpenedCase:
    """One case that the viewer handles or has opened with a special reason; the reading is audited.

    Raises ReasonNeeded where they may open it with a reason, NotFound for any other.
    """
    clock = await read_clock(session)
    row = await _find(session, viewer, case_id, clock.now)
    if row is None:
        await find_closed_case(session, viewer, case_id)
        raise ReasonNeeded
    case, subject, actor, contact, run = row
    special = None if _handles(viewer, case) else await live_access(session, viewer, case, clock.now)
    await record_reading(session, viewer, case, special.reason if special else None)
    return OpenedCase(
        case=case,
        subject=subject,
        actor=actor,
        run=run,
        contact=contact,
        bookings=await _bookings(session, case_id),
        events=await _events(session, case_id),
        need_assessments=await _need_assessments(session, case_id),
        helpers=await _helpers(session, subject, clock.today),
        needs=await needs_of(session, case.subject_id),
        special=special,
    )


async def record_reading(session: AsyncSession, viewer: Viewer, case: Case, reason: str | None = None) -> None:
    """Audit that the viewer has read the case, as its handler or for a special reason."""
    await trail.record(
        session,
        await read_clock(session),
        viewer,
        "read",
        ("case", case.id),
        subject_id=case.subject_id,
        register=case.register,
        service_task=case.service_task,
        purpose=SPECIAL if reason else HANDLING,
        reason=reason,
    )


def handled_by(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of the viewer's units, in the registers of their roles and in their service tasks: a care or customer
    relation. It says the same as the row-level policy (migration 0007) without special access, and stands beside it."""
    return Case.unit_code.in_(viewer.units) & _within(viewer)


def _within(viewer: Viewer) -> ColumnElement[bool]:
    """No reason opens a case of another register or of another service task."""
    task = or_(Case.service_task.is_(None), Case.service_task.in_(viewer.tasks))
    return and_(Case.register.in_(registers_of(viewer.roles)), task)


def _handles(viewer: Viewer, case: Case) -> bool:
    """`handled_by` for a case at hand, whose register and task the database has asked for already."""
    return case.unit_code in viewer.units


async def _find(
    session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, now: datetime
) -> Row[Case, Person | None, Person | None, ContactRequest | None, AssessmentRun | None] | None:
    actor = aliased(Person)
    query = (
        select(Case, Person, actor, ContactRequest, AssessmentRun)
        .outerjoin(Person, Person.id == Case.subject_id)
        .outerjoin(actor, (actor.id == Case.actor_id) & Case.actor_id.is_distinct_from(Case.subject_id))
        .outerjoin(ContactRequest, ContactRequest.case_id == Case.id)
        .outerjoin(AssessmentRun, AssessmentRun.case_id == Case.id)
        .where(Case.id == case_id, or_(handled_by(viewer), _within(viewer) & opened_by_reason(viewer, now)))
        .order_by(AssessmentRun.finished_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).one_or_none()


async def _helpers(session: AsyncSession, subject: Person | None, today: date) -> Sequence[Helper]:
    """Only those who help today: who has helped before is none of this case's business."""
    found = await helpers_of(session, subject, today) if subject else []
    return [helper for helper in found if helper.state == "now"]


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
