"""The inspection pages: what has arrived at a system and what it answered, for people and, as JSON, for programs."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.incoming import BadInput, read_query
from app.simulators.index_page import language_of
from app.simulators.pages import Pages
from app.simulators.stage import Stage
from app.simulators.traffic import RING, Wanted, described

_LONGEST_ID = 18  # digits that surely fit SQLite's integers


class TrafficPages:
    """`/_traffic` of all systems, `/_traffic/{system}`, and one exchange at `/_traffic/{system}/{id}`."""

    def __init__(self, stage: Stage, pages: Pages) -> None:
        self._stage = stage
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/_traffic", self.exchanges, methods=["GET"]),
            Route("/_traffic/{system}", self.exchanges, methods=["GET"]),
            Route("/_traffic/{system}/{id}", self.exchange, methods=["GET"]),
        ]

    async def exchanges(self, request: Request) -> Response:
        """Newest first; `correlation`, `text`, `before` (an id) and `limit` narrow them."""
        system = request.path_params.get("system")
        if system is not None and system not in self._stage.systems:
            return self._unknown(request)
        try:
            wanted = _wanted(system, read_query(request))
        except BadInput as bad:
            return JSONResponse({"reason": bad.reason}, status_code=400)
        found = self._stage.traffic.newest(wanted)
        older = f"{request.url.path}?{_query(wanted, found[-1].id)}" if len(found) == wanted.limit else None
        if _wants_json(request):
            return JSONResponse({"exchanges": [described(exchange) for exchange in found], "older": older})
        context = {"system": system, "wanted": wanted, "exchanges": found, "older": older, "keep": _query(wanted)}
        return self._pages.show("traffic.html", language_of(request), context)

    async def exchange(self, request: Request) -> Response:
        system, number = request.path_params["system"], request.path_params["id"]
        digits = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID
        found = self._stage.traffic.find(system, int(number)) if digits else None
        if found is None:
            return self._unknown(request)
        if _wants_json(request):
            return JSONResponse(described(found))
        bodies = {"request": _readable(found.request.body), "answer": _readable(found.answer.body)}
        context: Mapping[str, object] = {"exchange": found, "bodies": bodies}
        return self._pages.show("exchange.html", language_of(request), context)

    def _unknown(self, request: Request) -> Response:
        if _wants_json(request):
            return JSONResponse({"reason": "not found", "systems": list(self._stage.systems)}, status_code=404)
        return self._pages.notice("traffic_unknown", language_of(request), status=404)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _wanted(system: str | None, query: dict[str, str]) -> Wanted:
    """Raises BadInput."""
    limit = _count(query, "limit") or Wanted.limit
    return Wanted(system, query.get("correlation"), query.get("text"), _count(query, "before"), min(limit, RING))


def _count(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID and int(text) > 0):
        raise BadInput(f"{name} must be a whole number above 0")
    return int(text)


def _query(wanted: Wanted, before: int | None = None) -> str:
    limit = wanted.limit if wanted.limit != Wanted.limit else None
    asked = {"correlation": wanted.correlation_id, "text": wanted.words, "before": before, "limit": limit}
    return urlencode({name: value for name, value in asked.items() if value is not None})


def _readable(body: str | None) -> str | None:
    """JSON in lines; everything else as it came."""
    try:
        return json.dumps(json.loads(body or ""), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
