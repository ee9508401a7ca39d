"""Rooms of video visits: opened when the time is booked, closed when it is cancelled. One lane: the appointment's."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.video.port import RoomDiffers, RoomGone, VideoVisit
from app.models import Appointment, Delivery, VideoRoom
from app.services.clock import read_clock
from app.services.delivery_kind import Carrier, NotSendable, PlainKind, Receipt
from app.services.identity_vault import IdentityVault

SYSTEM = "video"


class OpenRoom(PlainKind):
    """The room of a booked visit; its key is the appointment's id."""

    system = SYSTEM
    name = "video_room"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> VideoVisit | None:  # noqa: ARG002
        query = select(Appointment).where(Appointment.id == delivery.about_id, Appointment.status == "booked")
        appointment = await session.scalar(query)
        if appointment is None:
            return None
        starts_at, ends_at = appointment.during.lower, appointment.during.upper
        assert starts_at is not None  # noqa: S101 - appointments are always bounded
        assert ends_at is not None  # noqa: S101
        return VideoVisit(str(appointment.id), starts_at, ends_at)

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
    """The links of a cancelled visit work no more."""

    system = SYSTEM
    name = "video_room_close"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> str | None:  # noqa: ARG002
        return await session.scalar(select(VideoRoom.room_id).where(VideoRoom.appointment_id == delivery.about_id))

    async def send(self, carrier: Carrier, prepared: str) -> Receipt:
        await carrier.ports.video.close_room(prepared)
        return Receipt(prepared)

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        room = await session.get_one(VideoRoom, delivery.about_id)
        room.closed_at = (await read_clock(session)).now
