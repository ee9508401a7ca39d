"""What a notice of concern leaves behind: not in the browser after a quarter of an hour, not in a task, not among what
is kept for signing in again. And what keeps forms from changing hands: registers, kinds, second persons."""

import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case
from app.services.errors import NotFound
from app.services.forms.form_tasks import ask_for_form
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.desk import change, insert, make_case, staff
from tests.tools.document import Document
from tests.tools.people import sign_in_many
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_acting import person, rows
from tests.web.test_drafts_access import begin as begin_pre_visit
from tests.web.test_forms_access import FORM, SECRET, begin, come, reference_in
from tests.web.test_forms_desk import SETTINGS, do, draft, events, publish, row

COOKIE = "asiointi-receipt"
SOCIAL = {"register": "social", "service_task": "child_welfare", "unit": "child-welfare"}
NOBODY = ("subject_id", "actor_id", "basis", "task_id", "amends_id", "session_id")


async def at_check(visitor: Visitor, settings: Settings) -> str:
    """A notice with all its answers, read through: its draft."""
    made = await begin(visitor, settings)
    await visitor.get(f"/en/forms/fill/{made}/check")
    return made


def receipt_of(visitor: Visitor) -> str:
    """The whole cookie that holds the receipt."""
    return visitor.client.cookies[COOKIE]


def make_task(settings: Settings, code: str, **more: Any) -> uuid.UUID:
    """Anna is asked for a form."""
    values = {"code": code, "register": "patient", "asked_at": FIXED_NOW, "state": "open", **more}
    return insert(settings, "form_task", subject_id=person(settings, "Anna"), **values)


async def test_a_receipt_in_no_address(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """The address of the receipt tells nothing and opens nothing elsewhere; the page stays in no cache."""
    await at_check(visitor, settings)
    await visitor.submit("/check")
    assert visitor.path == "/en/forms/received"
    assert visitor.headers["cache-control"] == "no-store"
    reference = reference_in(visitor)
    assert reference not in receipt_of(visitor)
    assert (await visitor.get("/fi/forms/received")).status == 200
    async with Visitor(app, settings.public_url, language="en") as another:
        await another.get("/en/forms/received")
        assert another.status == 404
        assert "not shown any more" in another.document.text
        assert any(href.startswith("tel:") for _words, href in another.document.links())


async def test_the_cookie_of_a_receipt(visitor: Visitor, settings: Settings) -> None:
    """No script reads it, it goes to no other site, and it ends by itself; what was changed in it opens nothing."""
    await at_check(visitor, settings)
    form = visitor.document.form("/check")
    answer = await visitor.client.post(visitor.here, data=dict(form.values))
    (told,) = [words for words in answer.headers.get_list("set-cookie") if COOKIE in words]
    assert {"httponly", "max-age=900", "samesite=lax"} <= {part.strip().lower() for part in told.split(";")}
    assert answer.headers["location"] == "/en/forms/received"
    name = told.partition("=")[0]
    for word in ("", "made-up", receipt_of(visitor)[:-8]):
        one = await visitor.client.get("/en/forms/received", headers={"cookie": f"{name}={word}"})
        assert one.status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 404), (9999, 404)])
async def test_a_receipt_ends(visitor: Visitor, app: FastAPI, settings: Settings, minutes: int, status: int) -> None:
    """After 15 minutes it is not shown, though a browser has kept its cookie, and though the form is sent once more."""
    told = [FORM, "ABCD-2345", (FIXED_NOW - timedelta(minutes=minutes)).isoformat(), False, "anonymous"]
    sealed = app.state.vault.seal(json.dumps(told)).decode()
    visitor.client.cookies.set(COOKIE, sealed)
    assert (await visitor.get("/en/forms/received")).status == status
    visitor.client.cookies.clear()
    await at_check(visitor, settings)
    form = visitor.document.form("/check")
    await visitor.send(form)
    change(
        settings,
        "update submission set result_path = %s where result_path like '%%#%%'",
        f"/en/forms/received#{sealed}",
    )
    await visitor.send(form)
    assert visitor.status == status


async def test_sent_twice(visitor: Visitor, settings: Settings) -> None:
    """The same form sent twice gives the first receipt, also to a browser that gave up the first answer and so never
    got its cookie, and also after another notice was sent in between."""
    await at_check(visitor, settings)
    form = visitor.document.form("/check")
    await visitor.send(form)
    first = reference_in(visitor)
    await at_check(visitor, settings)
    await visitor.submit("/check")
    assert reference_in(visitor) != first
    visitor.client.cookies.delete(COOKIE)
    await visitor.send(form)
    assert (visitor.path, reference_in(visitor)) == ("/en/forms/received", first)


