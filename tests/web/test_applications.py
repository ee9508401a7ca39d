"""Applications: pending, more asked and given, decided once or withdrawn; nobody else sees or does any of it."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from psycopg import errors

from app.models.context import Context
from app.services.applications.tell import tell_more_asked
from app.services.reaching.notices import is_still_told, notice_words, notify
from app.settings import Settings
from tests.tools.applications import DRAFT, TASK, UNIT, make_application
from tests.tools.attacker import Attacker
from tests.tools.deliveries import carrier, rows_of
from tests.tools.desk import change, staff
from tests.tools.document import Document
from tests.tools.row_scene import enter
from tests.tools.visitor import Visitor
from tests.tools.world import work_off
from tests.web.test_acting import act_for, person

QUESTION = "Kuka hoitaa, kun hoitaja on poissa?"
ANSWER = "Sisareni hoitaa silloin."


@pytest_asyncio.fixture(loop_scope="session")
async def applicant(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A resident who applies."""
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def guide(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A service guide of the unit."""
    async with staff(app, settings, "service_guide", UNIT, tasks=(TASK,)) as one:
        yield one


@pytest.fixture
def case(settings: Settings, applicant: Attacker) -> uuid.UUID:
    """The applicant's pending application."""
    assert applicant.who
    return make_application(settings, applicant.who.person_id)


def one(settings: Settings, query: str, *values: object) -> dict[str, Any]:
    (found,) = rows_of(settings, query, *values)
    return found


def state_of(settings: Settings, case: uuid.UUID) -> str:
    return str(one(settings, "select state from application where case_id = %s", case)["state"])


def mine(case: uuid.UUID, more: str = "") -> str:
    return f"/fi/my/applications/{case}{more}"


def desk(case: uuid.UUID, more: str = "") -> str:
    return f"/fi/staff/cases/{case}/application{more}"


def running(settings: Settings, case: uuid.UUID) -> set[str]:
    query = "select rule from time_limit where case_id = %s and stopped_at is null"
    return {row["rule"] for row in rows_of(settings, query, case)}


async def read(who: Attacker, path: str) -> str:
    answer = await who.send("GET", path)
    assert answer.status_code == 200, path
    return Document(answer.text).text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


async def ask(guide: Attacker, settings: Settings, case: uuid.UUID, **more: str) -> uuid.UUID:
    fields = {"question": QUESTION, "answer_by": "8.12.2026", **more}
    assert (await guide.post(desk(case, "/ask"), **fields)).status_code == 303
    found: uuid.UUID = one(settings, "select id from information_request where case_id = %s", case)["id"]
    return found


async def decide(guide: Attacker, case: uuid.UUID, **more: Any) -> int:
    return (await guide.post(desk(case, "/decision"), **{**DRAFT, **more})).status_code


async def test_the_whole_road(applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """Taken, asked, answered, checked, decided, read: each side sees at each step what is theirs to see."""
    assert "vireillä" in await read(applicant, mine(case))
    assert "Omaishoidon tuki" in await read(applicant, "/fi/my/applications")
    assert (await guide.post(desk(case, "/take"))).status_code == 303
    assert running(settings, case) == {"need-assessment-start", "application-decision"}
    request = await ask(guide, settings, case)
    shown = await read(applicant, mine(case))
    assert QUESTION in shown
    assert "8.12.2026" in shown
    sent = await applicant.post(mine(case, f"/answer/{request}"), answer=ANSWER)
    assert sent.status_code == 303
    assert state_of(settings, case) == "in_handling"
    assert ANSWER in await read(guide, desk(case))
    checked = await guide.post(desk(case, "/decide"), **DRAFT)
    assert checked.status_code == 200
    assert DRAFT["reasons"] in checked.text
    assert state_of(settings, case) == "in_handling"
    assert await decide(guide, case) == 303
    assert running(settings, case) == {"decision-carried-out", "application-closing"}
    assert "Päätös on tehty" in await read(applicant, mine(case))
    document = await read(applicant, mine(case, "/decision"))
    for words in (DRAFT["decided"], DRAFT["reasons"], "937/2005", "1301/2014", "1.12.2026–30.11.2027", "Testi Hoitaja"):
        assert str(words) in document
    for words in ("oikaisuvaatimus", "30 päivän", "kirjaamo", "Esimerkkikatu 12", "28.12.2026", "015 000 072"):
        assert words in document
    actions = rows_of(settings, "select action from audit_event where target_id = %s", str(case))
    assert {"take_application", "ask_more", "give_more", "decide_application"} <= {row["action"] for row in actions}


async def test_the_last_day_is_a_working_day(
    applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID
) -> None:
    """Opened on 24 November, the thirtieth day is Christmas Eve: the last day is the next working day, and it is said
    the same every time."""
    assert await decide(guide, case) == 303
    for _ in range(2):
        assert "28.12.2026" in await read(applicant, mine(case, "/decision"))
    limit = one(settings, "select * from time_limit where case_id = %s and rule = 'review-request'", case)
    assert limit["due_at"].isoformat().startswith("2026-12-28")
    assert one(settings, "select read_at from decision where case_id = %s", case)["read_at"] is not None


async def test_print_and_pdf(applicant: Attacker, guide: Attacker, case: uuid.UUID) -> None:
    """The decision is printed and kept as a file."""
    await decide(guide, case)
    assert DRAFT["decided"] in await read(applicant, mine(case, "/decision/print"))
    answer = await applicant.send("GET", mine(case, "/decision/pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_decision_speaks_the_applicants_language(
    applicant: Attacker, guide: Attacker, settings: Settings
) -> None:
    """Whoever applied in Swedish gets it in Swedish, whatever the languages of the pages are."""
    assert applicant.who
    case = make_application(settings, applicant.who.person_id, language="sv")
    assert guide.who
    change(settings, "update staff_member set profession = 'service_guide' where id = %s", guide.who.person_id)
    assert await decide(guide, case) == 303
    answer = await applicant.send("GET", mine(case, "/decision"))
    assert "Tillämpade bestämmelser" in answer.text
    assert "servicehandledare" in answer.text
    assert "omprövning" in answer.text
    assert 'lang="sv"' in answer.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "withdrawn"}, "outcome"),
        ({"decided": ""}, "decided"),
        ({"decided": "x" * 4001}, "decided"),
        ({"reasons": ""}, "reasons"),
        ({"outcome": "refused", "reasons": " "}, "reasons"),
        ({"law": []}, "law"),
        ({"law": ["7", "x"]}, "law"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "huomenna"}, "valid_from"),
        ({"valid_to": "31.2.2027"}, "valid_to"),
        ({"valid_to": "1.11.2026"}, "valid_to"),
    ],
)
@pytest.mark.parametrize("step", ["/decide", "/decision"])
async def test_an_unfinished_decision_is_not_made(
    guide: Attacker, settings: Settings, case: uuid.UUID, more: dict[str, Any], field: str, step: str
) -> None:
    """What is missing or can't be read is told at its field, at the check and past it, and nothing is decided."""
    answer = await guide.post(desk(case, step), **{**DRAFT, **more})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert state_of(settings, case) == "pending"


