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

from app.integrations.ports import SYSTEMS
from app.services.identity_vault import IdentityVault
from app.settings import Settings
from app.web.addresses import Addresses
from tests.tools.document import Document
from tests.tools.matrix import Row, judge, outcome, read_rows, report
from tests.tools.personas import PERSONAS, Cast, Seat
from tests.tools.requests_of_routes import RECIPES
from tests.tools.rows import Rows
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


@dataclass(frozen=True)
class Prepared:
    """A request about to be sent: by whom, and the parts of the thing that it names."""

    row: Row
    seat: Seat
    made: dict[str, Any]


@dataclass
class Stage:
    """The window with everybody who comes to it; `runs` and `slots` are what things are made from."""

    app: FastAPI
    settings: Settings
    rows: Rows
    cast: Cast
    runs: dict[str, uuid.UUID]
    slots: dict[str, list[str]]

    async def outcomes(self, row: Row) -> dict[str, str]:
        """What came of each persona's request. Denied forms are looked at together: where no row has changed in all
        of them, none has changed any; else each is sent alone."""
        if row.method == "GET":
            return {persona: await self._answered(self.prepare(row, persona)) for persona in PERSONAS}
        denied = [persona for persona in PERSONAS if row.expected[persona] not in {"ok", "lost"}]
        together = await self._denied(row, denied)
        return {persona: together.get(persona) or await self._alone(row, persona) for persona in PERSONAS}

    async def _denied(self, row: Row, personas: list[str]) -> dict[str, str]:
        prepared = [self.prepare(row, persona) for persona in personas]
        before = self.rows.digest()
        codes = [await self._answered(one) for one in prepared]
        if self.rows.changed_since(before):
            return {}
        return {
            one.seat.persona: judge(code, frozenset(), row.recipe) for one, code in zip(prepared, codes, strict=True)
        }

    async def _alone(self, row: Row, persona: str) -> str:
        prepared, before = self.prepare(row, persona), self.rows.digest()
        code = await self._answered(prepared)
        return judge(code, self.rows.changed_since(before), row.recipe)

    def prepare(self, row: Row, persona: str) -> Prepared:
        """A persona at a browser, and the thing that they will ask for."""
        recipe = row.recipe
        of = self.cast.of(persona, recipe.register, minor=recipe.minor)
        seat = self.cast.seat(persona, of, recipe.able or "triage_nurse")
        vault: IdentityVault = self.app.state.vault
        maker = Maker(self.rows, self.cast, vault, seat, of, self.runs, self.slots)
        made: dict[str, Any] = getattr(maker, recipe.make)() if recipe.make else {}
        return Prepared(row, seat, {**made, **recipe.path})

    async def _answered(self, prepared: Prepared) -> str:
        row, made = prepared.row, prepared.made
        addresses: Addresses = self.app.state.addresses
        path = addresses.path(row.route, lang="en", **made)
        form = {name: str(made[name]) for name in row.recipe.sends} | dict(row.recipe.form)
        async with self.browser(prepared.seat) as browser:
            if row.method == "GET":
                query = urlencode({name: str(made[name]) for name in row.recipe.query})
                answer = await browser.get(f"{path}?{query}" if query else path)
            else:
                token = self.cast.token(prepared.seat, path)
                answer = await browser.post(path, data={"form_token": token, **form})
        return outcome(answer, str(made[row.recipe.mark]) if row.recipe.mark else "")

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
        # Not urgent: any time that is offered is soon enough.
        calm = "update assessment_run set result = jsonb_set(result, '{urgency}', '\"routine\"') where id = %s"
        self.rows.run(calm, self.runs["finished"])

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
            found: dict[str, None] = {}
            for days in range(3, 24):
                since = (FIXED_NOW + timedelta(days=days)).date()
                async with self.browser(Seat("anonymous")) as browser:
                    page = Document((await browser.get(f"/en/book/{service}/times?since={since}")).text)
                buttons = [button for form in page.forms() for button in form.buttons]
                found |= {value: None for _words, name, value in buttons if name == "slot"}
            self.slots[register] = list(found)
            assert len(found) > 5 * len(PERSONAS)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(app: FastAPI, settings: Settings) -> AsyncIterator[Stage]:
    with Rows(settings.worker_database_url) as rows:
        made = Stage(app, settings, rows, Cast(app, settings, rows), {}, {})
        try:
            for system in SYSTEMS:  # so that being seen for the first time is no change
                rows.run("insert into outside_system (name, reason, correlation_id, pause_reason)"
                         " values (%s, '', '', '') on conflict do nothing", system)  # fmt: skip
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
    got = await stage.outcomes(row)
    wrong = [(persona, code) for persona, code in got.items() if code != row.expected[persona]]
    assert not wrong, report(row, wrong)
