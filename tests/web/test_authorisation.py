"""Who may do what: the written table tests/web/authorisation.csv, each of its cells tried by a real request.

The table says what law and the design demand; it is not made from the code. Its codes:

ok        done: the page or file, or a redirect after which it is done (a form: rows have changed)
idle      answered as done, and nothing has changed because there was nothing to do
shown     the list, with the thing in it
hidden    the list, without the thing
told      back to where it was asked, with a word that it did not come about
sign-in   first to the sign-in of that side of the house
404       there is no such page or thing for this reader, whether it exists or not
reason    403 with the form for a special reason in place of the case
no-right  403, neutral: the right to act does not cover this
own-only  403: the page is about one's own matters, the reader acts for another just now
lost      403: the right to act is gone, the reader is back in their own matters
400, 422  the request itself is refused, whoever sends it (422: the form, with what is to be mended)

Where a code other than `ok` is expected, the rows of all tables are the same before and after (the sightings of a
session, the audit trail and counters apart; a right that is lost ends its own session).
"""

import itertools
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.services.identity_vault import IdentityVault
from app.settings import Settings
from app.web.addresses import Addresses
from tests.tools.document import Document
from tests.tools.matrix import Row, judge, outcome, read_rows, report
from tests.tools.personas import PERSONAS, Cast, Seat
from tests.tools.requests_of_routes import RECIPES
from tests.tools.rows import LOST, Rows
from tests.tools.things import SERVICES, Maker
from tests.tools.world import FIXED_NOW, World
from tests.web.test_road import ANSWERS

ROWS = read_rows()
CODES = {
    *("ok", "idle", "shown", "hidden", "told", "sign-in"),
    *("404", "reason", "no-right", "own-only", "lost", "400", "422"),
}


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """The settings of this module's window, without limits on how often a thing may be asked for."""
    with world.database() as name:
        yield world.settings(name, limits_factor=0)


@dataclass
class Stage:
    """The window with everybody who comes to it; `runs` and `slots` are what things are made from."""

    app: FastAPI
    settings: Settings
    rows: Rows
    cast: Cast
    runs: dict[str, uuid.UUID]
    slots: dict[str, list[str]]

    async def cell(self, row: Row, persona: str) -> str:
        """One request of `persona`, and what came of it."""
        recipe, post = row.recipe, row.method == "POST"
        of = self.cast.of(persona, recipe.register, minor=recipe.minor)
        seat = self.cast.seat(persona, of, recipe.able or "triage_nurse")
        vault: IdentityVault = self.app.state.vault
        maker = Maker(self.rows, self.cast, vault, seat, of, self.runs, self.slots)
        made = (getattr(maker, recipe.make)() if recipe.make else {}) | recipe.path
        without = LOST if row.expected[persona] == "lost" else frozenset()
        before = self.rows.digest(without) if post else {}
        answer = await self._ask(row, seat, made)
        changed = post and before != self.rows.digest(without)
        mark = str(made[recipe.mark]) if recipe.mark else ""
        return judge(outcome(answer, mark), post=post, changed=changed, recipe=recipe)

    async def _ask(self, row: Row, seat: Seat, made: dict[str, Any]) -> httpx.Response:
        recipe, addresses = row.recipe, self.app.state.addresses
        path = path_of(addresses, row.route, made)
        query = urlencode({name: str(made[name]) for name in recipe.query})
        form = {name: str(made[name]) for name in recipe.sends} | dict(recipe.form)
        async with self.browser(seat) as browser:
            if row.method == "GET":
                return await browser.get(f"{path}?{query}" if query else path)
            return await browser.post(path, data={"form_token": self.cast.token(seat, path), **form})

    def browser(self, seat: Seat) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url=self.settings.public_url,
            cookies=seat.cookies,
            headers={"Accept-Language": "en"},
            trust_env=False,
            timeout=30,
        )

    async def fill_in(self) -> None:
        """A real assessment: one just begun, one answered to its end."""
        for word, pages in (("begun", 1), ("finished", 30)):
            async with self.browser(Seat("anonymous")) as browser:
                form = {"form_token": self.cast.token(Seat("anonymous"), "/en/assess")}
                answer = await browser.post("/en/assess/urinary", data=form)
                self.runs[word] = uuid.UUID(answer.headers["location"].split("/")[4])
                for _ in range(pages - 1):
                    if answer.headers["location"].endswith("/result"):
                        break
                    answer = await self._next(browser, answer.headers["location"])

    async def _next(self, browser: httpx.AsyncClient, path: str) -> httpx.Response:
        forms = Document((await browser.get(path)).text).forms()
        form = next(one for one in forms if "/assess/run/" in one.action)
        fields = {field.get("name", "") for field in form.element.iter("input")}
        given: dict[str, str | list[str]] = {name: ANSWERS[name] for name in fields & ANSWERS.keys()}
        token = next(value for name, value in form.values if name == "form_token")
        return await browser.post(path, data={"form_token": token, **given})

    async def look_up_times(self) -> None:
        """Free times of the next weeks, for those who hold one."""
        for register, service in SERVICES.items():
            found: list[str] = []
            for days in range(3, 24):
                since = (FIXED_NOW + timedelta(days=days)).date()
                async with self.browser(Seat("anonymous")) as browser:
                    page = (await browser.get(f"/en/book/{service}/times?since={since}")).text
                found += re.findall(r'name="slot"[^>]*?value="([^"]+)"|value="([^"]+)"[^>]*?name="slot"', page) and [
                    "".join(pair)
                    for pair in re.findall(r'name="slot"[^>]*?value="([^"]+)"|value="([^"]+)"[^>]*?name="slot"', page)
                ]
            self.slots[register] = list(dict.fromkeys(found))
            assert len(self.slots[register]) > 2 * len(PERSONAS)


def path_of(addresses: Addresses, route: str, made: dict[str, Any]) -> str:
    """The address of the route in English, with the parts of the thing that it names."""
    return addresses.path(route, lang="en", **made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(app: FastAPI, settings: Settings) -> AsyncIterator[Stage]:
    with Rows(settings.worker_database_url) as rows:
        made = Stage(app, settings, rows, Cast(app, settings, rows), {}, {})
        try:
            await made.cast.begin()
            await made.fill_in()
            await made.look_up_times()
            yield made
        finally:
            made.cast.end()


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every route there is, as method and name."""
    found = {
        (method, str(route.name))
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    assert len(found) > 100
    return found


def test_the_table_is_whole(app: FastAPI) -> None:
    """Every route has a row, every row a route; each cell has a code, and no row stands twice."""
    told = [(row.method, row.route) for row in ROWS]
    assert routes_of(app) - set(told) == set(), "routes without a row in authorisation.csv"
    assert set(told) - routes_of(app) == set(), "rows of authorisation.csv without a route"
    keys = [(row.route, row.thing) for row in ROWS]
    assert len(set(keys)) == len(keys)
    assert set(keys) == RECIPES.keys()
    unknown = {(str(row), code) for row in ROWS for code in row.expected.values() if code not in CODES}
    assert unknown == set()


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_authorisation(stage: Stage, row: Row) -> None:
    """Each persona gets what the table says, and what is denied changes nothing."""
    got = [(persona, await stage.cell(row, persona)) for persona in PERSONAS]
    wrong = [(persona, code) for persona, code in got if code != row.expected[persona]]
    assert not wrong, report(row, wrong)
