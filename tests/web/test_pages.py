"""Every page there is: served to whom it is declared for, in three languages, light, with few queries."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import event

from app import routers
from app.domain.text import LANGUAGES
from app.settings import Settings
from app.web.assets import Assets
from tests.tools.people import sign_in_many
from tests.tools.visitor import Visitor

FIRST_PAGE = 80_000  # bytes over the wire, with style, script and font
PLAIN = {"lang"}
# Addresses that only a program or a form on the way asks for.
NOT_PAGES = {"appointment_calendar", "sign_in_callback", "staff_sign_in_callback", "form_received"}


def routes_of(app: FastAPI, audience: tuple[Any, ...]) -> list[tuple[str, str, set[str]]]:
    """Name, path and parameters of every GET route of an audience."""
    paths = {route.path for router in audience for route in router.routes}
    found = [
        (route.name or "", route.path_format or "", set(route.param_convertors or {}))
        for route in iter_route_contexts(app.routes)
        if route.methods and "GET" in route.methods and route.path in paths
    ]
    assert found
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_public_pages(app: FastAPI, visitor: Visitor, language: str) -> None:
    """Every public page without parameters opens for anybody, in each language, and keeps the rules of a page."""
    for name, path, params in routes_of(app, routers.PUBLIC):
        if params == PLAIN and name not in NOT_PAGES:
            await visitor.get(path.format(lang=language))
            assert visitor.status == 200, f"{name}: {visitor.status}"


@pytest.mark.parametrize(("audience", "door"), [("RESIDENT", "/sign-in"), ("STAFF", "/staff/sign-in")])
async def test_closed_pages_lead_to_signing_in(app: FastAPI, visitor: Visitor, audience: str, door: str) -> None:
    """Every page of residents and of staff sends somebody who is not signed in to the right door, and back later."""
    some_id = "11111111-2222-3333-4444-555555555555"
    for _name, path, params in routes_of(app, getattr(routers, audience)):
        address = path.format(lang="sv", **dict.fromkeys(params - PLAIN, some_id))
        await visitor.get(address)
        assert visitor.status == 200
        assert visitor.path.startswith(f"/sv{door}?next="), visitor.path


async def test_resident_is_no_staff(app: FastAPI, settings: Settings, visitor: Visitor) -> None:
    """A resident's session opens no door of the staff side."""
    one = sign_in_many(settings, 1)[0]
    visitor.client.cookies.set("asiointi", one.cookie)
    visitor.client.cookies.set("asiointi-staff", one.cookie)
    await visitor.get("/fi/staff")
    assert "/staff/sign-in" in visitor.path


async def test_front_page_by_language(visitor: Visitor) -> None:
    """The bare address leads to the front page in the browser's best language, Finnish where it has none of ours."""
    for accept, language in (("sv-FI,sv;q=0.9", "sv"), ("en-US,en;q=0.5", "en"), ("de", "fi"), ("", "fi")):
        await visitor.get("/", **{"Accept-Language": accept})
        assert visitor.path == f"/{language}/"


async def test_first_page_is_light(app: FastAPI, visitor: Visitor) -> None:
    """The front page with everything it loads is at most 80 kB over the wire."""
    await visitor.get("/fi/")
    total = len(gzip.compress(visitor.body, 5))
    assets: Assets = app.state.assets
    for path in (assets.css, assets.js, assets.font, assets.logo, "/static/icons.svg"):
        answer = await visitor.client.get(path)
        assert answer.status_code == 200
        packed = answer.headers.get("content-encoding") == "gzip"
        total += len(gzip.compress(answer.content, 5)) if packed else len(answer.content)
    assert total <= FIRST_PAGE


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile, beside the context."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "set_config" not in statement:  # each transaction says first who is at work
            statements.append(statement)

    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/fi/accessibility", 0),
        ("/fi/assess", 1),
        ("/fi/", 4),
        ("/fi/services", 1),
        ("/fi/search?q=hammas", 4),
        ("/fi/book/dental-check/times", 6),
    ],
)
async def test_few_queries(app: FastAPI, visitor: Visitor, path: str, most: int) -> None:
    """A page sends a fixed small number of statements, whatever the number of rows."""
    await visitor.get(path)
    with counted(app) as statements:
        await visitor.get(path)
    assert len(statements) <= most, statements
