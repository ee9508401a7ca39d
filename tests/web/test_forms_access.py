"""A notice of concern is nobody's: nothing leads from it to who sent it, and nobody but its own staff reads it."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.desk import change, staff
from tests.tools.form_answers import answers_to
from tests.tools.traces import all_rows
from tests.tools.visitor import Visitor
from tests.web.test_acting import act_for, rows

SECRET, CHILD, NAME = "Salainen huoli lapsesta", "Salainen Lapsi", "Salainen Ilmoittaja"
FORM = "concern-child"
NOTICE = {
    "role": "private",
    "kind": "child",
    "anonymous": "anonymous",
    "danger-now": "no",
    "child-name": CHILD,
    "address": "Koekatu 1",
    "municipality": "Mikkeli",
    "worry-words": SECRET,
    "own-name": NAME,  # told before they chose to give no name
}
UNIT, TASK = "child-welfare", "child_welfare"
SENDERS = ("anonymous", "signed in", "for the child")


@dataclass(frozen=True)
class Sent:
    """A notice that was sent. `ids`: the draft, the browser's session, the people; nothing may lead to them. `left`:
    the rows that the sending has made or changed."""

    draft: str
    ids: frozenset[str]
    left: frozenset[tuple[str, str]]
    case: uuid.UUID
    response: uuid.UUID
    reference: str

    @property
    def words(self) -> tuple[str, ...]:
        """What a page that shows anything of it would hold."""
        return SECRET, CHILD, str(self.case), str(self.response), self.reference


async def begin(visitor: Visitor, settings: Settings, code: str = FORM) -> str:
    """A draft of a notice with all its answers: its id."""
    await visitor.get(f"/en/forms/{code}")
    await visitor.submit(f"/forms/{code}")
    draft = visitor.path.split("/")[4]
    given = json.dumps(answers_to(code, NOTICE))
    earlier = "update form_response set answers = %s, started_at = started_at - interval '5 minutes' where id = %s"
    change(settings, earlier, given, draft)
    return draft


async def send(visitor: Visitor, settings: Settings) -> Sent:
    """Write a notice and send it; what the sending has left behind."""
    draft = await begin(visitor, settings)
    (session,) = rows(settings, "select session_id from form_response where id = %s", draft)
    people = rows(
        settings,
        "select b.person_id, r.subject_id from browser_session b left join representation r on r.session_id = b.id"
        " where b.id = %s",
        session["session_id"],
    )
    await visitor.get(f"/en/forms/fill/{draft}/check")
    before = all_rows(settings)
    await visitor.submit("/check")
    assert "/forms/received" in visitor.path, visitor.document.text[:400]
    left = frozenset(all_rows(settings) - before)
    (case,) = rows(settings, 'select id, reference from "case" where reference = %s', reference_in(visitor))
    (response,) = rows(settings, "select id from form_response where case_id = %s", case["id"])
    ids = {draft, str(session["session_id"]), *(str(one) for row in people for one in row.values() if one)}
    return Sent(draft, frozenset(ids), left, case["id"], response["id"], case["reference"])


def reference_in(visitor: Visitor) -> str:
    """The reference that the receipt tells."""
    found = re.search("[A-Z2-9]{4}-[A-Z2-9]{4}", visitor.document.text)
    assert found
    return found[0]


async def come(visitor: Visitor, sender: str) -> Visitor:
    """At the window as `sender`: Anna, also for her child Eemeli, or nobody known."""
    if sender == "signed in":
        await visitor.get("/en/my")
        await visitor.sign_in("Anna")
    elif sender == "for the child":
        visitor.language = "en"
        await act_for(visitor, "Anna", "Eemeli")
    return visitor


@pytest_asyncio.fixture(loop_scope="session")
async def worker(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    """A social worker of child welfare."""
    async with staff(app, settings, "social_worker", UNIT, tasks=(TASK,)) as one:
        yield one


@pytest.mark.parametrize("sender", SENDERS)
async def test_no_row_leads_to_the_sender(visitor: Visitor, settings: Settings, sender: str) -> None:
    """Of all rows that the sending makes or changes none holds the session, the draft or a person; the name that was
    typed and then taken back is gone; and the trail tells of an opening by nobody."""
    sent = await send(await come(visitor, sender), settings)
    assert {table for table, _row in sent.left} >= {"form_response", "case", "case_event", "time_limit", "audit_event"}
    assert not [(table, row) for table, row in sent.left for one in (*sent.ids, NAME) if one in row]
    assert "delivery" not in {table for table, _row in sent.left}
    (trail,) = rows(settings, "select * from audit_event where target_id = %s", str(sent.case))
    assert (trail["action"], trail["actor_kind"]) == ("open", "nobody")
    assert (trail["actor_id"], trail["subject_id"], trail["mandate"]) == (None, None, None)
    assert len(rows(settings, "select 1 from audit_event where request_id = %s", trail["request_id"])) == 1
    (row,) = rows(settings, "select * from form_response where id = %s", sent.response)
    assert str(sent.response) != sent.draft
    nobody = ("session_id", "subject_id", "actor_id", "basis", "task_id", "amends_id")
    assert [row[name] for name in nobody] == [None] * len(nobody)
    assert row["started_at"] == row["sent_at"]  # when it was begun is when the browser session was
    assert (row["memo"], row["shown"]) == ([], {})
    assert not {"subject", "author", "source"} & row["response"].keys()
    (case,) = rows(settings, 'select subject_id, actor_id, session_id, basis from "case" where id = %s', sent.case)
    assert set(case.values()) == {None}


@pytest.mark.parametrize("sender", SENDERS[1:])
async def test_no_page_leads_to_the_notice(visitor: Visitor, app: FastAPI, settings: Settings, sender: str) -> None:
    """Neither the sender, nor the child's family, nor whoever acts for them finds it on any page of theirs."""
    sent = await send(await come(visitor, sender), settings)
    pages = ("my", "my/forms", "my/data", "my/data.json", "my/log", "my/applications", "forms", f"forms/{FORM}")
    async with Visitor(app, settings.public_url, language="en") as father:
        await act_for(father, "Juho", "Eemeli")
        for one in (visitor, father):
            for page in pages:
                await one.get(f"/en/{page}")
                assert not [words for words in sent.words if words in one.body.decode()], page
            for path in (f"my/forms/{sent.response}", f"forms/sent/{sent.response}", f"forms/fill/{sent.draft}"):
                assert (await one.get(f"/en/{path}")).status == 404, path


