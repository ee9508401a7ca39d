"""Sent twice, in two tabs or for the same visit at once: one case; and what comes too late is told in words."""

import asyncio
import uuid
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from app.services.forms import send
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import booked_appointment, rows_of
from tests.tools.desk import change, insert
from tests.tools.document import Document
from tests.tools.form_answers import NOTICE, shipped
from tests.tools.held_back import held_back, meeting, until_waiting
from tests.tools.respondent import Respondent, draft_of, small
from tests.tools.small_forms import group, publish, question
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_contact import ASKED
from tests.web.test_forms_files import PDF, PNG

PAGE = group("g", question("files", "attachment", repeats=True), question("picture", "attachment"), question("more"))


def cases(settings: Settings) -> int:
    return int(rows_of(settings, 'select count(*) n from "case"')[0]["n"])


async def posts(client: httpx.AsyncClient, page: str, times: int, *, tabs: bool) -> list[Any]:
    """As many sendings of the form on `page` that ends with /check, each with a token of its own where from `tabs`."""
    shown = [Document((await client.get(page)).text).form("/check") for _ in range(times if tabs else 1)]
    forms = shown if tabs else shown * times
    return [client.post(one.action, data=dict(one.values)) for one in forms]


@pytest.mark.parametrize("tabs", [False, True])
async def test_an_application_is_sent_once(browser: Visitor, settings: Settings, *, tabs: bool) -> None:
    """An application whose button is pressed twice, or in two tabs, at the same moment is one application and one case,
    and every answer leads to its receipt."""
    one = await small(browser, settings, question("why"), kind="application")
    await one.answer({"why": "For the stairs"})
    before, draft = cases(settings), one.draft
    first, *others = await posts(browser.client, one.here, 3, tabs=tabs)
    # The first one is at its case; the others wait for it, at their token or at the draft.
    answers = await meeting(settings, first, *others)
    assert {answer.headers["location"] for answer in answers} == {f"/en/forms/sent/{draft}"}
    assert cases(settings) == before + 1
    case = draft_of(settings, draft)["case_id"]
    assert rows_of(settings, "select state from application where case_id = %s", case) == [{"state": "pending"}]


async def test_an_application_after_the_network_was_lost(browser: Visitor, settings: Settings) -> None:
    """Who never got the answer sends again, or goes back to the check: the receipt, and no second case."""
    one = await small(browser, settings, question("why"), kind="application")
    await one.answer({"why": "For the stairs"})
    before, check = cases(settings), one.here
    form = browser.document.form("/check")
    await browser.client.post(form.action, data=dict(form.values))  # its answer is lost
    await browser.send(form)
    receipt = browser.path
    assert "/forms/sent/" in receipt
    await browser.get(check)
    assert browser.path == receipt
    assert cases(settings) == before + 1


async def notice_at_check(visitor: Visitor) -> str:
    """A notice of concern with all that must be answered, read through: the address of that page."""
    visitor.language = "en"
    one = Respondent(visitor, "concern-older", shipped("concern-older"))
    await one.begin()
    for page in (("role",), ("anonymous",), ("danger-now",), ("address", "municipality"), ("worry-words",)):
        await one.open(page[0])
        await one.answer({link: NOTICE[link] for link in page})
    await one.to_check()
    return one.here


@pytest.mark.parametrize("tabs", [False, True])
async def test_a_notice_is_sent_once(visitor: Visitor, settings: Settings, *, tabs: bool) -> None:
    """A notice of concern that is sent three times at once opens one case. The same form gives each the receipt; other
    tabs are told that it may have been sent, with a number to call."""
    check = await notice_at_check(visitor)
    before = cases(settings)
    sending = await posts(visitor.client, check, 3, tabs=tabs)
    answers = await meeting(settings, *sending)
    receipts = [answer for answer in answers if answer.headers.get("location") == "/en/forms/received"]
    assert len(receipts) == (1 if tabs else 3)
    for answer in answers:
        if answer not in receipts:
            assert "may have been sent already" in Document(answer.text).text
    assert cases(settings) == before + 1


