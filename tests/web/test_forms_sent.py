"""After a form has been sent: read, printed, corrected, seen by staff; help at once where the answers are alarming."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.deliveries import rows_of
from tests.tools.desk import staff
from tests.tools.document import Document
from tests.tools.form_answers import REASON, shipped
from tests.tools.people import sign_in_many
from tests.tools.respondent import Respondent, draft_of
from tests.tools.visitor import Visitor

CHANGED = "The knee hurts, and so does the hip"


async def sent(one: Respondent, words: str = REASON["reason"], link: str = "reason") -> str:
    """Fill in what must be filled and send; the response's id."""
    await one.answer({link: words})
    await one.to_check()
    await one.send()
    assert "/forms/sent/" in one.here, one.visitor.document.text[:300]
    return one.here.rpartition("/")[2]


def case_of(settings: Settings, response: str) -> dict[str, Any]:
    query = 'select c.* from "case" c join form_response r on r.case_id = c.id where r.id = %s'
    (row,) = rows_of(settings, query, response)
    return row


async def read_case(app: FastAPI, settings: Settings, case_id: object) -> Document:
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        answer = await nurse.send("GET", f"/en/staff/cases/{case_id}")
    assert answer.status_code == 200
    return Document(answer.text)


async def test_corrected(pre_visit: Respondent, app: FastAPI, settings: Settings) -> None:
    """A correction is a response of its own in the same case; the first stays, and staff see both."""
    first = await sent(pre_visit)
    before, visitor = draft_of(settings, first), pre_visit.visitor
    await visitor.get(f"/en/my/forms/{first}")
    await visitor.submit("/amend")
    again = pre_visit.draft
    assert pre_visit.here.endswith("/check")
    assert REASON["reason"] in visitor.document.text
    await pre_visit.open("reason")
    await pre_visit.answer({"reason": CHANGED})
    await pre_visit.to_check()
    await pre_visit.send()
    corrected = pre_visit.here.rpartition("/")[2]
    assert corrected == again != first
    assert draft_of(settings, first) == before
    assert draft_of(settings, again)["response"]["status"] == "amended"
    case = case_of(settings, first)
    assert case_of(settings, again)["id"] == case["id"]
    await visitor.get(f"/en/my/forms/{first}")
    assert "This has been corrected" in visitor.document.text
    assert not [one for one in visitor.document.forms() if one.action.endswith("/amend")]
    seen = (await read_case(app, settings, case["id"])).text
    assert REASON["reason"] in seen
    assert CHANGED in seen
    assert "correction" in seen


async def test_one_correction_at_a_time(pre_visit: Respondent, settings: Settings) -> None:
    """Beginning a correction twice goes on with the one that was begun."""
    first = await sent(pre_visit)
    visitor, drafts = pre_visit.visitor, set()
    for _ in range(2):
        await visitor.get(f"/en/my/forms/{first}")
        await visitor.submit("/amend")
        drafts.add(pre_visit.draft)
    assert len(drafts) == 1
    assert len(rows_of(settings, "select 1 from form_response where amends_id = %s", first)) == 1


async def test_print_and_pdf(pre_visit: Respondent, app: FastAPI, settings: Settings) -> None:
    """On paper and in a file there is what was sent, nobody else's data, and nothing stays in a cache."""
    other_one = Respondent(Visitor(app, settings.public_url, "en"), "pre-visit", shipped("pre-visit"))
    async with other_one.visitor as other:
        other.client.cookies.set("asiointi", sign_in_many(settings, 1)[0].cookie)
        await other_one.begin()
        theirs = await sent(other_one, "Somebody else's worry")
        mine = await sent(pre_visit)
        client = pre_visit.visitor.client
        reference = case_of(settings, mine)["reference"]
        page = await client.get(f"/en/my/forms/{mine}/print")
        for told in (REASON["reason"], reference, "Testi Henkilö0"):
            assert told in page.text
        assert "Somebody else" not in page.text
        pdf = await client.get(f"/en/my/forms/{mine}/pdf")
        assert pdf.content.startswith(b"%PDF")
        assert pdf.headers["content-type"] == "application/pdf"
        assert reference in pdf.headers["content-disposition"]
        for answer in (page, pdf):
            assert "no-store" in answer.headers["cache-control"]
        for path in ("", "/print", "/pdf"):
            assert (await client.get(f"/en/my/forms/{theirs}{path}")).status_code == 404
        assert (await client.get(f"/en/forms/sent/{theirs}")).status_code == 404


async def test_an_alarming_answer(browser: Visitor, app: FastAPI, settings: Settings) -> None:
    """Thoughts of death: the numbers stand on the very next page, and the case is one that can't wait."""
    one = Respondent(browser, "mental-health", shipped("mental-health"))
    await one.begin()
    await one.open("phq9-9")
    field = next(element for element in browser.document.all("div") if element.get("hx-post"))
    assert field.get("hx-select-oob") == "#form-alarm:innerHTML"
    assert not _cards(browser)
    options = one.form.by_link["phq9-9"].options
    alarming = next(str(at) for at, option in enumerate(options) if option.alarming)
    await browser.submit(one.here, **{one.name("phq9-9"): alarming})
    assert _cards(browser)
    await one.to_check()
    assert _cards(browser)
    await one.send()
    assert _cards(browser)
    case = case_of(settings, one.here.rpartition("/")[2])
    assert case["urgency"] == "immediate"
    shown = await read_case(app, settings, case["id"])
    assert shown.h1