async def test_granted_in_full_needs_no_reasons(guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """Who gets what they applied for need not be told why."""
    assert await decide(guide, case, outcome="granted", reasons="") == 303
    assert one(settings, "select outcome from decision where case_id = %s", case)["outcome"] == "granted"


@pytest.mark.parametrize(
    ("question", "day"),
    [("", "8.12.2026"), ("x" * 2001, "8.12.2026"), (QUESTION, ""), (QUESTION, "30.11.2026"), (QUESTION, "1.1.2030")],
)
async def test_a_bad_question_is_not_asked(
    guide: Attacker, settings: Settings, case: uuid.UUID, question: str, day: str
) -> None:
    """Without words, or with less than a week or more than three months to answer, nothing is asked."""
    answer = await guide.post(desk(case, "/ask"), question=question, answer_by=day)
    assert answer.status_code == 422
    assert state_of(settings, case) == "pending"


async def test_bad_answers(applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """An empty or over-long answer is told; one to a question that there is not is a page that there is not; a second
    answer doesn't change the first."""
    request = await ask(guide, settings, case)
    path = mine(case, f"/answer/{request}")
    for text in ("", "x" * 4001):
        assert (await applicant.post(path, answer=text)).status_code == 422
    assert (await applicant.post(mine(case, f"/answer/{uuid.uuid4()}"), answer=ANSWER)).status_code == 404
    assert (await applicant.post(path, answer=ANSWER)).status_code == 303
    assert (await applicant.post(path, answer="Toinen vastaus")).status_code == 409
    assert one(settings, "select answer from information_request where id = %s", request)["answer"] == ANSWER


async def test_an_alarming_answer_raises_the_case(
    applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID
) -> None:
    """Who writes of danger to life sees at once whom to call, and the case is urgent."""
    request = await ask(guide, settings, case)
    await applicant.post(mine(case, f"/answer/{request}"), answer="En jaksa enää, aion tappaa itseni")
    assert one(settings, 'select urgency from "case" where id = %s', case)["urgency"] == "immediate"
    assert "112" in await read(applicant, mine(case))


async def test_withdrawing(applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """The applicant takes it back, twice is once; then nothing can be asked or decided, and no limit towards a decision
    runs."""
    assert (await applicant.send("GET", mine(case, "/withdraw"))).status_code == 200
    for _ in range(2):
        assert (await applicant.post(mine(case, "/withdraw"))).status_code == 303
    assert state_of(settings, case) == "withdrawn"
    assert running(settings, case) == {"application-closing"}
    assert (await guide.post(desk(case, "/ask"), question=QUESTION, answer_by="8.12.2026")).status_code == 409
    assert (await guide.post(desk(case, "/take"))).status_code == 409
    assert await decide(guide, case) == 409
    assert rows_of(settings, "select 1 from decision where case_id = %s", case) == []
    assert (await applicant.send("GET", mine(case, "/withdraw"))).status_code == 303


async def test_what_is_decided_is_not_withdrawn(
    applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID
) -> None:
    """A decision stands: withdrawing comes too late and says so."""
    await decide(guide, case)
    assert (await applicant.post(mine(case, "/withdraw"))).status_code == 409
    assert state_of(settings, case) == "decided"


async def test_pressed_twice_it_is_one_decision(guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """The same form sent twice at once leads to the same page and one decision."""
    data = {"form_token": guide.token(), **DRAFT}
    twice = [guide.send("POST", desk(case, "/decision"), data=data) for _ in range(2)]
    answers = await asyncio.gather(*twice)
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, desk(case))}
    assert len(rows_of(settings, "select 1 from decision where case_id = %s", case)) == 1


async def test_of_two_who_decide_one_wins(app: FastAPI, settings: Settings, case: uuid.UUID) -> None:
    """Two workers press at once: one decision is made, the other one is told that there is one already."""
    async with (
        staff(app, settings, "service_guide", UNIT, tasks=(TASK,)) as first,
        staff(app, settings, "social_worker", UNIT, tasks=(TASK,)) as second,
    ):
        codes = await asyncio.gather(decide(first, case), decide(second, case, outcome="refused"))
    assert sorted(codes) == [303, 409]
    outcome = one(settings, "select outcome from decision where case_id = %s", case)["outcome"]
    assert outcome == ("partly_granted" if codes[0] == 303 else "refused")
    notes = "select 1 from audit_event where target_id = %s and action = 'decide_application'"
    assert len(rows_of(settings, notes, str(case))) == 1


async def test_of_two_cases_both_are_decided(app: FastAPI, settings: Settings, applicant: Attacker) -> None:
    """The control of the race: the same two on two applications both decide."""
    assert applicant.who
    cases = [make_application(settings, applicant.who.person_id) for _ in range(2)]
    async with (
        staff(app, settings, "service_guide", UNIT, tasks=(TASK,)) as first,
        staff(app, settings, "social_worker", UNIT, tasks=(TASK,)) as second,
    ):
        codes = await asyncio.gather(decide(first, cases[0]), decide(second, cases[1]))
    assert set(codes) == {303}


@pytest.mark.parametrize(
    ("role", "unit", "tasks"),
    [
        ("service_guide", "disability", (TASK,)),
        ("service_guide", UNIT, ("disability",)),
        ("service_guide", UNIT, ()),
        ("triage_nurse", UNIT, (TASK,)),
        ("supervisor", UNIT, (TASK,)),
    ],
)
async def test_other_staff_find_nothing(
    app: FastAPI, settings: Settings, case: uuid.UUID, role: str, unit: str, tasks: tuple[str, ...]
) -> None:
    """For staff of another unit, task or register there is no such application, whatever they send."""
    async with staff(app, settings, role, unit, tasks=tasks) as other:
        for path in ("", "/decide"):
            assert (await other.send("GET", desk(case, path))).status_code == 404
        assert (await other.post(desk(case, "/take"))).status_code == 404
        assert (await other.post(desk(case, "/ask"), question=QUESTION, answer_by="8.12.2026")).status_code == 404
        assert (await other.post(desk(case, "/decide"), **DRAFT)).status_code == 404
        assert await decide(other, case) == 404
    assert state_of(settings, case) == "pending"


async def test_another_resident_finds_nothing(
    app: FastAPI, guide: Attacker, settings: Settings, case: uuid.UUID
) -> None:
    """Somebody else's application is no page, and can't be answered or withdrawn."""
    request = await ask(guide, settings, case)
    async with Attacker.resident(app, settings) as other:
        for path in ("", "/withdraw", "/decision", "/decision/print", "/decision/pdf"):
            assert (await other.send("GET", mine(case, path))).status_code == 404
        assert (await other.post(mine(case, f"/answer/{request}"), answer=ANSWER)).status_code == 404
        assert (await other.post(mine(case, "/withdraw"))).status_code == 404
    assert state_of(settings, case) == "more_asked"


async def test_who_holds_a_mandate_for_social_matters_answers(
    visitor: Visitor, guide: Attacker, settings: Settings
) -> None:
    """Liisa acts for Helvi in social welfare: she sees what is asked, answers, and reads the decision."""
    case = make_application(settings, person(settings, "Helvi"))
    request = await ask(guide, settings, case)
    await act_for(visitor, "Liisa", "Helvi")
    await visitor.get(mine(case))
    assert QUESTION in visitor.document.text
    await visitor.submit(f"/answer/{request}", answer=ANSWER)
    assert visitor.status == 200
    assert await decide(guide, case) == 303
    await visitor.get(mine(case, "/decision"))
    assert DRAFT["reasons"] in visitor.document.text
    query = "select action, purpose from audit_event where subject_id = %s and mandate is not null"
    read_rows = rows_of(settings, query, person(settings, "Helvi"))
    assert ("read", "acting for another") in {(row["action"], row["purpose"]) for row in read_rows}


async def test_a_mandate_for_health_opens_no_application(visitor: Visitor, guide: Attacker, settings: Settings) -> None:
    """Liisa's mandate from Eino is about health care: his application is not there for her."""
    case = make_application(settings, person(settings, "Eino"))
    await decide(guide, case)
    await act_for(visitor, "Liisa", "Eino")
    for path in ("", "/decision", "/withdraw"):
        await visitor.get(mine(case, path))
        assert visitor.status == 404, path
    await visitor.get("/fi/my/applications")
    assert str(case) not in str(visitor.body)


async def test_who_may_write_but_not_read(visitor: Visitor, guide: Attacker, settings: Settings) -> None:
    """A guardian of a teenager who applied for her sees how far it is, and neither the question nor the decision."""
    aino, heli = person(settings, "Aino"), person(settings, "Heli")
    case = make_application(settings, aino, actor_id=heli, basis="guardian")
    await ask(guide, settings, case)
    await act_for(visitor, "Heli", "Aino")
    await visitor.get(mine(case))
    assert visitor.status == 200
    assert QUESTION not in visitor.document.text
    assert await decide(guide, case) == 303
    await visitor.get(mine(case))
    assert DRAFT["decided"] not in visitor.document.text
    for path in ("/decision", "/decision/print", "/decision/pdf"):
        await visitor.get(mine(case, path))
        assert visitor.status == 404, path
    assert one(settings, "select read_at from decision where case_id = %s", case)["read_at"] is None


def told(settings: Settings, case: uuid.UUID) -> set[tuple[uuid.UUID, str]]:
    query = "select person_id, kind from notice where case_id = %s"
    return {(row["person_id"], row["kind"]) for row in rows_of(settings, query, case)}


async def test_who_hears_of_it(visitor: Visitor, guide: Attacker, settings: Settings) -> None:
    """The applicant hears that something waits, and so does whoever applied for them by a right that is not known to be
    lost; each once, and no notice says what it is about."""
    aili, marja = person(settings, "Aili"), person(settings, "Marja")
    await act_for(visitor, "Marja", "Aili")
    case = make_application(settings, aili, actor_id=marja, basis="mandate")
    request = await ask(guide, settings, case)
    await work_off(settings)
    async with carrier(settings) as ours, ours.transactions() as session:
        await tell_more_asked(session, request)  # a job that runs twice tells once
    asked = {(aili, "application_more_asked"), (marja, "application_more_asked_for_another")}
    assert told(settings, case) == asked
    lost = "update representation set ended_at = now(), ended_why = 'lost' where actor_id = %s"
    change(settings, lost, marja)
    await decide(guide, case)
    await work_off(settings)
    assert told(settings, case) == asked | {(aili, "application_decided")}
    await work_off(settings)  # what the first round has put into the queue
    sent = "select d.state, n.kind from delivery d join notice n on n.id = d.about_id where n.case_id = %s"
    assert {row["state"] for row in rows_of(settings, sent, case)} == {"done"}
    for kind in {row["kind"] for row in rows_of(settings, sent, case)}:
        words = " ".join(text.to("fi") for text in notice_words(kind).values()).lower()
        assert not {word for word in ("hakem", "omaishoi", "sosiaali", "aili") if word in words}


async def test_who_may_only_write_is_not_told(visitor: Visitor, guide: Attacker, settings: Settings) -> None:
    """A guardian who applied for a teenager but may not read in social welfare gets no notice of what she can't read,
    and none that waits goes out to guardians once a capable minor has forbidden it."""
    aino, heli = person(settings, "Aino"), person(settings, "Heli")
    await act_for(visitor, "Heli", "Aino")
    case = make_application(settings, aino, actor_id=heli, basis="guardian")
    await ask(guide, settings, case)
    await work_off(settings)
    assert told(settings, case) == {(aino, "application_more_asked")}
    change(settings, 'update "case" set guardian_access = %s where id = %s', "closed", case)
    async with carrier(settings) as ours, ours.transactions() as session:
        await notify(session, heli, "application_decided_for_another", notice_id=case, case_id=case)
        (own,) = rows_of(settings, "select id from notice where case_id = %s and person_id = %s", case, aino)
        assert not await is_still_told(session, case)
        assert await is_still_told(session, own["id"])
        await session.rollback()


async def test_a_decision_can_not_be_changed(
    applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID
) -> None:
    """Not even by SQL as the web's role: every column of a decision stays, the moment of its first reading too, and
    staff change nothing of it."""
    await decide(guide, case)
    await read(applicant, mine(case, "/decision"))
    assert applicant.who
    me = applicant.who.person_id
    both = frozenset({"patient", "social"})
    context = Context("resident", actor=me, subject=me, registers=both, readable=both)
    columns = ("reference", "at", "profession", "outcome", "decided", "reasons", "language", "read_at", "document")
    with psycopg.connect(settings.database_url) as connection:
        for column in columns:
            new = {"at": "now()", "read_at": "now()", "document": "'{}'", "outcome": "'refused'"}.get(column, "'x'")
            enter(connection, context)
            with pytest.raises(errors.RestrictViolation), connection.transaction():
                connection.execute(f"update decision set {column} = {new} where case_id = %s", [case])
        with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
            connection.execute("delete from decision where case_id = %s", [case])
        worker = Context(
            "staff",
            actor=uuid.uuid4(),
            units=frozenset({UNIT}),
            tasks=frozenset({TASK}),
            registers=frozenset({"social"}),
            powers=frozenset({"decide_applications"}),
        )
        enter(connection, worker)
        changed = connection.execute("update decision set read_at = null where case_id = %s", [case])
        assert changed.rowcount == 0
        connection.rollback()


async def test_own_data_holds_it(applicant: Attacker, guide: Attacker, settings: Settings, case: uuid.UUID) -> None:
    """The decision belongs to what a person takes with them."""
    await decide(guide, case)
    answer = await applicant.send("GET", "/fi/my/data.json")
    (row,) = answer.json()["applications"]
    assert (row["state"], row["outcome"]) == ("decided", "partly_granted")
    assert DRAFT["reasons"] in answer.text
    assert "Hakemukset ja päätökset" in await read(applicant, "/fi/my/data")