async def test_who_opens_the_draft_again(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """While it is being written it is this browser session's: not offered on its first page, in no list, not another
    browser's of the same person, and gone when they sign out."""
    draft = await begin(await come(visitor, "signed in"), settings)
    path = f"/en/forms/fill/{draft}/check"
    assert SECRET in (await visitor.get(path)).body.decode()
    for page in ("my", "my/forms", f"forms/{FORM}", "my/data.json", "my/log"):
        body = (await visitor.get(f"/en/{page}")).body.decode()
        assert not [words for words in (draft, SECRET) if words in body], page
    async with Visitor(app, settings.public_url, language="en") as elsewhere:
        await come(elsewhere, "signed in")
        assert (await elsewhere.get(path)).status == 404
    await visitor.get("/en/my")
    await visitor.submit("/sign-out")
    assert (await visitor.get(path)).status == 404
    await come(visitor, "signed in")
    assert (await visitor.get(path)).status == 404


async def test_a_session_that_ends(visitor: Visitor, settings: Settings) -> None:
    """What is typed into a notice when the session has run out is kept for nobody: it would wait on the screen of
    whoever signs in next. Into any other form it is."""
    for code, kept in ((FORM, 0), ("pre-visit", 1)):
        await come(visitor, "signed in")
        await visitor.get(f"/en/forms/{code}")
        await visitor.submit(f"/forms/{code}")
        form = visitor.document.form(visitor.path)
        change(settings, "update browser_session set seen_at = seen_at - interval '1 hour' where ended_at is null")
        await visitor.send(form, "Continue", f3="Salainen")
        assert visitor.status == 410 if code == FORM else "/sign-in" in visitor.path
        assert rows(settings, "select count(*) n from set_aside") == [{"n": kept}]


async def test_while_acting_for_a_child(visitor: Visitor, settings: Settings) -> None:
    """A notice that is begun while acting for a child is not the child's, and the trail tells nothing of it."""
    draft = await begin(await come(visitor, "for the child"), settings)
    (row,) = rows(settings, "select subject_id, actor_id from form_response where id = %s", draft)
    assert row == {"subject_id": None, "actor_id": None}
    assert not rows(settings, "select 1 from audit_event where target_id = %s", draft)


async def test_its_staff_read_it(visitor: Visitor, settings: Settings, worker: Attacker) -> None:
    """The unit finds it in its queue by a title that tells neither name nor child, reads it, and the trail says so."""
    sent = await send(visitor, settings)
    queue = (await worker.send("GET", "/en/staff")).text
    assert str(sent.case) in queue
    assert not [words for words in (SECRET, CHILD, "Koekatu") if words in queue]
    (case,) = rows(settings, 'select titles from "case" where id = %s', sent.case)
    assert case["titles"]["en"] in queue
    page = (await worker.send("GET", f"/en/staff/cases/{sent.case}")).text
    assert SECRET in page
    assert NAME not in page
    assert worker.who
    (trail,) = rows(
        settings,
        "select actor_id, subject_id from audit_event where target_id = %s and action = 'read'",
        str(sent.case),
    )
    assert trail == {"actor_id": worker.who.person_id, "subject_id": None}


OTHERS = {
    "another unit": ("social_worker", "mikkeli", TASK),
    "another task": ("social_worker", UNIT, "older_people"),
    "health care": ("triage_nurse", UNIT, TASK),
    "supervisor": ("supervisor", UNIT, TASK),
    "auditor": ("auditor", UNIT, TASK),
    "operator": ("operator", UNIT, TASK),
    "content owner": ("content_owner", UNIT, TASK),
}


@pytest.mark.parametrize("who", OTHERS)
async def test_no_other_staff_do(visitor: Visitor, app: FastAPI, settings: Settings, who: str) -> None:
    """Staff of another unit, task, register or role find it nowhere, and no reason opens it."""
    sent = await send(visitor, settings)
    role, unit, task = OTHERS[who]
    async with staff(app, settings, role, unit, tasks=(task,)) as one:
        for page in ("", "/audit", "/systems", "/special-access", "/corrections", "/forms"):
            text = (await one.send("GET", f"/en/staff{page}")).text
            assert not [words for words in (SECRET, CHILD, sent.reference) if words in text], page
        assert (await one.send("GET", f"/en/staff/cases/{sent.case}")).status_code == 404
        given = {"reason": "urgent_help", "words": "Apua", "unit": unit}
        assert (await one.post(f"/en/staff/cases/{sent.case}/reason", **given)).status_code == 404
        assert (await one.send("GET", f"/en/staff/cases/{sent.case}")).status_code == 404
