"""The video service's addresses: rooms for clients, visit pages for people, and a list of rooms."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.domain.text import Language, as_language
from app.simulators.json_api import Body, guarded, no_such_address, read_as
from app.simulators.pages import Pages
from app.simulators.settings import VideoAccount
from app.simulators.video.rooms import Room, Rooms, Times, now
from app.simulators.video.visit import VisitPages

LONGEST_OPEN = timedelta(hours=24)


class VisitTimes(Body):
    """The visit's times and languages. The links cover the visit, work for a day at most, and end later than now."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    languages: Annotated[list[Language], Field(min_length=1, max_length=3)]

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if not self.valid_from <= self.starts_at < self.ends_at <= self.valid_until:
            raise ValueError("the times are not in order")
        if self.valid_until - self.valid_from > LONGEST_OPEN:
            raise ValueError("the links would work for over a day")
        if self.valid_until <= now():
            raise ValueError("the visit is over")
        return self

    def times(self) -> Times:
        return Times(
            starts_at=_written(self.starts_at),
            ends_at=_written(self.ends_at),
            valid_from=_written(self.valid_from),
            valid_until=_written(self.valid_until),
            languages=tuple(self.languages),
        )


class NewRoom(VisitTimes):
    """A room to open."""

    booking_identifier: Annotated[str, Field(min_length=1, max_length=200)]


class Endpoints:
    """The video service on the air; `url` is where its pages are for browsers."""

    def __init__(self, account: VideoAccount, rooms: Rooms, visits: VisitPages, url: str, pages: Pages) -> None:
        self._account = account
        self._rooms = rooms
        self._visits = visits
        self._url = url
        self._pages = pages

    def app(self) -> Starlette:
        key = self._account.api_key
        routes = [
            Route("/v1/rooms", guarded(key, self.open), methods=["POST"]),
            Route("/v1/rooms/{room_id}", guarded(key, self.change), methods=["PATCH"]),
            Route("/v1/rooms/{room_id}", guarded(key, self.close), methods=["DELETE"]),
            Route("/visit/{token}", self._visits.show, methods=["GET"]),
            Route("/visit/{token}", self._visits.move, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: no_such_address})

    async def open(self, request: Request) -> Response:
        asked = await read_as(request, NewRoom)
        room, new = self._rooms.open(asked.booking_identifier, asked.times())
        return JSONResponse(self._described(room), status_code=201 if new else 200)

    async def change(self, request: Request) -> Response:
        asked = await read_as(request, VisitTimes)
        return JSONResponse(self._described(self._rooms.change(request.path_params["room_id"], asked.times())))

    async def close(self, request: Request) -> Response:
        self._rooms.close(request.path_params["room_id"])
        return Response(status_code=204)

    async def inspection(self, request: Request) -> Response:
        """For people: every room with both its links, newest first. A real service would show no link to anybody."""
        rooms = [self._shown(room) for room in self._rooms.newest()]
        language = as_language(request.query_params.get("lang"))
        return self._pages.show("video_rooms.html", language, {"rooms": rooms})

    def _shown(self, room: Room) -> dict[str, object]:
        times = {name: datetime.fromisoformat(getattr(room.times, name)) for name in ("valid_from", "valid_until")}
        seconds = {name: at.timestamp() for name, at in times.items()}
        return {"room": room, "phase": room.phase(now()), **seconds, **self._described(room)}

    def _described(self, room: Room) -> dict[str, object]:
        return {
            "id": room.id,
            "residentLink": f"{self._url}/visit/{room.tokens['resident']}",
            "professionalLink": f"{self._url}/visit/{room.tokens['professional']}",
            "validFrom": room.times.valid_from,
            "validUntil": room.times.valid_until,
        }


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
