"""The status page of systems and deliveries; health and metrics for machines; the banner for residents."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from app.content import load
from app.database import Database
from app.integrations.ports import SYSTEMS
from app.services.deliveries.all_kinds import KINDS
from app.services.system_states import delivery_names, system_names
from app.settings import Settings
from app.settings.outside import ADDRESSES
from tests.tools.attacker import Attacker, sign_in_staff
from tests.tools.deliveries import booked_appointment, change, delivery_of, rows_of, want_notice
from tests.tools.document import Document
from tests.tools.visitor import Visitor
from tests.tools.world import work_off


@contextmanager
def fault(settings: Settings, system: str, mode: str) -> Iterator[None]:
    """A simulated system misbehaves meanwhile."""
    address = f"{settings.simulators_url}/_faults/{system}"
    httpx.put(address, json={"mode": mode}).raise_for_status()
    try:
        yield
    finally:
        httpx.put(address, json={"mode": "none"}).raise_for_status()


@pytest_asyncio.fixture(loop_scope="session")
async def operator(visitor: Visitor, settings: Settings) -> AsyncIterator[Visitor]:
    """An operator with a browser."""
    visitor.client.cookies.set("asiointi-staff", sign_in_staff(settings, ["operator"], []).cookie)
    yield visitor


async def stuck_notice(app: FastAPI, settings: Settings) -> dict[str, object]:
    """A delivery that has been tried once in vain."""
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        notice = await want_notice(session, booked_appointment(settings))
    await database.close()
    with fault(settings, "suomifi-messages", "error"):
        await work_off(settings)
    return delivery_of(settings, notice)


def test_every_system_and_delivery_has_words() -> None:
    """What the status page lists is exactly what there is, each with its words in three languages."""
    assert set(system_names()) == set(SYSTEMS) == set(ADDRESSES)
    assert set(delivery_names()) == set(KINDS)
    assert {kind.system for kind in KINDS.values()} <= set(SYSTEMS)
    for item in load("systems.json")["systems"]:
        for texts in (item["names"], item["purposes"], item["banner"] or item["names"]):
            assert {"fi", "sv", "en"} == {language for language, text in texts.items() if text}


async def test_all_staff_may_look_only_operators_act(app: FastAPI, settings: Settings) -> None:
    """A nurse sees how the systems are but has no buttons; what she posts all the same does not exist."""
    async with Attacker.staff(app, settings, ["triage_nurse"], ["mikkeli"]) as nurse:
        page = await nurse.send("GET", "/sv/staff/systems/omaolo")
        assert page.status_code == 200
        actions = [form.action for form in Document(page.text).forms()]
        assert not [action for action in actions if "/systems/" in action or "/deliveries/" in action]
        for path in ("systems/omaolo/try", "systems/omaolo/hold", "systems/omaolo/go"):
            assert (await nurse.post(f"/sv/staff/{path}", why="x")).status_code == 404
        assert (await nurse.send("GET", "/sv/staff/systems/nothing")).status_code == 404
    async with Attacker(app, settings) as nobody:
        assert (await nobody.send("GET", "/sv/staff/systems")).status_code == 303


async def test_the_page_tells_what_is_wrong(app: FastAPI, operator: Visitor, settings: Settings) -> None:
    """A system that fails stands first, with since when and why; tried again after recovery it works."""
    await operator.get("/en/staff/systems/video")
    with fault(settings, "video", "error"):
        await operator.submit("/systems/video/try")
    assert "Has not answered properly since" in operator.document.text
    assert "HTTP 500" in operator.document.text
    await operator.get("/en/staff/systems")
    first = next(operator.document.all("tbody")).find("tr")
    assert first is not None
    assert "Video visits" in "".join(first.itertext())
    await operator.get("/en/staff/systems/video")
    await operator.submit("/systems/video/try")
    assert "Has not answered properly" not in operator.document.text
    with fault(settings, "video", "refuse"):
        await operator.submit("/systems/video/try")
    assert "refuses us" in operator.document.text
    await operator.submit("/systems/video/try")
    assert operator.status == 200


async def test_a_stuck_delivery_is_sent_again(app: FastAPI, operator: Visitor, settings: Settings) -> None:
    """The operator sees what waits and why, without whose it is, and can send it at once."""
    found = await stuck_notice(app, settings)
    await operator.get("/fi/staff/systems/suomifi-messages")
    text = operator.document.text
    assert "HTTP 500" in text
    assert str(found["id"])[:8] in text
    assert "Aili" not in text
    assert "080345" not in text
    await operator.submit(f"/deliveries/{found['id']}/again")
    await work_off(settings)
    assert rows_of(settings, "select state from delivery where id = %s", found["id"]) == [{"state": "done"}]
    await operator.get("/fi/staff/systems/suomifi-messages")
    assert not [form for form in operator.document.forms() if str(found["id"]) in form.action]


async def test_settling_and_holding_back_need_a_reason(app: FastAPI, operator: Visitor, settings: Settings) -> None:
    """Without a reason nothing happens and the page says what is missing; with one it is done and kept."""
    found = await stuck_notice(app, settings)
    await operator.get("/sv/staff/systems/suomifi-messages")
    await operator.submit(f"/deliveries/{found['id']}/settle", why=" ")
    assert operator.status == 422
    assert "Skriv orsaken kort." in operator.document.text
    assert f"#why-{found['id']}" in [href for _text, href in operator.document.links()]
    await operator.submit("/suomifi-messages/hold", why="x" * 301)
    assert operator.status == 422
    assert ("why", "x" * 301) in operator.document.form("/hold").values
    await operator.submit(f"/deliveries/{found['id']}/settle", why="berättat per telefon")
    kept = rows_of(settings, "select state, reason from delivery where id = %s", found["id"])
    assert kept == [{"state": "dropped", "reason": "berättat per telefon"}]
    await operator.submit("/suomifi-messages/hold", why="adressen byts")
    assert "adressen byts" in operator.document.text
    await operator.submit("/suomifi-messages/go")
    assert "adressen byts" not in operator.document.text


async def test_a_settled_delivery_is_left_alone(app: FastAPI, operator: Visitor, settings: Settings) -> None:
    """From an old page: what has arrived meanwhile is neither sent again nor settled otherwise."""
    found = await stuck_notice(app, settings)
    await operator.get("/fi/staff/systems/suomifi-messages")
    again = operator.document.form(f"/deliveries/{found['id']}/again")
    settle = operator.document.form(f"/deliveries/{found['id']}/settle")
    change(settings, "update delivery set state = 'done', settled_at = now() where id = %s", found["id"])
    await operator.send(again)
    await operator.send(settle, why="ei tarvita")
    assert rows_of(settings, "select state, reason from delivery where id = %s", found["id"])[0]["state"] == "done"


async def test_odd_answers_are_kept_encrypted(app: FastAPI, operator: Visitor, settings: Settings) -> None:
    """An answer that doesn't validate can be looked into: its body is kept, but not in clear, and never shown."""
    await operator.get("/en/staff/systems/omaolo")
    with fault(settings, "omaolo", "malformed"):
        await operator.submit("/systems/omaolo/try")
    query = "select * from outside_fault where system = 'omaolo' and body_sealed is not null"
    kept = rows_of(settings, query)
    assert kept
    assert kept[0]["outcome"] == "invalid"
    body = app.state.vault.open_bytes(kept[0]["body_sealed"])
    assert b"Bundle" in body
    assert b"Bundle" not in bytes(kept[0]["body_sealed"])
    assert "Bundle" not in operator.document.text
    await operator.submit("/systems/omaolo/try")


