"""The wish to be contacted: how to answer, when, what the sender needs, and the way back to it without signing in."""

import re
import uuid
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from app.domain.return_code import grouped, read_code
from app.models.context import Context
from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.desk import change, make_case, staff
from tests.tools.document import Document
from tests.tools.row_scene import enter
from tests.tools.visitor import Visitor
from tests.web.test_acting import choose, person, rows
from tests.web.test_cases import finish_assessment

CODE = re.compile(r"(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}")
ASKED: dict[str, Any] = {"topic": "health", "message": "Polvi on kipeä", "name": "Testi", "phone": "040 123 4567"}
NOTHING_FOUND = "We found nothing with this code"


@pytest.fixture(autouse=True)
def nothing_kept(settings: Settings) -> None:
    """Nothing waits of what other tests have typed."""
    rows(settings, "delete from set_aside")


async def ask(visitor: Visitor, **more: Any) -> Visitor:
    """Fill in the form and send it."""
    await visitor.get("/en/contact")
    return await visitor.submit("/contact", "Send", **{**ASKED, **more})


def asked(settings: Settings, visitor: Visitor) -> dict[str, Any]:
    """What was sent, by the address of its receipt."""
    (found,) = rows(settings, "select * from contact_request where case_id = %s", visitor.path.rsplit("/", 1)[-1])
    return found


def code_of(visitor: Visitor) -> str:
    found = CODE.search(visitor.document.text)
    assert found, visitor.document.text[:600]
    return found.group()


async def come_back(visitor: Visitor, code: str) -> Visitor:
    await visitor.get("/en/contact/return")
    return await visitor.submit("/contact/return", code=code)


async def test_as_before_without_the_new_fields(visitor: Visitor, settings: Settings) -> None:
    """Who says nothing more is called, as ever."""
    await ask(visitor)
    assert "calls you" in visitor.document.text
    sent = asked(settings, visitor)
    assert (sent["way"], sent["reachable"], sent["interpreter"], sent["accessibility"]) == ("phone", "", "", "")


async def test_a_call_needs_a_number(visitor: Visitor, settings: Settings) -> None:
    """A call needs a phone number; an answer in writing doesn't, and one that is written must still be one."""
    await ask(visitor, phone="")
    assert visitor.status == 422
    await ask(visitor, phone="soita", way="written")
    assert visitor.status == 422
    await ask(visitor, phone="", way="written")
    sent = asked(settings, visitor)
    assert (sent["way"], sent["phone"]) == ("written", "")
    assert "return code" in visitor.document.text


async def test_when_to_reach(visitor: Visitor, settings: Settings) -> None:
    """The ticked parts of the day are kept in words, in their order and in the writer's language, with what is
    written beside them; what was never offered is left out."""
    await ask(visitor, when=["12–14", "8–10", "midnight"], reachable="not on Tuesday")
    assert asked(settings, visitor)["reachable"] == "on weekdays at 8–10, 12–14 · not on Tuesday"


async def test_needs_go_along(visitor: Visitor, settings: Settings) -> None:
    """Interpreter and accessibility are told with the request; another language is written."""
    await ask(visitor, interpreter="fse", accessibility="Pyörätuoli")
    sent = asked(settings, visitor)
    assert (sent["interpreter"], sent["accessibility"]) == ("fse", "Pyörätuoli")
    await ask(visitor, interpreter="other", interpreter_other="Wolof")
    assert asked(settings, visitor)["interpreter"] == "Wolof"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"way": "pigeon"}, "way"),
        ({"interpreter": "other"}, "interpreter_other"),
        ({"interpreter": "tlh"}, "interpreter"),
        ({"interpreter": "ar", "interpreter_other": "Wolof"}, "interpreter_other"),
        ({"accessibility": "x" * 1001}, "accessibility"),
        ({"reachable": "x" * 301}, "reachable"),
    ],
)
async def test_what_is_to_be_mended(visitor: Visitor, typed: dict[str, str], field: str) -> None:
    """Each mistake leads to its field, and all that was typed and ticked is still there."""
    given = {"when": ["8–10", "14–16"], "way": "written", "accessibility": "Huono kuulo", **typed}
    await ask(visitor, **given)
    assert visitor.status == 422
    assert f"#{field}" in [href for _words, href in visitor.document.links()]
    values = visitor.document.form("/contact").values
    for name, value in {**ASKED, **given}.items():
        for one in [value] if isinstance(value, str) else value:
            shown = (name, one) in values or one in visitor.body.decode()
            assert shown or value in {"pigeon", "tlh"}, name
    assert 'id="needs' not in visitor.body.decode()


