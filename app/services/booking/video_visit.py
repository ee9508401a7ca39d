"""The way into a booked video visit: one link for each side, around the visit only.

A link opens the room to whoever holds it, so it is taken out of its envelope only for the page of the side that it
belongs to.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Appointment, VideoRoom
from app.services.booking.own_appointment import Booking
from app.services.cases.queue import OpenedCase
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault

Phase = Literal["early", "open", "waiting"]
WAY = "video"
# Said while there is no room that would tell it; the video client's own setting is the same (a test compares them).
OPENS_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True)
class VideoDoor:
    """One side's way in, for a page.

    early: the link comes at `opens_at` · open: here it is · waiting: it is time, and the room has not been opened yet.
    """

    phase: Phase
    starts_at: datetime
    opens_at: datetime
    link: str = field(default="", repr=False)

    @property
    def minutes_before(self) -> int:
        """How long before the visit the link comes, in minutes."""
        return round((self.starts_at - self.opens_at) / timedelta(minutes=1))


async def resident_door(session: AsyncSession, booking: Booking, vault: IdentityVault) -> VideoDoor | None:
    """The resident's way into their own booked visit; None where it is no video visit, cancelled or over."""
    if booking.service.way != WAY:
        return None
    appointment = booking.appointment
    room = await session.get(VideoRoom, appointment.id)
    sealed = room.resident_link_sealed if room else None
    return _door(appointment, room, sealed, (await read_clock(session)).now, vault)


async def professional_doors(
    session: AsyncSession, opened: OpenedCase, vault: IdentityVault
) -> Mapping[uuid.UUID, VideoDoor]:
    """The professional's ways into the visits booked in a case, by appointment. Only who handles the case has it
    opened (`open_case`)."""
    visits = [appointment for appointment, service, _place in opened.bookings if service.way == WAY]
    rooms = await _rooms(session, [visit.id for visit in visits])
    now = (await read_clock(session)).now
    doors = {}
    for visit in visits:
        room = rooms.get(visit.id)
        door = _door(visit, room, room.professional_link_sealed if room else None, now, vault)
        if door is not None:
            doors[visit.id] = door
    return doors


async def _rooms(session: AsyncSession, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, VideoRoom]:
    found = await session.scalars(select(VideoRoom).where(VideoRoom.appointment_id.in_(list(ids))))
    return {room.appointment_id: room for room in found}


def _door(
    appointment: Appointment, room: VideoRoom | None, sealed: bytes | None, now: datetime, vault: IdentityVault
) -> VideoDoor | None:
    starts_at, ends_at = appointment.during.lower, appointment.during.upper
    assert starts_at is not None  # noqa: S101 - appointments are always bounded
    assert ends_at is not None  # noqa: S101
    if appointment.status != "booked":
        return None
    if room is None or room.closed_at is not None or sealed is None:
        opens_at = starts_at - OPENS_BEFORE
        phase: Phase = "early" if now < opens_at else "waiting"
        return VideoDoor(phase, starts_at, opens_at) if now < ends_at else None
    if now < room.valid_from:
        return VideoDoor("early", starts_at, room.valid_from)
    if now < room.valid_until:
        return VideoDoor("open", starts_at, room.valid_from, vault.open_bytes(sealed).decode())
    return None
