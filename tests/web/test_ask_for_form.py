"""A professional asks the subject of a case for a form: it waits in their window, joins the case, or is taken back."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.services.forms.tell_asked import tell_form_asked
from app.services.reaching.notices import notice_words
from app.settings import Settings
from tests.tools.applications import TASK, UNIT
from tests.tools.attacker import Attacker
from tests.tools.deliveries import carrier, rows_of
from tests.tools.desk import change, make_case, make_person, staff
from tests.tools.document import Document
from tests.tools.form_answers import REASON, shipped
from tests.tools.respondent import Respondent
from tests.tools.small_forms import publish, question
from tests.tools.visitor import Visitor
from tests.tools.world import work_off
from tests.web.test_acting import act_for, person
from tests.web.test_forms_sent import sent

FORM, DUE = "pre-visit", "8.12.2026"
APPLICATION = "application-informal-care"


@pytest_asyncio.fixture(loop_scope="session")
async def nurse(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A triage nurse of the unit."""
    async with staff(app, settings, "triage_nurse", "mikkeli") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def resident(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """Whose case it is."""
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest.fixture
def case(settings: Settings, resident: Attacker) -> uuid.UUID:
    """A case in the nurse's queue."""
    assert resident.who
    return make_case(settings, resident.who.person_id)


def desk(case: uuid.UUID, more: str = "") -> str:
    return f"/en/staff/cases/{case}{more}"


async def read(who: Attacker, path: str, status: int = 200) -> Document:
    answer = await who.send("GET", path)
    assert answer.status_code == status, path
    return Document(answer.text)


def tasks(settings: Settings, case: uuid.UUID) -> list[dict[str, Any]]:
    return rows_of(settings, "select * from form_task where case_id = %s order by asked_at, code", case)


async def ask(nurse: Attacker, case: uuid.UUID, form: str = FORM, **fields: str) -> int:
    return (await nurse.post(desk(case, "/forms"), form=form, **fields)).status_code


async def asked(nurse: Attacker, settings: Settings, case: uuid.UUID, form: str = FORM) -> uuid.UUID:
    """The id of what was asked for."""
    assert await ask(nurse, case, form, due=DUE) == 303
    task: uuid.UUID = next(row["id"] for row in tasks(settings, case) if row["code"] == form)
    return task


def options(document: Document) -> set[str]:
    return {option.get("value", "") for option in document.all("option")} - {""}


async def test_asked_and_answered(
    nurse: Attacker, visitor: Visitor, settings: Settings, resident: Attacker, case: uuid.UUID
) -> None:
    """The form waits in the resident's window with who asks and for what; what is sent joins the case, where the
    professional reads it."""
    page = await read(nurse, desk(case))
    assert page.leading_to("/forms") == desk(case, "/forms")
    task = await asked(nurse, settings, case)
    assert "waits to be filled in" in (await read(nurse, desk(case))).text
    assert resident.who
    visitor.client.cookies.set("asiointi", resident.who.cookie)
    await visitor.get("/en/my/forms")
    told = visitor.document.text
    assert "Mikkeli reception team asks for it. Matter: Trial matter." in told
    assert "8 December 2026" in told
    await visitor.get(visitor.document.leading_to(f"task={task}"))
    assert "Mikkeli reception team asks for it" in visitor.document.text
    await visitor.submit(f"/forms/{FORM}")
    response = await sent(Respondent(visitor, FORM, shipped(FORM)))
    (row,) = rows_of(settings, "select case_id, task_id from form_response where id = %s", response)
    assert row == {"case_id": case, "task_id": task}
    page = await read(nurse, desk(case))
    assert REASON["reason"] in page.text
    assert page.leading_to(f"#form-{response}")
    assert f"form-{response}" in {section.get("id") for section in page.all("section")}
    assert [row["state"] for row in tasks(settings, case)] == ["done"]
    await visitor.get("/en/my/forms")
    assert "task=" not in visitor.body.decode()


async def test_prefilled(nurse: Attacker, visitor: Visitor, settings: Settings) -> None:
    """What is asked for begins as the form does without being asked: with the answers of before, where one wants."""
    await visitor.get("/en/sign-in")
    await visitor.sign_in("Kerttu")
    await visitor.get(f"/en/forms/{FORM}")
    await visitor.submit(f"/forms/{FORM}")
    await sent(Respondent(visitor, FORM, shipped(FORM)))
    case = make_case(settings, person(settings, "Kerttu"))
    task = await asked(nurse, settings, case)
    await visitor.get(f"/en/forms/{FORM}?task={task}")
    await visitor.submit(f"/forms/{FORM}", "Start with the answers")
    assert REASON["reason"] in visitor.body.decode()


async def test_said_and_recorded(nurse: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """Asking and taking back leave rows in the audit trail and on the timeline, which does not name the form."""
    task = await asked(nurse, settings, case)
    assert (await nurse.post(desk(case, f"/forms/{task}/withdraw"))).status_code == 303
    query = "select action, purpose, register from audit_event where target_id = %s order by id"
    assert rows_of(settings, query, str(task)) == [
        {"action": action, "purpose": "handling the case", "register": "patient"} for action in ("ask", "withdraw_form")
    ]
    events = rows_of(settings, "select event, detail from case_event where case_id = %s order by at, event", case)
    assert {row["event"] for row in events} == {"form_asked", "form_withdrawn"}
    assert [row["detail"] for row in events] == [{}, {}]


async def test_taken_back(nurse: Attacker, resident: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """A form that was taken back waits no more; twice is once; one that was filled in meanwhile stays, and is told."""
    task = await asked(nurse, settings, case)
    path = desk(case, f"/forms/{task}/withdraw")
    assert (await read(nurse, path)).form("/withdraw")
    assert f"task={task}" in (await resident.send("GET", "/en/my/forms")).text
    for _ in range(2):
        assert (await nurse.post(path)).status_code == 303
    assert [row["state"] for row in tasks(settings, case)] == ["cancelled"]
    assert f"task={task}" not in (await resident.send("GET", "/en/my/forms")).text
    assert len(rows_of(settings, "select 1 from case_event where event = 'form_withdrawn' and case_id = %s", case)) == 1
    change(settings, "update form_task set state = 'done', done_at = asked_at where id = %s", task)
    answer = await nurse.post(path)
    assert answer.status_code == 409
    assert "was filled in meanwhile" in Document(answer.text).text
    assert [row["state"] for row in tasks(settings, case)] == ["done"]


async def test_no_double(nurse: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """The same page sent twice asks once; the same form asked for anew is refused in words while it waits, and may be
    asked for again once it came."""
    fields = {"form_token": nurse.token(), "form": FORM, "due": DUE}
    for _ in range(2):
        answer = await nurse.send("POST", desk(case, "/forms"), data=fields)
        assert answer.headers["location"] == f"{desk(case)}#forms"
    answer = await nurse.post(desk(case, "/forms"), form=FORM)
    assert answer.status_code == 422
    assert "has been asked for already" in Document(answer.text).text
    assert len(tasks(settings, case)) == 1
    change(settings, "update form_task set state = 'done', done_at = asked_at where case_id = %s", case)
    assert await ask(nurse, case) == 303
    assert len(tasks(settings, case)) == 2


@pytest.mark.parametrize("due", ["huomenna", "21.11.2026", "1.1.2030"])
async def test_a_day_that_can_be(nurse: Attacker, settings: Settings, case: uuid.UUID, due: str) -> None:
    """A day that is none, has been or is far away is refused in words, and what was chosen stays."""
    answer = await nurse.post(desk(case, "/forms"), form=FORM, due=due)
    assert answer.status_code == 422
    page = Document(answer.text)
    assert dict(page.form("/forms").values)["due"] == due
    assert [option.get("value") for option in page.all("option") if option.get("selected") is not None] == [FORM]
    assert not tasks(settings, case)


async def test_which_forms(nurse: Attacker, app: FastAPI, settings: Settings, case: uuid.UUID) -> None:
    """Only forms of the case's register are there, of its service task but for applications, and never a notice."""
    offered = options(await read(nurse, desk(case, "/forms")))
    assert {FORM, "pain"} <= offered
    assert not {one for one in offered if one.startswith(("concern", "application"))}
    for other in ("concern-older", APPLICATION, "no-such-form", ""):
        assert await ask(nurse, case, other) == 422
    assert not tasks(settings, case)
    subject = make_person(settings)
    social = make_case(settings, subject, register="social", service_task=TASK, unit_code=UNIT)
    async with staff(app, settings, "service_guide", UNIT, tasks=(TASK,)) as guide:
        offered = options(await read(guide, desk(social, "/forms")))
    assert {APPLICATION, "application-mobility"} <= offered
    assert not {one for one in offered if one.startswith("concern")} | {FORM} & offered


async def test_an_application_is_its_own_matter(
    app: FastAPI, visitor: Visitor, settings: Settings, resident: Attacker
) -> None:
    """An application that somebody was asked for is pending in a case of its own; the asker finds the way there."""
    assert resident.who
    case = make_case(settings, resident.who.person_id, register="social", service_task=TASK, unit_code=UNIT)
    async with staff(app, settings, "service_guide", UNIT, tasks=(TASK,)) as guide:
        what: dict[str, Any] = {"kind": "application", "register": "social", "service_task": TASK, "unit_code": UNIT}
        code, form = publish(settings, question("reason"), **what)
        task = await asked(guide, settings, case, code)
        visitor.client.cookies.set("asiointi", resident.who.cookie)
        await visitor.get(f"/en/forms/{code}?task={task}")
        await visitor.submit(f"/forms/{code}")
        response = await sent(Respondent(visitor, code, form))
        (row,) = rows_of(settings, "select case_id from form_response where id = %s", response)
        assert row["case_id"] != case
        (own,) = rows_of(settings, "select state from application where case_id = %s", row["case_id"])
        assert own["state"] == "pending"
        page = await read(guide, desk(case))
        assert page.leading_to(str(row["case_id"])) == desk(row["case_id"])


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "update \"case\" set subject_id = null, actor_id = null, kind = 'concern' where id = %s",
            "notice of concern: it belongs to nobody",
        ),
        ('update "case" set subject_id = null, actor_id = null where id = %s', "had not signed in"),
        (
            "update person set deceased_on = '2026-11-01' where id = (select subject_id from \"case\" where id = %s)",
            "the person has died. no form",
        ),
        ("update \"case\" set state = 'closed' where id = %s", "the case is closed"),
    ],
    ids=["concern", "nobody", "deceased", "closed"],
)
async def test_nobody_to_ask(nurse: Attacker, settings: Settings, case: uuid.UUID, what: str, words: str) -> None:
    """Where nobody can be asked, the case and the page say why in words, and nothing is asked."""
    change(settings, what, case)
    page = await read(nurse, desk(case))
    assert words in page.text.lower()
    assert not [href for _text, href in page.links() if href.endswith("/forms")]
    page = await read(nurse, desk(case, "/forms"))
    assert words in page.text.lower()
    assert not list(page.all("select"))
    assert await ask(nurse, case) == 409
    assert not tasks(settings, case)


async def test_retired_meanwhile(nurse: Attacker, resident: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """A form that went out of use is not asked for; one that waits is told to the professional, and the resident is
    not told of what they can't begin."""
    await asked(nurse, settings, case, "pain")
    assert "1 form" in Document((await resident.send("GET", "/en/my")).text).text
    retire = "update questionnaire set state = %s where code = 'pain' and state = %s"
    change(settings, retire, "retired", "published")
    try:
        page = await read(nurse, desk(case))
        assert "Pain form" in page.text
        assert "not in use any more" in page.text
        change(settings, "update form_task set state = 'cancelled' where case_id = %s", case)
        answer = await nurse.post(desk(case, "/forms"), form="pain")
        assert answer.status_code == 422
        assert "can't be asked for any more" in Document(answer.text).text
        change(settings, "update form_task set state = 'open' where case_id = %s", case)
        assert "1 form" not in Document((await resident.send("GET", "/en/my")).text).text
    finally:
        change(settings, retire, "published", "retired")


async def test_whose_case(nurse: Attacker, app: FastAPI, settings: Settings, case: uuid.UUID) -> None:
    """Staff of another unit neither ask nor take back; what was asked in one case is not taken back by another; what a
    booked time asks for goes with the time."""
    task = await asked(nurse, settings, case)
    other = make_case(settings, make_person(settings), unit_code="savonlinna")
    async with staff(app, settings, "triage_nurse", "savonlinna") as stranger:
        assert (await stranger.send("GET", desk(case, "/forms"))).status_code == 404
        assert await ask(stranger, case, "pain") == 404
        assert (await stranger.post(desk(case, f"/forms/{task}/withdraw"))).status_code == 404
        assert (await stranger.post(desk(other, f"/forms/{task}/withdraw"))).status_code == 404
    assert [row["state"] for row in tasks(settings, case)] == ["open"]
    change(settings, "update form_task set asked_by = null where id = %s", task)
    assert (await nurse.send("GET", desk(case, f"/forms/{task}/withdraw"))).status_code == 404
    assert (await nurse.post(desk(case, f"/forms/{task}/withdraw"))).status_code == 404
    assert [row["state"] for row in tasks(settings, case)] == ["open"]


def told(settings: Settings, case: uuid.UUID) -> set[tuple[uuid.UUID, str]]:
    rows = rows_of(settings, "select person_id, kind from notice where case_id = %s", case)
    return {(row["person_id"], row["kind"]) for row in rows}


async def test_who_hears_of_it(visitor: Visitor, nurse: Attacker, settings: Settings) -> None:
    """The person hears that a form waits, and so does whoever sent the case for them; once, and the notice says nothing
    of what it is about."""
    aili, marja = person(settings, "Aili"), person(settings, "Marja")
    await act_for(visitor, "Marja", "Aili")
    case = make_case(settings, aili, actor_id=marja, basis="mandate")
    task = await asked(nurse, settings, case)
    await work_off(settings)
    async with carrier(settings) as ours, ours.transactions() as session:
        await tell_form_asked(session, task)  # a job that runs twice tells once
    assert told(settings, case) == {(aili, "form_asked"), (marja, "form_asked_for_another")}
    await work_off(settings)
    query = "select d.state from delivery d join notice n on n.id = d.about_id where n.case_id = %s"
    assert {row["state"] for row in rows_of(settings, query, case)} == {"done"}
    for kind in ("form_asked", "form_asked_for_another"):
        words = " ".join(text.to("fi") for text in notice_words(kind).values()).lower()
        assert not {word for word in ("kipu", "esitie", "vastaanotto", "terveys", "aili") if word in words}


async def test_nothing_told_of_what_was_taken_back(nurse: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """A request that was taken back before anybody was told of it is never told."""
    task = await asked(nurse, settings, case)
    await nurse.post(desk(case, f"/forms/{task}/withdraw"))
    await work_off(settings)
    assert told(settings, case) == set()
