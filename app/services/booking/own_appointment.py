"""A resident's own held or booked time: find it, fill it in, keep it longer, leave it, cancel it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.booking import extended
from app.domain.clock import Clock
from app.models import (
    Allocation,
    Appointment,
    AppointmentEvent,
    BookableService,
    Person,
    Professional,
    ServiceLocation,
)
from app.services.audit import trail
from app.services.booking.tell_appointment import tell_cancelled
from app.services.clock import read_clock
from app.services.errors import AlreadySettled, NotFound, TooLate
from app.services.forms.form_tasks import cancel_for_visit
from app.services.viewer import Viewer


@dataclass(frozen=True)
class Booking:
    """An appointment with what a page tells of it.

    `allocation`: its range of the professional's time, None once that is free again or somebody else's. `whereabouts`:
    False where the reader must not learn where, with whom or in which room the person will be.
    """

    appointment: Appointment
    service: BookableService
    location: ServiceLocation
    professional: Professional
    allocation: Allocation | None
    whereabouts: bool = True

    @property
    def is_held(self) -> bool:
        """True while the time is held, also after the hold has run out, as long as nobody else has taken it."""
        return self.appointment.status == "held" and self.allocation is not None

    @property
    def start(self) -> datetime:
        return _bound(self.appointment.during.lower)

    @property
    def end(self) -> datetime:
        return _bound(self.appointment.during.upper)

    def can_cancel(self, clock: Clock) -> bool:
        """True until the service's cancelling limit before the start."""
        return clock.now <= self.start - timedelta(hours=self.service.cancel_limit_hours)


def _bound(value: datetime | None) -> datetime:
    assert value is not None  # noqa: S101 - appointments are always bounded
    return value


def _bookings() -> Select[Appointment, BookableService, ServiceLocation, Professional, Allocation]:
    taken = (Allocation.appointment_id == Appointment.id) & Allocation.state.in_(("held", "booked"))
    return (
        select(Appointment, BookableService, ServiceLocation, Professional, Allocation)
        .join(BookableService, BookableService.code == Appointment.service_code)
        .join(ServiceLocation, ServiceLocation.id == Appointment.location_id)
        .join(Professional, Professional.id == Appointment.professional_id)
        .outerjoin(Allocation, taken)
    )


async def find_own(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID, *, lock: bool = False) -> Booking:
    """The viewer's own appointment. Raises NotFound for anybody else's, as if there were none."""
    query = _bookings().where(Appointment.id == appointment_id, Appointment.subject_id == viewer.subject_id)
    if lock:
        query = query.with_for_update(of=Appointment)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    return Booking(*row, whereabouts=await _may_know(session, viewer, row[0]))


async def fill_in_details(
    session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID, note: str, phone: str
) -> None:
    """Keep what the resident wants the professional to know, and the number they can be reached at; a lost hold
    keeps them too. Whoever fills in is the one who acts from here on: the number and the words are theirs, not those
    of the one who took the time.

    Raises AlreadySettled where the time has been booked or cancelled: the professional may have read what was written
    then.
    """
    booking = await find_own(session, viewer, appointment_id, lock=True)
    appointment = booking.appointment
    if appointment.status in {"booked", "cancelled"}:
        raise AlreadySettled
    if viewer.person_id is not None and appointment.actor_id != viewer.person_id:
        appointment.actor_id, appointment.basis = viewer.person_id, viewer.basis
        clock = await read_clock(session)
        session.add(_event(appointment, clock, viewer, "taken_over", "details filled in by another"))
    appointment.note, appointment.phone = note, phone
    await session.flush()


async def extend_hold(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID) -> Booking:
    """Ten more minutes, 30 in all. A hold that has run out and is still there is taken up again."""
    clock = await read_clock(session)
    booking = await find_own(session, viewer, appointment_id, lock=True)
    appointment = booking.appointment
    if not booking.is_held:
        return booking
    until = max(appointment.held_until, extended(appointment.held_at, clock))
    if await _still_held(session, appointment, held_until=until):
        appointment.held_until = until
        await session.flush()
    return booking


async def _still_held(session: AsyncSession, appointment: Appointment, **values: object) -> bool:
    """Change the held range of time; False where it is lost meanwhile to somebody who took it after it ran out."""
    held = update(Allocation).where(Allocation.appointment_id == appointment.id, Allocation.state == "held")
    changed = await session.execute(held.values(**values).returning(Allocation.id))
    return changed.one_or_none() is not None


async def book_range(session: AsyncSession, appointment: Appointment) -> bool:
    """The held range of time becomes a booked one; False where it is lost."""
    return await _still_held(session, appointment, state="booked", held_until=None)


async def release_hold(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID) -> Booking:
    """Leave a held time: it is free for others at once."""
    clock = await read_clock(session)
    booking = await find_own(session, viewer, appointment_id, lock=True)
    if booking.appointment.status == "held":
        await _end(session, clock, viewer, booking, "released", "left by the resident")
    return booking


async def cancel_appointment(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID) -> Booking:
    """Cancel a booked time; it is free at once and a notice tells so. Doing it twice changes nothing.

    Raises NotFound, and TooLate after the service's cancelling limit.
    """
    clock = await read_clock(session)
    booking = await find_own(session, viewer, appointment_id, lock=True)
    if booking.appointment.status == "cancelled":
        return booking
    if booking.appointment.status != "booked":
        raise NotFound
    if not booking.can_cancel(clock):
        raise TooLate
    await _end(session, clock, viewer, booking, "cancelled", "cancelled by the resident")
    booking.appointment.sequence += 1
    await cancel_for_visit(session, booking.appointment.id)
    await tell_cancelled(session, booking.appointment, booking.service, viewer)
    return booking


async def _end(session: AsyncSession, clock: Clock, viewer: Viewer, booking: Booking, status: str, why: str) -> None:
    appointment = booking.appointment
    appointment.status = status
    await session.execute(
        update(Allocation).where(Allocation.appointment_id == appointment.id).values(state="released")
    )
    session.add(_event(appointment, clock, viewer, status, why))
    target = ("appointment", appointment.id)
    register = booking.service.register
    await trail.record(session, clock, viewer, status, target, subject_id=appointment.subject_id, register=register)


def _event(appointment: Appointment, clock: Clock, viewer: Viewer, event: str, why: str) -> AppointmentEvent:
    by = {"by_kind": "resident", "by_id": viewer.person_id}
    return AppointmentEvent(appointment_id=appointment.id, at=clock.now, event=event, why=why, **by)


async def hides_whereabouts(session: AsyncSession, booking: Booking) -> bool:
    """True where the person is under non-disclosure (turvakielto): the place must not leak from a calendar."""
    person = await session.get_one(Person, booking.appointment.subject_id)
    return person.non_disclosure


async def list_own(session: AsyncSession, viewer: Viewer) -> list[Booking]:
    """The viewer's booked and cancelled times, the latest first."""
    settled = Appointment.status.in_(("booked", "cancelled"))
    query = _bookings().where(Appointment.subject_id == viewer.subject_id, settled).order_by(Appointment.during)
    rows = (await session.execute(query.limit(100))).all()
    return [Booking(*row, whereabouts=await _may_know(session, viewer, row[0])) for row in rows]


async def _may_know(session: AsyncSession, viewer: Viewer, appointment: Appointment) -> bool:
    """Under non-disclosure (turvakielto) whoever acts for the person knows only of the places that they chose."""
    if viewer.acting is None or appointment.actor_id == viewer.person_id:
        return True
    subject = await session.get_one(Person, appointment.subject_id)
    return not subject.non_disclosure
