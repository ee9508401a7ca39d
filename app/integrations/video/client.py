"""Video visits over a video service's REST interface."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl
from pydantic.alias_generators import to_camel

from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected
from app.integrations.video.port import Room, RoomDiffers, RoomGone, VideoVisit
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "video"
_UNKNOWN_ROOM = "unknown_room"


@dataclass(frozen=True)
class VideoConfig:
    """The county's account. The key goes into `key_header` after `key_prefix`.

    The links work from `opens_before` the visit's start until `closes_after` its end.
    """

    base_url: str
    api_key: str = field(repr=False)
    opens_before: timedelta = timedelta(minutes=15)
    closes_after: timedelta = timedelta(minutes=60)
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    rooms_path: str = "/v1/rooms"
    seconds: float = CALL_SECONDS


class _RoomBody(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    resident_link: HttpUrl
    professional_link: HttpUrl
    valid_from: AwareDatetime
    valid_until: AwareDatetime

    def room(self) -> Room:
        links = (str(self.resident_link), str(self.professional_link))
        return Room(self.id, *links, self.valid_from.astimezone(UTC), self.valid_until.astimezone(UTC))


class VideoService:
    """Implements the port `Video`. Long-lived: it keeps connections."""

    def __init__(self, config: VideoConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._headers = {config.key_header: f"{config.key_prefix}{config.api_key}"}
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        # A room that nobody opened: there is none.
        path, nobody = self._path("probe"), frozenset({404})
        answer = await self._outside.call("DELETE", path, headers=self._headers, accept=nobody)
        if answer.status_code not in {204, 404}:
            raise self._outside.odd(answer, "neither there nor not there")

    async def open_room(self, visit: VideoVisit) -> Room:
        body = {"bookingIdentifier": visit.booking_identifier, **self._times(visit)}
        return await self._room("POST", self._config.rooms_path, body)

    async def change_room(self, room_id: str, visit: VideoVisit) -> Room:
        return await self._room("PATCH", self._path(room_id), self._times(visit))

    async def close_room(self, room_id: str) -> None:
        try:
            answer = await self._outside.call("DELETE", self._path(room_id), headers=self._headers)
        except Rejected as refusal:
            # A 404 by itself may also mean a wrong address, and then the room would stay open.
            if refusal.status != 410 and _error_code(refusal.body) != _UNKNOWN_ROOM:
                raise
            return
        if answer.status_code != 204:  # a page about maintenance, say, closes nothing
            raise self._outside.odd(answer, "closing was not confirmed")

    async def _room(self, method: str, path: str, body: dict[str, object]) -> Room:
        """Both methods may be repeated: opening has its key, and a change says what shall be, not by how much."""
        try:
            found = await self._outside.read(_RoomBody, method, path, json=body, headers=self._headers, idempotent=True)
        except Rejected as refusal:
            raise _understood(refusal) from None
        return found.room()

    def _times(self, visit: VideoVisit) -> dict[str, object]:
        return {
            "startsAt": _written(visit.starts_at),
            "endsAt": _written(visit.ends_at),
            "validFrom": _written(visit.starts_at - self._config.opens_before),
            "validUntil": _written(visit.ends_at + self._config.closes_after),
            "languages": list(visit.languages),
        }

    def _path(self, room_id: str) -> str:
        return f"{self._config.rooms_path}/{quote(room_id, safe='')}"


def _understood(refusal: Rejected) -> Rejected:
    gone = refusal.status == 410 or _error_code(refusal.body) == _UNKNOWN_ROOM
    kind = RoomGone if gone else RoomDiffers if refusal.status == 409 else Rejected
    return kind(SYSTEM, refusal.reason, status=refusal.status, body=refusal.body)


def _error_code(body: object) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
