"""The port of video visits.

A link is the key to the room: whoever has it gets in. So it is shown only to the signed-in side that it belongs to,
never sent in a text message or e-mail, and never logged.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.domain.text import LANGUAGES, Language
from app.integrations.http import Rejected, Unavailable

__all__ = ["Rejected", "Room", "RoomDiffers", "RoomGone", "Unavailable", "Video", "VideoVisit"]


class RoomDiffers(Rejected):
    """The booking has a room for another time or in other languages: it was moved meanwhile. Use `change_room`."""


class RoomGone(Rejected):
    """There is no such room, or it has been closed: a new visit needs a new booking identifier."""


@dataclass(frozen=True)
class VideoVisit:
    """A booked visit by video. `booking_identifier` is the key by which a repeated opening is the same room.

    Neither names, place nor the matter are told: a room must not reveal who meets whom about what, or where.
    """

    booking_identifier: str
    starts_at: datetime
    ends_at: datetime
    languages: tuple[Language, ...] = LANGUAGES


@dataclass(frozen=True)
class Room:
    """A room that works from `valid_from` until `valid_until` (UTC), which reach a little beyond the visit."""

    id: str
    resident_link: str = field(repr=False)
    professional_link: str = field(repr=False)
    valid_from: datetime
    valid_until: datetime


class Video(Protocol):
    """Opens rooms for booked visits."""

    async def open_room(self, visit: VideoVisit) -> Room:
        """The room of the booking, opened now or earlier. Raises RoomDiffers, RoomGone, Rejected, Unavailable."""

    async def change_room(self, room_id: str, visit: VideoVisit) -> Room:
        """The same room and links at the visit's new time. Raises RoomGone, Rejected, Unavailable."""

    async def close_room(self, room_id: str) -> None:
        """The links work no more. Closing again, or what never was, is success. Raises Rejected, Unavailable."""
