"""The window with all personas before it: each row of the authorisation matrix is played here."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

from app.integrations.ports import SYSTEMS
from app.settings import Settings
from app.web.addresses import Addresses
from tests.tools.document import Document
from tests.tools.matrix import Row, judge, outcome
from tests.tools.matters import SERVICES
from tests.tools.personas import PERSONAS, Cast, Seat
from tests.tools.rows import Rows
from tests.tools.things import Things
from tests.tools.world import FIXED_NOW
from tests.web.test_road import ANSWERS


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
    runs: dict[str, uuid.UUID] = field(default_factory=dict)
    slots: dict[str, list[str]] = field(default_factory=dict)

    async def set_up(self) -> Self:
        """Everybody is there, and what things are made from."""
        for system in SYSTEMS:  # so that being seen for the first time is no change
            columns = "(name, reason, correlation_id, pause_reason) values (%s, '', '', '')"
            self.rows.run(f"insert into outside_system {columns} on conflict do nothing", system)
        await self.cast.begin()
        await self._fill_in()
        await self._look_up_times()
        return self

    async def outcomes(self, row: Row) -> dict[str, str]:
        """What came of each persona's request. Those that must change nothing (looking, and denied forms) are sent
        one after another: where no row has changed after all of them, none has changed any; else each is sent alone."""
        loud = {"ok", "lost"} if row.method == "POST" else {"lost"}
        quiet = await self._together(row, [one for one in PERSONAS if row.expected[one] not in loud])
        return {persona: quiet.get(persona) or await self._alone(row, persona) for persona in PERSONAS}

    async def _together(self, row: Row, personas: list[str]) -> dict[str, str]:
        prepared = [self.prepare(row, persona) for persona in personas]
        before = self.rows.digest()
        codes = [await self._answered(one) for one in prepared]
        if self.rows.changed_since(before):
            return {}
        return {one.seat.persona: judge(code, frozenset(), row) for one, code in zip(prepared, codes, strict=True)}

    async def _alone(self, row: Row, persona: str) -> str:
        prepared, before = self.prepare(row, persona), self.rows.digest()
        code = await self._answered(prepared)
        return judge(code, self.rows.changed_since(before), row)

    def prepare(self, row: Row, persona: str) -> Prepared:
        """A persona at a browser, and the thing that they will ask for."""
        recipe = row.recipe
        of = self.cast.of(persona, recipe.register, minor=recipe.minor)
        seat = self.cast.seat(persona, of, recipe.able or "triage_nurse")
        things = Things(self.rows, self.cast, self.app.state.vault, seat, of, self.runs, self.slots)
        made: dict[str, Any] = getattr(things, recipe.make)() if recipe.make else {}
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
            headers={"Accept-Language": "en", "Accept-Encoding": "identity"},
            trust_env=False,
            timeout=30,
        )

    async def _fill_in(self) -> None:
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

    async def _look_up_times(self) -> None:
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
