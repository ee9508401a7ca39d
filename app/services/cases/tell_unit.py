"""Tell a unit that something about a person's appointment needs somebody: by an event in its case."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.urgency import Urgency
from app.models import Appointment, BookableService, Case
from app.services.cases.arrivals import add_event, new_reference, raise_urgency
from app.services.county_rules import contact_topics, time_limits
from app.services.viewer import Viewer


async def tell_unit(session: AsyncSession, clock: Clock, staff: Viewer, appointment: Appointment, event: str) -> None:
    """Add `event` to the appointment's open case, so that it is looked at today; opens one where there is none."""
    case = await session.get(Case, appointment.case_id) if appointment.case_id else None
    if case is None or case.state != "open":
        case = await _open_case(session, clock, appointment)
        await add_event(session, clock, case.id, "arrived", staff, kind=case.kind)
    await raise_urgency(session, case, Urgency.SAME_DAY)
    await add_event(session, clock, case.id, event, staff, appointment=str(appointment.id))


async def tell_open_cases(session: AsyncSession, clock: Clock, staff: Viewer, person_id: uuid.UUID, event: str) -> None:
    """Add `event` to all open cases of the person."""
    query = select(Case.id).where(Case.subject_id == person_id, Case.state == "open")
    for case_id in (await session.scalars(query.order_by(Case.id))).all():
        await add_event(session, clock, case_id, event, staff)


async def _open_case(session: AsyncSession, clock: Clock, appointment: Appointment) -> Case:
    """A chore of staff, not a matter that the person has brought: no statutory limit runs on it."""
    service = await session.get_one(BookableService, appointment.service_code)
    urgency = Urgency.SAME_DAY
    case = Case(
        id=uuid.uuid4(),
        reference=new_reference(),
        subject_id=appointment.subject_id,
        actor_id=appointment.subject_id,
        register=appointment.register,
        unit_code=next(topic.unit for topic in contact_topics() if topic.register == appointment.register),
        kind="booking",
        titles=service.names,
        language=appointment.language,
        urgency=urgency,
        urgency_rank=urgency.rank,
        arrived_at=clock.now,
        due_at=time_limits().answer_due(clock.now, urgency),
    )
    session.add(case)
    await session.flush()
    appointment.case_id = case.id
    await session.flush()
    return case