async def test_mistakes_with_an_assessment(visitor: Visitor) -> None:
    """A form that goes with an assessment comes back with its name, too."""
    run = await finish_assessment(visitor)
    await visitor.get(f"/en/contact?assessment={run}")
    await visitor.submit("/contact", "Send", name="")
    assert visitor.status == 422
    assert "go along" in visitor.document.text


async def test_alarming_words_in_the_needs(visitor: Visitor, settings: Settings) -> None:
    """What is written beside the message is read for alarm, too."""
    await ask(visitor, accessibility="Rintaan sattuu kovasti")
    case_id = visitor.path.rsplit("/", 1)[-1]
    (case,) = rows(settings, 'select urgency from "case" where id = %s', case_id)
    assert case["urgency"] == "immediate"


async def test_back_by_the_code(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """The receipt shows a code; in any browser it shows what was sent and how far it is. Only its hash is kept, and
    no address, cookie or row of the page holds it."""
    await ask(visitor, way="written", phone="", interpreter="so")
    code, case_id = code_of(visitor), visitor.path.rsplit("/", 1)[-1]
    (case,) = rows(settings, 'select return_code_hash, reference from "case" where id = %s', case_id)
    assert case["return_code_hash"] == app.state.vault.lookup_return_code(read_code(code))
    async with Visitor(app, settings.public_url) as elsewhere:
        await come_back(elsewhere, code.replace("-", " ").lower())
        assert elsewhere.path == "/en/contact/return"
        for words in (ASKED["message"], case["reference"], "Somali", "in writing", "waits for an answer"):
            assert words in elsewhere.document.text
        assert elsewhere.headers["cache-control"] == "no-store"
        assert code not in elsewhere.body.decode()
        assert not elsewhere.client.cookies
        await elsewhere.get(f"/en/contact/sent/{case_id}")
        assert elsewhere.status == 404
    read = rows(settings, "select * from audit_event where action = 'read_by_code' and target_id = %s", case_id)
    assert [(row["subject_id"], row["register"]) for row in read] == [(None, "patient")]


async def test_the_code_is_shown_for_a_while(visitor: Visitor) -> None:
    """The receipt shows it also when it is loaded anew; afterwards nobody can show it, and the receipt says so."""
    await ask(visitor)
    path, code = visitor.path, code_of(visitor)
    await visitor.get(path)
    assert code_of(visitor) == code
    assert visitor.client.cookies.get("asiointi-return") == read_code(code)
    visitor.client.cookies.delete("asiointi-return")
    await visitor.get(path)
    assert not CODE.search(visitor.document.text)
    assert "cannot find it again" in visitor.document.text


async def test_twice_is_one_code(visitor: Visitor, settings: Settings) -> None:
    """The same form sent twice leads to the same receipt with the same code."""
    await visitor.get("/en/contact")
    form = visitor.document.form("/contact")
    await visitor.send(form, "Send", **ASKED)
    first = visitor.path, code_of(visitor)
    await visitor.send(form, "Send", **ASKED)
    assert (visitor.path, code_of(visitor)) == first


async def test_a_wrong_code_tells_nothing(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """A code that is none, one that nobody has, and one that is good no more get the very same answer."""
    await ask(visitor)
    good, case_id = code_of(visitor), visitor.path.rsplit("/", 1)[-1]
    owner = person(settings, "Aili")
    change(settings, 'update "case" set subject_id = %s, actor_id = %s where id = %s', owner, owner, case_id)
    pages = []
    async with Visitor(app, settings.public_url) as stranger:
        for code in ("", "x", "A" * 5000, grouped("A" * 20), "A" * 20, good, case_id):
            await come_back(stranger, code)
            assert (stranger.status, NOTHING_FOUND in stranger.document.text) == (422, True)
            pages.append(stranger.document.text)
    assert len(set(pages)) == 1
    assert rows(settings, "select 1 from audit_event where action = 'read_by_code' and target_id = %s", case_id) == []


async def test_the_code_opens_no_more_than_its_own(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """By the hash of a code PostgreSQL shows its case and what is in it, and nothing once the case is somebody's."""
    await ask(visitor)
    case_id, found = (
        uuid.UUID(visitor.path.rsplit("/", 1)[-1]),
        app.state.vault.lookup_return_code(read_code(code_of(visitor))),
    )
    with psycopg.connect(settings.database_url) as web:
        enter(web, Context("browser", session=uuid.uuid4(), lookups=(found,)))
        assert web.execute('select id from "case"').fetchall() == [(case_id,)]
        assert web.execute("select case_id from contact_request").fetchall() == [(case_id,)]
        assert web.execute("select 1 from person").fetchall() == []
        assert web.execute('update "case" set state = state').rowcount == 0
    owner = person(settings, "Aili")
    change(settings, 'update "case" set actor_id = %s where id = %s', owner, case_id)
    with psycopg.connect(settings.database_url) as web:
        enter(web, Context("browser", session=uuid.uuid4(), lookups=(found,)))
        assert web.execute('select id from "case"').fetchall() == []


async def test_signed_in_needs_no_code(visitor: Visitor, settings: Settings) -> None:
    """Somebody signed in gets no code: they read the answer in My window."""
    await visitor.get("/en/my")
    await visitor.sign_in("Aili")
    await ask(visitor, way="written", phone="")
    assert not CODE.search(visitor.document.text)
    assert "My window" in visitor.document.text
    hashes = rows(settings, 'select return_code_hash from "case" where id = %s', visitor.path.rsplit("/", 1)[-1])
    assert hashes == [{"return_code_hash": None}]


async def test_codes_are_not_tried_at_will(app: FastAPI, settings: Settings) -> None:
    """Ten tries in a quarter of an hour, as with other codes."""
    async with Attacker.resident(app, settings) as guesser:
        statuses = [(await guesser.post("/en/contact/return", code=str(turn))).status_code for turn in range(12)]
    assert statuses == [422] * 10 + [429] * 2


async def test_video_needs_signing_in(visitor: Visitor, settings: Settings) -> None:
    """A video visit leads to signing in, which says why; what was typed waits there, sealed, and is sent with one
    click by the one who has signed in."""
    await ask(visitor, way="video", when=["10–12"], interpreter="ru", phone="")
    assert visitor.path.startswith("/en/sign-in?")
    assert "must know who you are" in visitor.document.text
    (kept,) = rows(settings, "select * from set_aside")
    assert (kept["person_id"], kept["path"]) == (None, "/en/contact")
    assert ASKED["message"].encode() not in kept["values_sealed"]
    assert rows(settings, "select 1 from contact_request where way = 'video'") == []
    await visitor.sign_in("Aili")
    assert "/session/kept/" in visitor.path
    assert "Now you are signed in" in visitor.document.text
    await visitor.submit("/contact")
    sent = asked(settings, visitor)
    assert (sent["way"], sent["interpreter"], sent["reachable"]) == ("video", "ru", "on weekdays at 10–12")
    assert sent["actor_id"] == person(settings, "Aili")
    assert rows(settings, "select 1 from set_aside") == []


async def test_back_without_signing_in(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """Who doesn't sign in after all finds the form as it was left, in that browser and in no other; sending it in
    another way leaves nothing behind."""
    await ask(visitor, way="video", phone="", when=["8–10"])
    async with Visitor(app, settings.public_url) as stranger:
        await ask(stranger, message="")
        await stranger.get("/en/contact")
        assert ASKED["message"] not in stranger.document.text
    await visitor.get("/en/contact")
    form = visitor.document.form("/contact")
    assert {("way", "video"), ("when", "8–10"), ("name", "Testi")} <= set(form.values)
    await visitor.send(form, "Send", way="written")
    assert asked(settings, visitor)["message"] == ASKED["message"]
    assert rows(settings, "select 1 from set_aside") == []


async def test_an_alarm_comes_before_signing_in(visitor: Visitor) -> None:
    """Who writes of something urgent sees the emergency card at once, not the way to Suomi.fi."""
    await ask(visitor, way="video", message="Rintaan sattuu ja henkeä ahdistaa")
    assert visitor.status == 422
    assert "112" in visitor.document.text
    assert "A video visit takes longer to arrange" in visitor.document.text


async def test_needs_are_remembered_only_when_asked(visitor: Visitor, settings: Settings) -> None:
    """Unticked, nothing is remembered; ticked, the next form has it. What is remembered doesn't change by a matter
    in which it isn't ticked again."""
    await visitor.get("/en/my")
    await visitor.sign_in("Gunilla")
    who = person(settings, "Gunilla")
    needs = "select interpreter, accessibility from person_needs where person_id = %s"
    await ask(visitor, interpreter="fss", accessibility="Hörapparat")
    assert rows(settings, needs, who) == []
    await ask(visitor, interpreter="fss", accessibility="Hörapparat", remember="yes")
    assert rows(settings, needs, who) == [{"interpreter": "fss", "accessibility": "Hörapparat"}]
    await visitor.get("/en/contact")
    assert ("accessibility", "Hörapparat") in visitor.document.form("/contact").values
    assert ("remember", "yes") not in visitor.document.form("/contact").values
    await ask(visitor, interpreter="", accessibility="Annat")
    assert rows(settings, needs, who) == [{"interpreter": "fss", "accessibility": "Hörapparat"}]


async def test_own_needs(visitor: Visitor, settings: Settings) -> None:
    """A resident sees, changes and removes what we remember; it is in their own data as long as it is there."""
    await visitor.get("/en/my/needs")
    await visitor.sign_in("Daniel")
    assert "Remove what we remember" not in visitor.document.text
    await visitor.submit("/my/needs", interpreter="other", interpreter_other="Wolof", accessibility="Huono kuulo")
    assert visitor.path == "/en/my/needs?told=saved"
    values = visitor.document.form("/my/needs").values
    assert {("interpreter_other", "Wolof"), ("accessibility", "Huono kuulo")} <= set(values)
    await visitor.get("/en/my/data.json")
    assert b'"interpreter": "Wolof"' in visitor.body
    await visitor.get("/en/my/needs")
    await visitor.submit("/my/needs", interpreter="other", interpreter_other="", accessibility="Muu")
    assert visitor.status == 422
    assert ("accessibility", "Muu") in visitor.document.form("/my/needs").values
    await visitor.get("/en/my/needs")
    await visitor.submit("/my/needs/forget")
    query = "select interpreter, accessibility from person_needs where person_id = %s"
    assert rows(settings, query, person(settings, "Daniel")) == [{"interpreter": "", "accessibility": ""}]
    await visitor.get("/en/my/data.json")
    assert b'"needs": []' in visitor.body


async def test_staff_see_how_to_answer(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """The queue says that an answer is wanted in writing; the case has the way, when, and what is needed, in the
    professional's language."""
    await ask(visitor, way="written", phone="", when=["8–10"], interpreter="fse", accessibility="Selkokieli")
    case_id = visitor.path.rsplit("/", 1)[-1]
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        queue = Document((await nurse.send("GET", "/en/staff")).text).text
        assert "wants a written answer" in queue
        shown = Document((await nurse.send("GET", f"/en/staff/cases/{case_id}")).text).text
    for words in ("in writing", "on weekdays at 8–10", "Finnish Sign Language", "Selkokieli"):
        assert words in shown


async def test_staff_see_what_is_remembered(app: FastAPI, settings: Settings) -> None:
    """The needs come along to every case of the person, for staff who have it and for nobody else."""
    owner = person(settings, "Kerttu")
    change(
        settings,
        "insert into person_needs (person_id, interpreter, accessibility, changed_at) values (%s, 'sq', 'Pyörätuoli',"
        " now())",
        owner,
    )
    case: uuid.UUID = make_case(settings, owner)
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        shown = Document((await nurse.send("GET", f"/en/staff/cases/{case}")).text).text
    assert "Albanian" in shown
    assert "Pyörätuoli" in shown


async def test_acting_shows_the_subjects_needs(visitor: Visitor, settings: Settings) -> None:
    """Who acts for somebody and may read their matters has that person's needs in the form, not their own; the
    reading is a row in that person's log."""
    subject, told = person(settings, "Aili"), "insert into person_needs values (%s, 'uk', %s, now())"
    change(settings, told, subject, "Aili kuulee huonosti")
    change(settings, told, person(settings, "Marja"), "Marjan oma")
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await choose(visitor, "Aili")
    await visitor.get("/fi/contact")
    values = visitor.document.form("/contact").values
    assert {("interpreter", "uk"), ("accessibility", "Aili kuulee huonosti")} <= set(values)
    read = "select 1 from audit_event where action = 'read' and target_kind = 'needs' and subject_id = %s"
    assert len(rows(settings, read, subject)) == 1
