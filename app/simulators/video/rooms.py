"""Rooms: one for each booking, two unguessable links, open only around the visit."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from app.domain.text import Language
from app.simulators.json_api import Refused
from app.simulators.store import Store

Side = Literal["resident", "professional"]
Phase = Literal["early", "open", "over", "closed"]
_LINK_BYTES = 32
_ROOM, _BOOKING, _LINK, _PRESENT = "video/room", "video/booking", "video/link", "video/present"


@dataclass(frozen=True)
class Times:
    """When the visit is, when its links work, and in which languages its pages are; instants in ISO 8601."""

    starts_at: str
    ends_at: str
    valid_from: str
    valid_until: str
    languages: tuple[Language, ...]


@dataclass(frozen=True)
class Room:
    """`opened` is what the room was opened for: a repeated opening is compared with it, also after a change."""

    id: str
    booking: str
    tokens: dict[Side, str]
    opened: Times
    times: Times
    closed: bool = False

    def phase(self, now: datetime) -> Phase:
        if self.closed:
            return "closed"
        if now < datetime.fromisoformat(self.times.valid_from):
            return "early"
        return "open" if now < datetime.fromisoformat(self.times.valid_until) else "over"


class Rooms:
    """Everything is kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, booking: str, times: Times) -> tuple[Room, bool]:
        """The booking's room, and whether it is new. Raises Refused: 409 other content, 410 closed."""
        sides: tuple[Side, ...] = ("resident", "professional")
        tokens = {side: secrets.token_urlsafe(_LINK_BYTES) for side in sides}
        room = Room(str(uuid4()), booking, tokens, opened=times, times=times)
        self._keep(room)
        if self._store.add(_BOOKING, booking, room.id) is None:
            self._store.take(_ROOM, room.id)
            return self._earlier(booking, times), False
        for side, token in tokens.items():
            self._store.add(_LINK, token, {"room": room.id, "side": side})
        return room, True

    def change(self, room_id: str, times: Times) -> Room:
        """The room at another time. Raises Refused: 404, 410."""
        room = self.find(room_id)
        if room is None:
            raise Refused(404, "unknown_room", "no such room")
        if room.closed:
            raise Refused(410, "closed", "the room has been closed")
        changed = replace(room, times=times)
        self._keep(changed)
        return changed

    def close(self, room_id: str) -> None:
        """Raises Refused: 404. Closing a closed room changes nothing."""
        room = self.find(room_id)
        if room is None:
            raise Refused(404, "unknown_room", "no such room")
        self._keep(replace(room, closed=True))

    def find(self, room_id: str) -> Room | None:
        kept = self._store.get(_ROOM, room_id)
        return _room(kept) if kept else None

    def by_link(self, token: str) -> tuple[Room, Side] | None:
        """The room that a link leads to, and the side that it is for."""
        link = self._store.get(_LINK, token)
        room = self.find(link["room"]) if link else None
        return (room, link["side"]) if link and room else None

    def newest(self) -> list[Room]:
        return [_room(record.body) for record in self._store.records(_ROOM)][::-1]

    def present(self, room: Room) -> set[Side]:
        """Who is in the room."""
        return set(self._store.get(_PRESENT, room.id) or [])

    def enter(self, room: Room, side: Side) -> None:
        self._store.put(_PRESENT, room.id, sorted(self.present(room) | {side}))

    def leave(self, room: Room, side: Side) -> None:
        self._store.put(_PRESENT, room.id, sorted(self.present(room) - {side}))

    def _earlier(self, booking: str, times: Times) -> Room:
        room = self.find(str(self._store.get(_BOOKING, booking)))
        if room is None or room.closed:
            raise Refused(410, "closed", "the booking's room has been closed")
        if times not in (room.opened, room.times):
            raise Refused(409, "room_differs", "the booking has a room with other times or languages")
        return room

    def _keep(self, room: Room) -> None:
        self._store.put(_ROOM, room.id, asdict(room))


def now() -> datetime:
    return datetime.now(UTC)


def _room(kept: dict[str, Any]) -> Room:
    return Room(**{**kept, "opened": _times(kept["opened"]), "times": _times(kept["times"])})


def _times(kept: dict[str, Any]) -> Times:
    return Times(**{**kept, "languages": tuple(kept["languages"])})