def _cards(browser: Visitor) -> list[str]:
    """The numbers of the emergency card on the page."""
    cards = [one for one in browser.document.all("section") if "care-card--emergency" in one.get("class", "")]
    return [link.get("href", "") for card in cards for link in card.iter("a")]


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "En jaksa enää elää"), ("sv", "Jag orkar inte leva längre"), ("en", "I want to kill myself")],
)
async def test_alarming_words(pre_visit: Respondent, settings: Settings, language: str, words: str) -> None:
    """Alarming words in any language: the card with the numbers is on the next page, and the case is urgent."""
    visitor = pre_visit.visitor
    await visitor.get(pre_visit.here.replace("/en/", f"/{language}/"))
    await pre_visit.answer({"reason": words})
    assert "tel:112" in _cards(visitor)
    await pre_visit.to_check()
    await pre_visit.send()
    assert case_of(settings, pre_visit.here.rpartition("/")[2])["urgency"] == "immediate"


async def test_taken_back(pre_visit: Respondent, settings: Settings) -> None:
    """The card goes when the words are taken back, and what is sent then is an ordinary form."""
    await pre_visit.answer({"reason": "I want to kill myself"})
    assert _cards(pre_visit.visitor)
    await pre_visit.open("reason")
    response = await sent(pre_visit)
    assert not _cards(pre_visit.visitor)
    assert case_of(settings, response)["urgency"] == "routine"


async def test_read_by_whom(pre_visit: Respondent, app: FastAPI, settings: Settings) -> None:
    """Reading is audited; staff of another unit do not read it just like that."""
    response = await sent(pre_visit)
    case = case_of(settings, response)["id"]
    await pre_visit.visitor.get(f"/en/my/forms/{response}")
    query = "select action from audit_event where target_kind = 'form_response' and target_id = %s"
    assert {"start", "send", "read"} <= {row["action"] for row in rows_of(settings, query, response)}
    async with staff(app, settings, "triage_nurse", "savonlinna") as stranger:
        answer = await stranger.send("GET", f"/en/staff/cases/{case}")
        assert answer.status_code in (403, 404)
        assert REASON["reason"] not in answer.text


async def booked(visitor: Visitor) -> str:
    """A time with a dentist; its id."""
    await visitor.get("/en/book/dental-check/times")
    held = [one for one in visitor.document.forms() if one.action.endswith("/hold")][-1]
    await visitor.send(held, held.buttons[-1][0])
    await visitor.submit(re.sub(r"\?.*", "", visitor.path), phone="040 123 4567")
    await visitor.submit("/confirm")
    assert "/my/appointments/" in visitor.path, visitor.document.text[:400]
    return visitor.path.rpartition("/")[2].partition("?")[0]


def tasks_of(settings: Settings, appointment: str) -> list[str]:
    query = "select code, state from form_task where appointment_id = %s order by code"
    return [f"{row['code']} {row['state']}" for row in rows_of(settings, query, appointment)]


async def test_asked_for_a_visit(browser: Visitor, settings: Settings) -> None:
    """A booking asks for its form: on the page of the visit and among one's forms, until it is sent to that visit."""
    appointment = await booked(browser)
    assert tasks_of(settings, appointment) == ["oral-health open"]
    one = Respondent(browser, "oral-health", shipped("oral-health"))
    asked = browser.document.leading_to("/forms/oral-health")
    await browser.get("/en/my")
    assert "1 form" in browser.document.text
    await browser.get("/en/my/forms")
    assert browser.document.leading_to("/forms/oral-health") == asked
    await browser.get(asked)
    await browser.submit("/forms/oral-health")
    response = await sent(one, "none", "alarm")
    assert tasks_of(settings, appointment) == ["oral-health done"]
    assert case_of(settings, response)["kind"] == "form"
    await browser.get(f"/en/my/appointments/{appointment}")
    assert "task=" not in browser.body.decode()


async def test_cancelled_with_the_visit(browser: Visitor, settings: Settings) -> None:
    """Of a visit that is cancelled nobody waits for the form any more."""
    appointment = await booked(browser)
    await browser.get(f"/en/my/appointments/{appointment}/cancel")
    await browser.submit("/cancel")
    assert tasks_of(settings, appointment) == ["oral-health cancelled"]
    await browser.get("/en/my/forms")
    assert "task=" not in browser.body.decode()


async def test_somebody_elses_task(browser: Visitor, app: FastAPI, settings: Settings) -> None:
    """Another's task is not found, and no draft begins for it."""
    appointment = await booked(browser)
    (task,) = rows_of(settings, "select id from form_task where appointment_id = %s", appointment)
    async with Attacker.resident(app, settings) as other:
        assert (await other.send("GET", f"/en/forms/oral-health?task={task['id']}")).status_code == 404
        assert (await other.post("/en/forms/oral-health", task=str(task["id"]))).status_code == 404
        assert other.who
        assert not rows_of(settings, "select 1 from form_response where actor_id = %s", other.who.person_id)
