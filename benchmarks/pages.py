"""A page of the window against its base: the same compiled template with the same constant context, and the same
number of `select 1` round trips, served by a bare Starlette route."""

import statistics
from typing import Any

from asgi_lifespan import LifespanManager
from sqlalchemy import event, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.main import create_app
from app.settings import Settings
from app.web.page import Page
from benchmarks.calls import Call, many
from benchmarks.row import Row

WARM, ROUNDS, EACH = 30, 15, 20


async def measure_page(settings: Settings, name: str, path: str, *, at_least: float, goal: float) -> Row:
    """The medians of the page and its base, in a window of its own."""
    app = create_app(settings)
    async with LifespanManager(app):
        return await measure_call(app, name, Call(path), at_least=at_least, goal=goal)


async def measure_call(app: Any, name: str, page: Call, *, at_least: float, goal: float) -> Row:
    """The same in a window that is open, measured turn by turn in one process."""
    seen, queries = await _look(app, page)
    base = _base(app, seen, queries)
    for target in (app, base):
        await many(target, [page], WARM)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(await many(app, [page], EACH))
        theirs.append(await many(base, [page], EACH))
    return Row(name, statistics.median(ours), statistics.median(theirs), at_least, goal, f"{queries} queries")


async def _look(app: Any, one: Call) -> tuple[tuple[str, dict[str, Any]], int]:
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
        await many(app, [one], 1)
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
