"""Pages × the systems they call × everything that these can do wrong: in time, said rightly, nothing lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.settings import Settings
from app.web.outside import systems_called
from tests.faults.table import MODES, Table
from tests.faults.walks import WALKS, Walk
from tests.tools.visitor import Visitor

LONGEST = 3.0  # seconds that a page may take, whatever is away
TOKENLESS = "–"


@asynccontextmanager
async def fault(settings: Settings, system: str, mode: str) -> AsyncIterator[bool]:
    """The system misbehaves meanwhile; False where it can't in this way (it gives no tokens that could expire)."""
    address = f"{settings.simulators_url}/_faults/{system}"
    async with httpx.AsyncClient() as client:
        answer = await client.put(address, json={"mode": mode, "seconds": 3})
        assert answer.status_code in ({200, 400} if mode == "expired" else {200}), answer.text
        try:
            yield answer.status_code == 200
        finally:
            (await client.put(address, json={"mode": "none"})).raise_for_status()


async def test_every_page_that_calls_outside_has_a_walk(app: FastAPI, settings: Settings) -> None:
    """The matrix covers exactly the pages that declare a system, and the faults are all that the simulators know."""
    declared = {
        (route.name, system)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.route, APIRoute)
        for system in systems_called(route.dependant)
    }
    assert declared
    assert declared == {(walk.page, walk.system) for walk in WALKS}


def told(visitor: Visitor, walk: Walk) -> str:
    """What the visitor was told, as a word for the table; fails where it is not what the walk expects."""
    if walk.says == "refusal":
        assert visitor.status == 400
        return "400"
    if visitor.left_for and visitor.status == 303:
        return "leads there"
    if visitor.status == 400 and walk.page.endswith("sign_in_callback"):
        assert visitor.document.leading_to("/sign-in")
        return "sign in again"
    if visitor.status == 503:
        return sorry(visitor, walk)
    assert visitor.status == 200, visitor.status
    return "away" if walk.says == "state" and "Ei ole vastannut kunnolla" in visitor.document.text else "works"


def sorry(visitor: Visitor, walk: Walk) -> str:
    """The page of an outage, or the page that keeps what was typed."""
    if walk.says == "form":
        assert walk.typed in visitor.document.form(visitor.path).values
        return "keeps the answer"
    assert walk.says == "sorry"
    assert int(visitor.headers["retry-after"]) > 0
    assert visitor.headers["x-request-id"] in visitor.document.text
    assert [href for _text, href in visitor.document.links() if href.startswith("tel:")]
    return "says so"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: f"{walk.page}-{walk.system}")
async def test_a_page_while_its_system_misbehaves(
    visitor: Visitor, settings: Settings, table: Table, walk: Walk, mode: str
) -> None:
    """Under every fault the page answers within three seconds and says the right thing; afterwards it works."""
    act = await walk.arrive(visitor, settings)
    async with fault(settings, walk.system, mode) as possible:
        if not possible:
            table.note(walk.page, walk.system, mode, TOKENLESS)
            return
        started = time.monotonic()
        await act()
        assert time.monotonic() - started < LONGEST
        outcome = told(visitor, walk)
    table.note(walk.page, walk.system, mode, outcome)
    assert outcome in expected(walk, mode)
    await asyncio.sleep(settings.breaker_rest_seconds)
    await (walk.again(visitor, settings) if walk.again else act())
    assert told(visitor, walk) in {"works", "400", "leads there"}
    assert visitor.status != 503


def expected(walk: Walk, mode: str) -> set[str]:
    """What may be told: a fault that doesn't touch this call (no token, an answer without a body) changes nothing."""
    if walk.says == "refusal":
        return {"400"}
    if walk.says in {"kept", "left"}:
        return {"works", "leads there"}
    if walk.page.endswith("sign_in_callback") and mode == "expired":
        return {"sign in again"}
    if walk.page in {"health_record_callback", "acting_callback"} and mode == "expired":
        return {"works"}  # the page where it began says that it was not completed, and how to try again
    away = {"sorry": "says so", "form": "keeps the answer", "state": "away"}[walk.says]
    return {"works", "leads there"} if mode == "expired" else {away}