async def test_sent_in_another_tab(visitor: Visitor, settings: Settings) -> None:
    """A second tab of a notice that has been sent says calmly that it may have been, with a number to call; nothing is
    sent twice."""
    made = await at_check(visitor, settings)
    await visitor.get(f"/en/forms/fill/{made}/check")
    other_tab = visitor.document.form("/check")
    await visitor.get(f"/en/forms/fill/{made}/check")
    await visitor.submit("/check")
    count = rows(settings, 'select count(*) n from "case"')
    await visitor.send(other_tab)
    assert visitor.status == 404
    assert "may have been sent already" in visitor.document.text
    assert any(href.startswith("tel:") for _words, href in visitor.document.links())
    assert rows(settings, 'select count(*) n from "case"') == count


async def test_no_task_leads_to_a_notice(visitor: Visitor, settings: Settings) -> None:
    """Nobody begins a notice by a task, neither by one of another form nor by one that names the notice itself."""
    await come(visitor, "signed in")
    for code in ("pre-visit", FORM):
        task = str(make_task(settings, code))
        assert (await visitor.get(f"/en/forms/{FORM}?task={task}")).status == 404
        await visitor.get(f"/en/forms/{FORM}")
        await visitor.submit(f"/forms/{FORM}", task=task)
        assert visitor.status == 404
    assert (await visitor.get(f"/en/forms/pre-visit?task={make_task(settings, 'pre-visit')}")).status == 200
    assert not rows(settings, "select 1 from form_response where code = %s and task_id is not null", FORM)


async def test_a_draft_that_was_somebodys(visitor: Visitor, settings: Settings) -> None:
    """Should a person, a task or a response ever come into the draft of a notice, the notice that is sent has none."""
    await come(visitor, "signed in")
    made = await at_check(visitor, settings)
    anna, task = person(settings, "Anna"), make_task(settings, "pre-visit")
    query = "update form_response set subject_id = %s, actor_id = %s, basis = 'guardian', task_id = %s where id = %s"
    change(settings, query, anna, anna, task, made)
    change(settings, "update form_response set register = 'social', amends_id = id where id = %s", made)
    await visitor.submit("/check")
    assert visitor.path == "/en/forms/received"
    query = 'select r.* from form_response r join "case" c on c.id = r.case_id where c.reference = %s'
    (found,) = rows(settings, query, reference_in(visitor))
    assert [found[name] for name in NOBODY] == [None] * len(NOBODY)
    assert not {"subject", "author", "source"} & found["response"].keys()
    assert rows(settings, "select state from form_task where id = %s", task) == [{"state": "open"}]


def test_nobody_behind_what_is_nobodys(settings: Settings) -> None:
    """The database itself takes no response that is about nobody and yet of somebody, or of a task."""
    columns = {"actor_id": person(settings, "Anna"), "basis": "guardian", "task_id": make_task(settings, "pre-visit")}
    (form,) = rows(settings, "select id, register from questionnaire where code = %s and state = 'published'", FORM)
    empty = {"answers": "{}", "memo": "[]", "shown": "{}", "page": "", "alarmed": False, "revision": 1, "titles": "{}"}
    whole = {"questionnaire_id": form["id"], "code": FORM, "register": form["register"], "state": "draft", **empty}
    times = {"language": "fi", "started_at": FIXED_NOW, "changed_at": FIXED_NOW}
    for name, value in columns.items():
        with pytest.raises(psycopg.errors.CheckViolation):
            insert(settings, "form_response", **whole, **times, **{name: value})


@pytest.mark.parametrize("how", ["plain", "undashed", "capitals", "sent"])
async def test_no_notice_is_kept(visitor: Visitor, settings: Settings, how: str) -> None:
    """However the address of its page is written, and also once it has been sent elsewhere, what is typed into a notice
    is kept for nobody when the session has ended."""
    await come(visitor, "signed in")
    before = rows(settings, "select count(*) n from set_aside")
    made = await begin(visitor, settings)
    await visitor.get(f"/en/forms/fill/{made}")
    form = visitor.document.form(visitor.path)
    if how == "sent":
        change(settings, "delete from form_response where id = %s", made)
    named = {"undashed": made.replace("-", ""), "capitals": made.upper()}.get(how, made)
    change(settings, "update browser_session set seen_at = seen_at - interval '1 hour' where ended_at is null")
    await visitor.post(visitor.path.replace(made, named), {**dict(form.values), "f3": SECRET})
    assert visitor.status == (404 if how == "sent" else 410)
    assert rows(settings, "select count(*) n from set_aside") == before


