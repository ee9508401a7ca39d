"""Make a held time a booked one, and tell everybody who needs to know, in one transaction."""

import uuid

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Allocation, AppointmentEvent, AssessmentRun
from app.services import audit, outbox
from app.services.cases import add_event, case_of_run
from app.services.clock import read_clock
from app.services.errors import HoldLost
from app.services.notices import add_notice
from app.services.own_appointment import Booking, find_own
from app.services.sessions import Viewer


async def confirm_appointment(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID) -> Booking:
    """Book the held time. Confirming twice, or in two browsers at once, makes one booking and one notice; one that
    has been cancelled in the meantime stays cancelled.

    A hold that has run out while nobody else took the time is still booked: the constraint has kept it. Raises
    NotFound, or HoldLost where the time went to somebody else or has begun (the router then tries the same time
    again).
    """
    clock = await read_clock(session)
    booking = await find_own(session, viewer, appointment_id, lock=True)
    appointment = booking.appointment
    if appointment.status in {"booked", "cancelled"}:
        return booking
    if appointment.status != "held" or booking.start <= clock.now:
        raise HoldLost(appointment.id)
    appointment.status, appointment.booked_at = "booked", clock.now
    await session.flush()
    await session.execute(
        update(Allocation).where(Allocation.appointment_id == appointment.id).values(state="booked", held_until=None)
    )
    session.add(
        AppointmentEvent(
            appointment_id=appointment.id, at=clock.now, event="booked", by_kind="resident", by_id=viewer.person_id
        )
    )
    await _join_case(session, viewer, booking)
    notice = await add_notice(session, appointment, "appointment_booked")
    await outbox.defer(session, "send_notice", notice_id=notice.id)
    target = ("appointment", appointment.id)
    register = booking.service.register
    await audit.record(session, clock, viewer, "book", target, subject_id=appointment.subject_id, register=register)
    return booking


async def _join_case(session: AsyncSession, viewer: Viewer, booking: Booking) -> None:
    """A booking that an assessment led to belongs to the assessment's case, so that the nurse sees both."""
    if booking.appointment.assessment_run_id is None:
        return
    run = await session.get_one(AssessmentRun, booking.appointment.assessment_run_id)
    case = await case_of_run(session, viewer, run)
    booking.appointment.case_id = case.id
    clock = await read_clock(session)
    await add_event(session, clock, case.id, "booked", viewer, service=booking.service.code)
