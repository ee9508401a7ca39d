"""A change only from our own page, in the same browser session: every route that takes a form refuses anything else."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.domain.staff_roles import STAFF_ROLES
from app.settings import Settings
from app.web.tokens import FormTokens
from tests.tools.attacker import Attacker
from tests.tools.document import Document
from tests.tools.world import World

SOME_ID = "11111111-2222-3333-4444-555555555555"
KNOWN = {
    **{"lang": "fi", "system": "sms", "service": "dental-check", "assessment": "urinary", "page_id": "who"},
    "code": "pre-visit",
}
# Routes that take a POST without a form token, and what stands in its place.
WITHOUT_TOKEN = {
    "csp_report": "browsers send it by themselves; it writes one line without anything of what was sent",
    "backchannel_logout": "a server's token signed by Suomi.fi identification (tests/web/test_backchannel_logout.py)",
    "staff_backchannel_logout": "a server's token signed by the staff issuer (tests/web/test_backchannel_logout.py)",
    "sms_reports": "a server's report signed with a shared secret (tests/web/test_sms_reports.py)",
}
# Signing out without a session to end ends nothing: there the token is not asked for.
SIGNING_OUT = {"sign_out", "staff_sign_out"}
# Written by looking, or by a change that another test makes meanwhile: not what a form changes.
NOT_COMPARED = {"rate_limit", "outside_system", "outside_fault", "alembic_version"}
FIELDS = {
    "name": "Testi", "phone": "040 123 4567", "message": "Terve", "topic": "health", "note": "oma", "reachable": "",
    "next": "/fi/", "who": "me", "where": "here", "age": "40",
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """The settings of this module's window, without limits on how often a form may be sent."""
    with world.database() as name:
        yield world.settings(name, limits_factor=0)


@pytest_asyncio.fixture(loop_scope="session")
async def resident(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def staff(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.staff(app, settings, list(STAFF_ROLES), ["mikkeli"]) as one:
        yield one


def forms(app: FastAPI, ids: dict[str, str]) -> list[tuple[str, str]]:
    """Name and address of every route that takes a POST."""
    known = {**KNOWN, **ids}
    found = [
        (
            str(route.name),
            (route.path_format or "").format(**{n: known.get(n, SOME_ID) for n in route.param_convertors or {}}),
        )
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ())
    ]
    assert len(found) > 20
    return found


def snapshot(settings: Settings) -> dict[str, object]:
    """Number and contents of the rows of every table, in short."""
    with psycopg.connect(settings.worker_database_url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        names = sorted({str(name) for (name,) in tables} - NOT_COMPARED)
        assert len(names) > 20
        content = "select count(*), md5(string_agg(t::text, '|' order by t::text)) from public.{} t"
        found = {name: connection.execute(content.format(_quoted(name)).encode()).fetchone() for name in names}
    return dict(found)


def _quoted(name: str) -> str:
    return '"' + name + '"'


async def real_ids(resident: Attacker) -> dict[str, str]:
    """A held time, a begun assessment and a draft of the resident: what a form without a token could really change."""
    times = Document((await resident.send("GET", "/fi/book/dental-check/times")).text)
    slot = [value for form in times.forms() for _text, name, value in form.buttons if name == "slot"][-1]
    held = await resident.post("/fi/book/dental-check/hold", slot=slot)
    run = await resident.post("/fi/assess/urinary")
    draft = await resident.post("/fi/forms/pre-visit")
    return {"appointment_id": _id_in(held), "run_id": _id_in(run), "response_id": _id_in(draft)}


def _id_in(answer: httpx.Response) -> str:
    """The id in the address that the answer leads on to."""
    return next(part for part in answer.headers["location"].split("/") if len(part) == 36)


def test_exceptions_exist(app: FastAPI) -> None:
    """Each route that asks for no token is there, is no page for people, and has its reason written down."""
    names = dict(forms(app, {}))
    assert names.keys() > WITHOUT_TOKEN.keys() | SIGNING_OUT
    assert all(WITHOUT_TOKEN.values())
    assert not [name for name in WITHOUT_TOKEN if names[name].startswith("/fi/")]


async def test_no_form_without_its_token(
    app: FastAPI, settings: Settings, resident: Attacker, other: Attacker, staff: Attacker
) -> None:
    """Without a token, or with another session's, nobody's or another installation's, nothing is taken or changed."""
    ids = await real_ids(resident)
    strange = FormTokens("another installation's secret").make(resident.who.session_id.bytes if resident.who else b"")
    tokens: list[dict[str, Any]] = [
        {},
        {"form_token": ""},
        {"form_token": other.token()},
        {"form_token": Attacker(app, settings).token()},
        {"form_token": strange},
    ]
    before = snapshot(settings)
    for name, address in forms(app, ids):
        if name in WITHOUT_TOKEN:
            continue
        one = staff if "/staff" in address else resident
        for token in tokens:
            answer = await one.send("POST", address, data={**FIELDS, **token})
            assert answer.status_code == 400, (name, token, answer.status_code)
            assert "clear-site-data" not in answer.headers, name
    assert snapshot(settings) == before


async def test_no_form_from_another_site(app: FastAPI, settings: Settings, resident: Attacker, staff: Attacker) -> None:
    """A form from another site's page changes nothing, although its token is good and what it names is there."""
    ids = await real_ids(resident)
    before = snapshot(settings)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        for name, address in forms(app, ids):
            if name == "csp_report":
                continue
            one = staff if "/staff" in address else resident
            data = {**FIELDS, "form_token": one.token()}
            assert (await one.send("POST", address, data=data, headers=headers)).status_code == 403, name
    assert snapshot(settings) == before


async def test_a_good_token_changes(app: FastAPI, settings: Settings, resident: Attacker) -> None:
    """The control: the same forms with their token do change something, so the refusals above mean something."""
    ids = await real_ids(resident)
    before = snapshot(settings)
    await resident.post(dict(forms(app, ids))["book_release"], **FIELDS)
    assert snapshot(settings)["appointment"] != before["appointment"]
    await resident.post(f"/fi/my/forms/{ids['response_id']}/delete", **FIELDS)
    assert snapshot(settings)["form_response"] != before["form_response"]
    await resident.post("/fi/contact", **FIELDS)
    assert snapshot(settings)["contact_request"] != before["contact_request"]


async def test_no_change_by_looking(app: FastAPI, settings: Settings, resident: Attacker, staff: Attacker) -> None:
    """GET changes nothing that is anybody's (ways back from other services apart, which ask for their own secret)."""
    ids = await real_ids(resident)
    known = {**KNOWN, **ids}
    await resident.send("GET", "/fi/my")
    compared = snapshot(settings).keys() - {"browser_session", "audit_event", "audit_unsealed", "sign_in_attempt"}
    before = snapshot(settings)
    count = 0
    for route in iter_route_contexts(app.routes):
        if "GET" in (route.methods or ()):
            path = (route.path_format or "").format(**{n: known.get(n, SOME_ID) for n in route.param_convertors or {}})
            one = staff if "/staff" in path else resident
            await one.client.get(path)
            count += 1
    assert count > 30
    after = snapshot(settings)
    assert {name for name in compared if after[name] != before[name]} == set()
