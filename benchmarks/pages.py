"""A page of the window against its base: the same compiled template with the same constant context, and the same
number of `select 1` round trips, served by a bare Starlette route."""

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from asgi_lifespan import LifespanManager
from sqlalchemy import event, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from app.main import create_app
from app.settings import Settings
from app.web.page import Page
from benchmarks.row import Row

WARM, ROUNDS, EACH = 30, 15, 20


async def measure_page(settings: Settings, name: str, path: str, *, at_least: float, goal: float) -> Row:
    """The medians of the page and its base, measured turn by turn in one process."""
    app = create_app(settings)
    async with LifespanManager(app):
        seen, queries = await _look(app, path)
        base = _base(app, seen, queries)
        for target in (app, base):
            await _many(target, path, WARM)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(await _many(app, path, EACH))
            theirs.append(await _many(base, path, EACH))
    return Row(name, statistics.median(ours), statistics.median(theirs), at_least, goal, f"{queries} queries")


async def _look(app: Any, path: str) -> tuple[tuple[str, dict[str, Any]], int]:
    """Fetch the page once: its template and context, and how many statements it took."""
    shown: list[tuple[str, dict[str, Any]]] = []
    statements: list[str] = []
    original = Page.show

    def note(page: Page, template: str, context: object = None, **more: Any) -> Response:
        kept = {name: value for name, value in more.items() if name not in {"block", "status"}}
        shown.append((template, {"page": page, **(vars(context) if context else {}), **kept}))
        return original(page, template, context, **more)

    engine = app.state.database.engine.sync_engine

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    Page.show = note  # type: ignore[method-assign,assignment]
    event.listen(engine, "before_cursor_execute", count)
    try:
        await _many(app, path, 1)
    finally:
        Page.show = original  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", count)
    return shown[0], len(statements)


def _base(app: Any, seen: tuple[str, dict[str, Any]], queries: int) -> Starlette:
    template, context = app.state.environment.get_template(seen[0]), seen[1]

    async def show(_request: Request) -> Response:
        async with app.state.database.engine.connect() as connection:
            for _ in range(queries):
                await connection.execute(text("select 1"))
        return HTMLResponse(template.render(context))

    return Starlette(routes=[Route("/{path:path}", show)])


async def _many(app: ASGIApp, path: str, times: int) -> float:
    """Seconds per request over `times` requests, called without a network between."""
    started = time.perf_counter()
    for _ in range(times):
        status = await _call(app, path)
        assert status == 200, f"{path}: {status}"
    return (time.perf_counter() - started) / times


async def _call(app: Callable[..., Awaitable[None]], path: str) -> int:
    parts = urlsplit(path)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]