@pytest.mark.parametrize("same", [True, False])
async def test_a_contact_request_is_sent_once(visitor: Visitor, settings: Settings, *, same: bool) -> None:
    """The same contact request three times at once is one case with one receipt. The control: three different ones at
    once are three, so the requests do meet."""
    await visitor.get("/en/contact")
    before, form = cases(settings), visitor.document.form("/contact")
    typed = [{**dict(form.values), **ASKED, **({} if same else {"message": f"Knee {n}"})} for n in range(3)]
    answers = await meeting(settings, *(visitor.client.post(form.action, data=data) for data in typed))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == (1 if same else 3)
    assert cases(settings) == before + (1 if same else 3)


def visit_of(settings: Settings, person: uuid.UUID) -> uuid.UUID:
    """A booked time of the person, which no case led to."""
    visit = booked_appointment(settings).id
    change(settings, "update appointment set subject_id = %s, actor_id = %s where id = %s", person, person, visit)
    return visit


async def asked_for(one: Attacker, settings: Settings, visit: uuid.UUID, **more: Any) -> str:
    """A form that was asked for before the visit, begun: its draft. Nothing in it must be answered."""
    assert one.who
    code, _form = publish(settings, question("q"), **more)
    me, register = one.who.person_id, more.get("register", "patient")
    values = {"code": code, "register": register, "asked_at": FIXED_NOW, "state": "open", "actor_id": me}
    task = insert(settings, "form_task", subject_id=me, appointment_id=visit, **values)
    answer = await one.post(f"/en/forms/{code}", task=str(task))
    return answer.headers["location"].rpartition("/")[2]


async def sent(one: Attacker, settings: Settings, draft: str) -> Any:
    """The case that the draft joins when it is sent."""
    answer = await one.post(f"/en/forms/fill/{draft}/check")
    assert answer.status_code == 303, Document(answer.text).text[:300]
    return draft_of(settings, draft)["case_id"]


