"""What the two sides of a visit see behind their links."""

from datetime import datetime

from babel.dates import format_datetime
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.clock import HELSINKI
from app.domain.text import Language, as_language
from app.simulators.incoming import BadInput, read_form
from app.simulators.pages import Pages
from app.simulators.video.rooms import Phase, Room, Rooms, Side, now

_PATTERNS: dict[Language, tuple[str, str]] = {
    "fi": ("fi_FI", "EEEEEE d.M.y 'klo' H.mm"),
    "sv": ("sv_FI", "EEEEEE d.M.y 'kl.' H.mm"),
    "en": ("en_GB", "EEEE d MMMM y 'at' HH:mm"),
}
_STATUS: dict[Phase, int] = {"open": 200, "early": 403, "over": 410, "closed": 410}


class VisitPages:
    """Waiting room and meeting. Outside the room's time the page says when it opens, or that it is over."""

    def __init__(self, rooms: Rooms, pages: Pages) -> None:
        self._rooms = rooms
        self._pages = pages

    async def show(self, request: Request) -> Response:
        found = self._rooms.by_link(request.path_params["token"])
        asked = request.query_params.get("lang")
        if found is None:
            return self._pages.notice("video_unknown", as_language(asked), status=404)
        room, side = found
        phase = room.phase(now())
        language = as_language(asked, default=room.times.languages[0])
        context = self._context(room, side, language) | {"phase": phase}
        return self._pages.show("video_visit.html", language, context, status=_STATUS[phase])

    async def move(self, request: Request) -> Response:
        """The page's buttons: enter, leave. Both only while the room is open; the page then says how things are."""
        found = self._rooms.by_link(request.path_params["token"])
        wish = await _wish(request)
        if found and wish and found[0].phase(now()) == "open":
            (self._rooms.enter if wish == "enter" else self._rooms.leave)(*found)
        language = as_language(request.query_params.get("lang"))
        return RedirectResponse(f"?lang={language}", status_code=303)

    def _context(self, room: Room, side: Side, language: Language) -> dict[str, object]:
        present = self._rooms.present(room)
        other: Side = "professional" if side == "resident" else "resident"
        return {
            "side": side,
            "inside": side in present,
            "other_inside": other in present,
            "starts_at": _written(room.times.starts_at, language),
            "opens_at": _written(room.times.valid_from, language),
        }


async def _wish(request: Request) -> str | None:
    try:
        wish = (await read_form(request)).get("wish")
    except BadInput:
        return None
    return wish if wish in {"enter", "leave"} else None


def _written(at: str, language: Language) -> str:
    """The time as residents read it everywhere in the window: su 22.11.2026 klo 13.20."""
    locale, pattern = _PATTERNS[language]
    return format_datetime(datetime.fromisoformat(at), pattern, tzinfo=HELSINKI, locale=locale)
