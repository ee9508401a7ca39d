"""Bookings in somebody else's booking system, as sagas: each step is a transaction of its own.

    request_booking        commit *requested*, with the identifier by which the other side will know it
    carry_out              book there; tried at once by the page, else by the worker
    Booked | refused       commit what came of it

The identifier decides everything that is unclear: a repeat is the same booking, and a worker that finds one of unknown
outcome asks by it first. A resident who was told nothing within `PATIENCE` has found another way by then: a booking
that was not made until then is not made any more.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.booking.port import BookingPatient, FreeSlot
from app.models import Delivery, ExternalBooking, Person
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.queue import want_delivery
from app.services.errors import BookingRefused, NotFound, TooLate
from app.services.identity.finnish_code import finnish_code, has_finnish_code
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

SYSTEM = "booking"
PATIENCE = timedelta(minutes=15)
FIRST_TRY = timedelta(minutes=1)


@dataclass(frozen=True)
class WantedBooking:
    """All that booking needs; `asked_before`: an earlier attempt may have booked it already. `in_time`: the resident
    still waits for it."""

    id: uuid.UUID
    slot: FreeSlot
    patient: BookingPatient
    asked_before: bool
    in_time: bool


async def request_booking(session: AsyncSession, viewer: Viewer, slot: FreeSlot) -> Delivery:
    """Write down that the viewer wants `slot`; the delivery books it. Commit before carrying it out.

    Raises BookingRefused for somebody without a Finnish identity code, whom the other system can't know.
    """
    if viewer.subject_id is None:
        raise NotFound
    if not has_finnish_code(await session.get_one(Person, viewer.subject_id)):
        raise BookingRefused(slot.service, "no_finnish_code")
    clock = await read_clock(session)
    booking = ExternalBooking(
        id=uuid.uuid4(),
        person_id=viewer.subject_id,
        service=slot.service,
        slot_id=slot.id,
        during=Range(slot.start, slot.end),
    )
    session.add(booking)
    await session.flush()
    await trail.record(
        session, clock, viewer, "request", ("external_booking", booking.id), subject_id=viewer.subject_id
    )
    return await want_delivery(session, SYSTEM, "external_booking", booking.id)


async def cancel_booking(session: AsyncSession, viewer: Viewer, booking_id: uuid.UUID) -> Delivery | None:
    """Ask for the cancelling of the viewer's own booking; None where it is cancelled or on its way there already.

    Raises NotFound for anybody else's or one that was never booked, TooLate for one that has begun.
    """
    clock = await read_clock(session)
    booking = await find_booking(session, viewer, booking_id, lock=True)
    if booking.state in {"cancelling", "cancelled"}:
        return None
    if booking.state == "refused":
        raise NotFound
    if _start(booking) <= clock.now:
        raise TooLate
    booking.state = "cancelling"
    await session.flush()
    await trail.record(session, clock, viewer, "cancel", ("external_booking", booking.id), subject_id=viewer.subject_id)
    return await want_delivery(session, SYSTEM, "external_booking_cancel", booking.id)


async def find_booking(
    session: AsyncSession, viewer: Viewer, booking_id: uuid.UUID, *, lock: bool = False
) -> ExternalBooking:
    """The viewer's own booking. Raises NotFound for anybody else's."""
    query = select(ExternalBooking).where(
        ExternalBooking.id == booking_id, ExternalBooking.person_id == viewer.subject_id
    )
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


async def wanted_booking(session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> WantedBooking | None:
    """What is to be booked; None where it is settled, or was cancelled before it was ever asked for."""
    booking = await session.get_one(ExternalBooking, delivery.about_id)
    person = await session.get_one(Person, booking.person_id)
    settled = booking.state in {"booked", "refused", "cancelled"}
    clock = await read_clock(session)
    # An operator's "send again" counts attempts anew, so the time that has passed says it too.
    asked_before = delivery.attempts > 1 or clock.now > booking.created_at + FIRST_TRY
    never_asked = booking.state == "cancelling" and not asked_before
    code = finnish_code(person, vault)
    if settled or never_asked or code is None:
        return None
    start, end = booking.during.lower, booking.during.upper
    assert start is not None  # noqa: S101 - bookings are always bounded
    assert end is not None  # noqa: S101
    return WantedBooking(
        id=booking.id,
        slot=FreeSlot(booking.slot_id, start, end, booking.service),
        patient=BookingPatient(code, person.name),
        asked_before=asked_before,
        in_time=booking.state == "requested" and clock.now < booking.created_at + PATIENCE,
    )


async def note_booked(session: AsyncSession, booking_id: uuid.UUID, receiver_id: str, version: str) -> None:
    """The other side has it."""
    booking = await session.get_one(ExternalBooking, booking_id, with_for_update=True)
    booking.receiver_id, booking.receiver_version = receiver_id, version
    if booking.state == "requested":
        booking.state, booking.settled_at = "booked", (await read_clock(session)).now


async def note_refused(session: AsyncSession, booking_id: uuid.UUID, reason: str) -> None:
    """It will never be booked; `reason` is the port's word for why."""
    booking = await session.get_one(ExternalBooking, booking_id, with_for_update=True)
    if booking.state in {"requested", "cancelling"}:
        booking.state = "refused" if booking.state == "requested" else "cancelled"
        booking.reason, booking.settled_at = reason, (await read_clock(session)).now


async def note_cancelled(session: AsyncSession, booking_id: uuid.UUID) -> None:
    """It stands no more at the other side."""
    booking = await session.get_one(ExternalBooking, booking_id, with_for_update=True)
    booking.state, booking.settled_at = "cancelled", (await read_clock(session)).now


def _start(booking: ExternalBooking) -> datetime:
    start = booking.during.lower
    assert start is not None  # noqa: S101 - bookings are always bounded
    return start
