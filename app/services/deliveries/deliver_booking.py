"""External bookings on their way; the saga is told in services/booking/external.py."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.booking.port import (
    AlreadyChanged,
    Booked,
    BookingInvalid,
    Cancelled,
    Held,
    IdentifierUsed,
    SlotGone,
)
from app.models import Delivery, ExternalBooking
from app.services.booking.external import (
    SYSTEM,
    WantedBooking,
    note_booked,
    note_cancelled,
    note_refused,
    wanted_booking,
)
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt, Refusal
from app.services.identity.vault import IdentityVault

TOO_LATE = "nobody waits for it any more"


class BookElsewhere(PlainKind):
    """A booking; its key is the identifier chosen before the first call."""

    system = SYSTEM
    name = "external_booking"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> WantedBooking | None:
        return await wanted_booking(session, delivery, vault)

    async def send(self, carrier: Carrier, prepared: WantedBooking) -> Receipt:
        known = await carrier.ports.booking.find_by_identifier(prepared.id) if prepared.asked_before else None
        if isinstance(known, Booked):
            return Receipt(known.id, known.version)
        if isinstance(known, Cancelled):
            raise NotSendable("was cancelled there")
        if not prepared.in_time:
            await _forestall(carrier, prepared, known)
            raise NotSendable(TOO_LATE)
        made = await carrier.ports.booking.book(prepared.slot, prepared.patient, prepared.id)
        return Receipt(made.id, made.version)

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        await note_booked(session, delivery.about_id, receipt.id, receipt.version)

    async def failed(self, session: AsyncSession, delivery: Delivery, refusal: Refusal) -> str:
        """The resident is told and chooses another time; operators only see what is a fault of somebody's."""
        await note_refused(session, delivery.about_id, type(refusal).__name__)
        return "refused" if isinstance(refusal, IdentifierUsed) else "dropped"

    async def dropped(self, session: AsyncSession, delivery: Delivery) -> None:
        """An operator has settled it: for the resident it was not booked."""
        await note_refused(session, delivery.about_id, "settled")


async def _forestall(carrier: Carrier, wanted: WantedBooking, known: Held | None) -> None:
    """Nobody waits for it any more, but a call of ours may still be on its way there. The identifier is used up by a
    hold that is let go at once: whatever arrives late by it is refused."""
    booking = carrier.ports.booking
    if known is None and wanted.asked_before:
        try:
            known = await booking.hold(wanted.slot, wanted.id)
        except (SlotGone, BookingInvalid, IdentifierUsed):
            return  # a late arrival would be refused for the same reason
    if known is not None:
        await booking.cancel(known.id, known.version, "patient")


class CancelElsewhere(PlainKind):
    """A cancelling; what the other side never heard of needs none."""

    system = SYSTEM
    name = "external_booking_cancel"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> uuid.UUID | None:  # noqa: ARG002
        booking = await session.get_one(ExternalBooking, delivery.about_id)
        return booking.id if booking.state == "cancelling" else None

    async def send(self, carrier: Carrier, prepared: uuid.UUID) -> Receipt:
        booking = carrier.ports.booking
        for _ in range(2):  # once more where somebody changed it between the two calls
            known = await booking.find_by_identifier(prepared)
            if known is None or isinstance(known, Cancelled):
                return Receipt("")
            try:
                gone = await booking.cancel(known.id, known.version, "patient")
            except AlreadyChanged:
                continue
            return Receipt(gone.id, gone.version)
        raise NotSendable("changes all the time there")

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        await note_cancelled(session, delivery.about_id)

    async def dropped(self, session: AsyncSession, delivery: Delivery) -> None:
        """An operator says that it is settled: it stands no more."""
        await note_cancelled(session, delivery.about_id)