async def test_residents_see_what_concerns_them(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """While Omaolo is away, pages that lead to an assessment say so before one begins; others don't."""
    watch = app.state.outside.watch
    banner = "Symtombedömningarna fungerar inte just nu."
    await visitor.get("/sv/assess/urinary")
    form = visitor.document.form("/assess/urinary")
    with fault(settings, "omaolo", "error"):
        await visitor.send(form)
        await watch.write_down()
        await visitor.get("/sv/assess")
        assert banner in visitor.document.text
        for path in ("/sv/", "/sv/book", "/sv/contact"):
            await visitor.get(path)
            assert banner not in visitor.document.text
    await visitor.send(form)
    await watch.write_down()
    await visitor.get("/sv/assess")
    assert banner not in visitor.document.text


@contextmanager
def settings_with(app: FastAPI, **change: Any) -> Iterator[None]:
    """The window's settings are changed meanwhile."""
    usual = app.state.settings
    app.state.settings = usual.model_copy(update=change)
    try:
        yield
    finally:
        app.state.settings = usual


async def test_announced_outages(app: FastAPI, visitor: Visitor, tmp_path: Path) -> None:
    """An announced outage is told in the county's own words, in the reader's language, on the pages it concerns."""
    file = tmp_path / "outages.json"
    texts = {"fi": "Tunnistus on huollossa.", "sv": "Identifieringen har service.", "en": "Sign-in is in maintenance."}
    times = {"from": "2026-11-24T08:00:00+02:00", "until": "2026-11-24T10:00:00+02:00"}
    file.write_text(json.dumps({"outages": [{"systems": ["suomifi-identification"], **times, "text": texts}]}))
    with settings_with(app, outages_file=file):
        for language, text in texts.items():
            await visitor.get(f"/{language}/sign-in")
            assert text in visitor.document.text
            await visitor.get(f"/{language}/")
            assert text not in visitor.document.text


async def test_live_and_ready(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """Live asks nobody; ready needs the database with a schema that is new enough, and no outside system."""
    with fault(settings, "omaolo", "error"):
        for path in ("/healthz/live", "/healthz/ready", "/healthz"):
            await visitor.get(path)
            assert (visitor.status, visitor.headers["cache-control"]) == (200, "no-store")
    usual, app.state.needed_revision = app.state.needed_revision, "9999"
    try:
        await visitor.get("/healthz/ready")
        assert visitor.status == 503
        await visitor.get("/healthz/live")
        assert visitor.status == 200
    finally:
        app.state.needed_revision = usual


async def test_metrics(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """Calls, breakers, deliveries and pages are counted under names of ours; only whoever has the token reads them."""
    await stuck_notice(app, settings)
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await visitor.get("/metrics")
    told = visitor.body.decode()
    for line in ("asiointi_outside_calls_total{", "asiointi_deliveries_open{", 'page="assess_page"'):
        assert line in told
    assert "urinary" not in told
    with settings_with(app, metrics_token=SecretStr("a long token")):
        for given, status in (("", 401), ("Bearer wrong", 401), ("Bearer a long token", 200)):
            await visitor.get("/metrics", authorization=given)
            assert visitor.status == status
    with settings_with(app, environment="production"):
        await visitor.get("/metrics")
        assert visitor.status == 401