@pytest.fixture(params=["guarded", "the control"])
def guarded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether forms of one visit wait for each other; without that they open a case each."""
    if request.param != "guarded":

        async def nobody_waits(*_: object) -> None:
            return None

        monkeypatch.setattr(send, "_one_by_one", nobody_waits)
    return bool(request.param == "guarded")


async def test_forms_of_one_visit(app: FastAPI, settings: Settings, *, guarded: bool) -> None:
    """Two forms of one visit that are sent at the same moment join one case; without the lock they open one each."""
    async with Attacker.resident(app, settings) as one:
        assert one.who
        visit = visit_of(settings, one.who.person_id)
        two = [await asked_for(one, settings, visit) for _ in range(2)]
        before = cases(settings)
        found = set(await meeting(settings, *(sent(one, settings, draft) for draft in two)))
        assert None not in found
        assert cases(settings) == before + len(found)
        assert len(found) == (1 if guarded else 2)
        events = rows_of(settings, "select event from case_event where case_id = any(%s)", list(found))
        assert [row["event"] for row in events].count("arrived") == 2


async def test_what_joins_the_case_of_a_visit(app: FastAPI, settings: Settings) -> None:
    """A form of another unit joins too; one of another visit, of another register, or an application does not, nor one
    that comes when the case has been closed."""
    async with Attacker.resident(app, settings) as one:
        assert one.who
        visit, other_visit = (visit_of(settings, one.who.person_id) for _ in range(2))
        first = await sent(one, settings, await asked_for(one, settings, visit))
        assert await sent(one, settings, await asked_for(one, settings, visit, unit_code="savonlinna")) == first
        apart = [
            await asked_for(one, settings, other_visit),
            await asked_for(one, settings, visit, register="social", unit_code="older-people"),
            await asked_for(one, settings, visit, kind="application"),
        ]
        others = [await sent(one, settings, draft) for draft in apart]
        assert len({first, *others}) == 4
        change(settings, "update \"case\" set state = 'closed' where id = %s", first)
        late = await sent(one, settings, await asked_for(one, settings, visit))
        assert late not in {None, first, *others}


def attach(one: Respondent, *files: tuple[str, str, bytes]) -> Any:
    """The page on its way with files."""
    form = one.visitor.document.form(one.here)
    takes = {element.get("name") for element in one.visitor.document.all("input") if element.get("type") == "file"}
    fields = {name: value for name, value in form.values if name not in takes}
    sent = [(one.name(link), (name, content, "application/octet-stream")) for link, name, content in files]
    return one.visitor.client.post(form.action, data={**fields, "attach": one.name("files")}, files=sent)


def titles(settings: Settings, draft: str) -> list[str]:
    query = "select title from attachment where response_id = %s order by title"
    return [row["title"] for row in rows_of(settings, query, draft)]


def send_now(connection: psycopg.Connection, draft: str) -> None:
    """The draft is sent, in a transaction that goes on."""
    case = uuid.uuid4()
    connection.execute(
        'insert into "case" (id, reference, subject_id, actor_id, register, unit_code, kind, titles, language, urgency,'
        " urgency_rank, arrived_at, due_at, state, version) select %s, %s, subject_id, actor_id, register, 'mikkeli',"
        " 'form', titles, 'fi', 'routine', 4, now(), now(), 'open', 1 from form_response where id = %s",
        [case, case.hex[:12], draft],
    )
    connection.execute(
        "update form_response set state = 'sent', sent_at = now(), response = '{}', case_id = %s where id = %s",
        [case, draft],
    )


async def test_a_file_while_the_form_is_sent(browser: Visitor, settings: Settings) -> None:
    """A file that comes while another tab sends the form is not added, and the receipt says so; nor is one that comes
    after."""
    one = await small(browser, settings, PAGE)
    draft = one.draft
    async with held_back(settings, f"select 1 from form_response where id = '{draft}' for update") as other_tab:
        coming = asyncio.ensure_future(attach(one, ("files", "late.pdf", PDF)))
        await until_waiting(settings, 1)
        send_now(other_tab, draft)
    for answer in (await coming, await attach(one, ("files", "later.pdf", PDF))):
        assert (answer.status_code, answer.headers["location"]) == (303, f"/en/forms/sent/{draft}?told=files")
    await browser.get(f"/en/forms/sent/{draft}?told=files")
    assert "The files that you chose were not added to it" in browser.document.text
    assert titles(settings, draft) == []


async def test_a_file_while_a_draft_is_deleted(browser: Visitor, settings: Settings) -> None:
    """A file for a draft that another tab throws away: a page that says what may have become of it, no broken one."""
    one = await small(browser, settings, PAGE)
    async with held_back(settings, f"delete from form_response where id = '{one.draft}'"):
        coming = asyncio.ensure_future(attach(one, ("files", "late.pdf", PDF)))
        await until_waiting(settings, 1)
    answer = await coming
    assert answer.status_code == 404
    assert "not open here any more" in Document(answer.text).text
    assert "was not saved" in Document(answer.text).text


async def test_files_at_the_same_moment(browser: Visitor, settings: Settings) -> None:
    """Files that come at once are all added; of two for a question that takes one, one stays, and its row alone."""
    one = await small(browser, settings, PAGE)
    async with held_back(settings, f"select 1 from form_response where id = '{one.draft}' for update"):
        many = [attach(one, ("files", f"{n}.pdf", PDF)) for n in range(3)]
        single = [attach(one, ("picture", f"{n}.png", PNG)) for n in range(2)]
        coming = [asyncio.ensure_future(request) for request in (*many, *single)]
        await until_waiting(settings, len(coming))
    assert {answer.status_code for answer in await asyncio.gather(*coming)} == {303}
    kept = titles(settings, one.draft)
    assert [title for title in kept if title.endswith(".pdf")] == ["0.pdf", "1.pdf", "2.pdf"]
    assert len(kept) == 4
    await browser.get(one.here)
    assert all(title in browser.document.text for title in kept)
