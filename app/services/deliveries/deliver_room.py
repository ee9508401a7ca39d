"""Rooms of video visits: opened when the time is booked, closed when it is cancelled. One lane: the appointment's."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.video.port import RoomDiffers, RoomGone, VideoVisit
from app.models import Appointment, Delivery, VideoRoom
from app.services.clock import read_clock
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt
from app.services.deliveries.queue import was_tried
from app.services.identity.vault import IdentityVault

SYSTEM = "video"


class OpenRoom(PlainKind):
    """The room of a booked visit; its key is the appointment's id."""

    system = SYSTEM
    name = "video_room"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> VideoVisit | None:  # noqa: ARG002
        query = select(Appointment).where(Appointment.id == delivery.about_id, Appointment.status == "booked")
        appointment = await session.scalar(query)
        return _visit_of(appointment) if appointment is not None else None

    async def send(self, carrier: Carrier, prepared: VideoVisit) -> Receipt:
        try:
            room = await carrier.ports.video.open_room(prepared)
        except (RoomDiffers, RoomGone) as error:
            raise NotSendable(error.reason) from error
        return Receipt(room.id, kept=room)

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:
        room = receipt.kept
        values = {
            "room_id": room.id,
            "resident_link_sealed": vault.seal_bytes(room.resident_link.encode()),
            "professional_link_sealed": vault.seal_bytes(room.professional_link.encode()),
            "valid_from": room.valid_from,
            "valid_until": room.valid_until,
            "closed_at": None,
        }
        statement = insert(VideoRoom).values(appointment_id=delivery.about_id, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["appointment_id"], set_=values))


class CloseRoom(PlainKind):
    """The links of a cancelled visit work no more.

    Where an opening was tried and its answer never came, the room may be there all the same: it is opened by its key,
    which gives the one that is there, and closed.
    """

    system = SYSTEM
    name = "video_room_close"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> str | VideoVisit | None:  # noqa: ARG002
        known = await session.scalar(select(VideoRoom.room_id).where(VideoRoom.appointment_id == delivery.about_id))
        if known is not None or not await was_tried(session, delivery.about_id, OpenRoom.name):
            return known
        return _visit_of(await session.get_one(Appointment, delivery.about_id))

    async def send(self, carrier: Carrier, prepared: str | VideoVisit) -> Receipt:
        video = carrier.ports.video
        try:
            room_id = prepared if isinstance(prepared, str) else (await video.open_room(prepared)).id
        except RoomGone:
            return Receipt("")
        await video.close_room(room_id)
        return Receipt(room_id)

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        room = await session.get(VideoRoom, delivery.about_id)
        if room is not None:
            room.closed_at = (await read_clock(session)).now


def _visit_of(appointment: Appointment) -> VideoVisit:
    starts_at, ends_at = appointment.during.lower, appointment.during.upper
    assert starts_at is not None  # noqa: S101 - appointments are always bounded
    assert ends_at is not None  # noqa: S101
    return VideoVisit(str(appointment.id), starts_at, ends_at)
