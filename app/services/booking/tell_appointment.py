"""What is told to the outside when a time is booked or cancelled; in the transaction that books or cancels it."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Appointment, BookableService
from app.services.deliveries.deliver_appointment import is_told_to_kanta
from app.services.deliveries.queue import want_delivery
from app.services.reaching.notices import add_notices
from app.services.viewer import Viewer


async def tell_booked(
    session: AsyncSession, appointment: Appointment, service: BookableService, viewer: Viewer | None = None
) -> None:
    """A notice to the resident and to the viewer who books it for them (None: nobody does), the time to Kanta, and for
    a video visit its room."""
    await add_notices(session, appointment, "appointment_booked", viewer)
    if is_told_to_kanta(service):
        await want_delivery(session, "kanta-appointments", "appointment_register", appointment.id)
    if service.way == "video":
        await want_delivery(session, "video", "video_room", appointment.id)


async def tell_cancelled(
    session: AsyncSession, appointment: Appointment, service: BookableService, viewer: Viewer | None = None
) -> None:
    """The same ways, in the same lanes: what was booked arrives there first."""
    await add_notices(session, appointment, "appointment_cancelled", viewer)
    if is_told_to_kanta(service):
        await want_delivery(session, "kanta-appointments", "appointment_cancel", appointment.id)
    if service.way == "video":
        await want_delivery(session, "video", "video_room_close", appointment.id)