async def test_a_draft_of_an_earlier_session_is_kept(visitor: Visitor, settings: Settings) -> None:
    """What is typed into an ordinary form is kept also where its draft was begun in another session of the person."""
    await come(visitor, "signed in")
    made = await begin_pre_visit(visitor, settings, "Vaiva")
    change(settings, "update form_response set session_id = gen_random_uuid() where id = %s", made)
    before = rows(settings, "select count(*) n from set_aside")[0]["n"]
    await visitor.get(f"/en/forms/fill/{made}/page/1")
    await visitor.get(f"/en/forms/fill/{made}")
    form = next(one for one in visitor.document.forms() if made in one.action)
    change(settings, "update browser_session set seen_at = seen_at - interval '1 hour' where ended_at is null")
    await visitor.send(form, f3="Selkä")
    assert "/sign-in" in visitor.path
    assert rows(settings, "select count(*) n from set_aside")[0]["n"] == before + 1


@pytest.mark.parametrize(
    ("where", "joins"),
    [({}, True), ({"register": "social"}, False), ({"service_task": "child_welfare"}, False)],
)
async def test_a_form_joins_no_case_of_others(
    visitor: Visitor, settings: Settings, where: dict[str, str], *, joins: bool
) -> None:
    """An answer to a task joins the task's case only where that is of the form's own register and service task; else
    its own unit gets a case."""
    await come(visitor, "signed in")
    case = make_case(settings, person(settings, "Anna"), **where)
    made = await begin_pre_visit(visitor, settings, "Vaiva")
    task = make_task(settings, "pre-visit", case_id=case)
    change(settings, "update form_response set task_id = %s where id = %s", task, made)
    await visitor.get(f"/en/forms/fill/{made}/check")
    await visitor.submit("/check")
    assert "/forms/sent/" in visitor.path
    (found,) = rows(settings, "select case_id from form_response where id = %s", made)
    assert (found["case_id"] == case) is joins


async def test_asked_within_a_register(session: AsyncSession) -> None:
    """A professional asks for no form of another register, and for no notice of concern."""
    worker = Viewer(session_id=uuid.uuid4(), staff_id=uuid.uuid4())
    for code in ("pre-visit", FORM):
        case = Case(id=uuid.uuid4(), subject_id=uuid.uuid4(), register="social")
        with pytest.raises(NotFound):
            await ask_for_form(session, worker, case, code, None)


@pytest_asyncio.fixture(loop_scope="session")
async def kaisa(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with staff(app, settings, "content_owner") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def maija(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with staff(app, settings, "content_owner") as one:
        yield one


@pytest.mark.parametrize("other", [{"kind": "outcome"}, SOCIAL])
async def test_a_version_of_another_kind(kaisa: Attacker, settings: Settings, other: dict[str, str]) -> None:
    """A version whose kind or register is not that of the published ones is not published: drafts of those would be
    finished in it."""
    path = await draft(kaisa, clinical="no")
    assert (await publish(kaisa, path)).status_code == 303
    newer = (await kaisa.post(f"{path}/copy")).headers["location"]
    code = row(settings, newer)["code"]
    assert (await do(kaisa, newer, "settings", **{**SETTINGS, "code": code, **other})).status_code == 303
    refused = await publish(kaisa, newer)
    assert refused.status_code == 422
    page = Document((await kaisa.send("GET", newer.replace("/fi/", "/en/"))).text)
    assert "under another code" in page.text
    assert (await do(kaisa, newer, "settings", **SETTINGS, code=code)).status_code == 303
    assert (await publish(kaisa, newer)).status_code == 303


async def test_nobody_approves_their_own_work(
    app: FastAPI, kaisa: Attacker, maija: Attacker, settings: Settings
) -> None:
    """Whoever has changed anything of a clinical version does not approve it, also where somebody else changed it
    last."""
    path = await draft(kaisa)
    code = row(settings, path)["code"]
    own = {**SETTINGS, "code": code, "clinical": "yes"}
    assert (await do(maija, path, "settings", **own)).status_code == 303
    assert (await do(kaisa, path, "settings", **own)).status_code == 303
    await do(kaisa, path, "send")
    assert (await do(maija, path, "review", verdict="approve")).status_code == 409
    async with staff(app, settings, "content_owner") as third:
        assert (await do(third, path, "review", verdict="approve")).status_code == 303
    assert events(settings, path)[-1] == "approved"


async def test_signing_out_leaves_no_receipt(app: FastAPI, settings: Settings) -> None:
    """Whoever comes to a shared computer after somebody has signed out there finds no receipt of their notice."""
    async with Visitor(app, settings.public_url) as visitor:
        visitor.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        visitor.client.cookies.set("asiointi-receipt", "sealed")
        await visitor.get("/fi/my")
        answer = await visitor.client.post("/fi/sign-out", data=dict(visitor.document.form("/sign-out").values))
        gone = [line for line in answer.headers.get_list("set-cookie") if line.startswith("asiointi-receipt=")]
        assert gone
        assert all("Max-Age=0" in line or "expires=Thu, 01 Jan 1970" in line for line in gone)
