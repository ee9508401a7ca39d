"""Make a held time a booked one, and tell everybody who needs to know, in one transaction."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import as_language
from app.domain.urgency import Urgency
from app.models import AppointmentEvent, AssessmentRun, Case
from app.services.audit import trail
from app.services.booking.own_appointment import Booking, book_range, find_own
from app.services.booking.tell_appointment import tell_booked
from app.services.cases.arrivals import add_event, case_of_run, open_booking_case, raise_urgency
from app.services.clock import read_clock
from app.services.county_rules import alarm_words
from app.services.errors import HoldLost, NoRight
from app.services.forms.form_tasks import ask_for_visit
from app.services.viewer import Viewer


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
    if not booking.is_held or booking.start <= clock.now or not await book_range(session, appointment):
        raise HoldLost(appointment.id)
    appointment.status, appointment.booked_at = "booked", clock.now
    await session.flush()
    session.add(
        AppointmentEvent(
            appointment_id=appointment.id, at=clock.now, event="booked", by_kind="resident", by_id=viewer.person_id
        )
    )
    await _join_case(session, viewer, booking)
    await ask_for_visit(session, viewer, appointment, booking.service.forms)
    await tell_booked(session, appointment, booking.service, viewer)
    target = ("appointment", appointment.id)
    register = booking.service.register
    await trail.record(session, clock, viewer, "book", target, subject_id=appointment.subject_id, register=register)
    return booking


async def _join_case(session: AsyncSession, viewer: Viewer, booking: Booking) -> None:
    """A booking that an assessment led to belongs to the assessment's case, so that the nurse sees both.

    Alarming words in the note make the case immediate; where there is none, they open one: nobody reads a note
    before the visit.
    """
    case = await _case_of(session, viewer, booking)
    if case is None:
        return
    if _is_alarming(booking):
        await raise_urgency(session, case, Urgency.IMMEDIATE)
    booking.appointment.case_id = case.id
    clock = await read_clock(session)
    await add_event(session, clock, case.id, "booked", viewer, service=booking.service.code)


async def _case_of(session: AsyncSession, viewer: Viewer, booking: Booking) -> Case | None:
    appointment, service = booking.appointment, booking.service
    run_id = appointment.assessment_run_id
    run = await session.get_one(AssessmentRun, run_id) if run_id else None
    if run is not None and run.case_id and await session.get(Case, run.case_id) is None:
        raise NoRight  # a professional has closed the case for whoever acts here
    if run is not None and (run.case_id or run.result):  # without a result its answers are being changed just now
        return await case_of_run(session, viewer, run)
    if _is_alarming(booking):
        language = as_language(appointment.language)
        return await open_booking_case(session, viewer, service.names, service.register, language)
    return None


def _is_alarming(booking: Booking) -> bool:
    return alarm_words().alarm_in(booking.appointment.note) is not None
