"""Whose a draft is: of who writes it, for one person; begun without signing in, of the browser until somebody does.
And what becomes of it once it is sent."""

import json
from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.desk import change, insert, make_case, make_person, staff
from tests.tools.form_answers import REASON, answers_to, fill_form
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_acting import act_for, choose, person, rows

CODE = "pre-visit"
OFFERED = "/forms/fill/"


@pytest.fixture(autouse=True)
def for_anyone(settings: Settings) -> None:
    """The form may be filled in without signing in."""
    change(settings, "update questionnaire set who = 'anyone' where code = %s", CODE)


async def begin(visitor: Visitor, settings: Settings, words: str, code: str = CODE) -> str:
    """A draft that says `words`: its id."""
    await visitor.get(f"/en/forms/{code}")
    await visitor.submit(f"/forms/{code}")
    draft = visitor.path.split("/")[4]
    given = json.dumps(answers_to(code, {"worry-words" if code != CODE else "reason": words}))
    change(settings, "update form_response set answers = %s, memo = '[]' where id = %s", given, draft)
    return draft


async def signed_in(visitor: Visitor, name: str = "Anna") -> Visitor:
    await visitor.get("/en/my")
    return await visitor.sign_in(name)


async def offered(visitor: Visitor) -> set[str]:
    """The drafts that the form's first page and the list of one's forms lead to."""
    found = set()
    for path in (f"/en/forms/{CODE}", "/en/my/forms"):
        await visitor.get(path)
        found |= {href.split("/")[4] for _text, href in visitor.document.links() if OFFERED in href}
    return found


async def test_one_for_each_person(visitor: Visitor, settings: Settings) -> None:
    """A draft in one's own matters and one for the child never mix: each is offered and opened where it belongs."""
    await signed_in(visitor)
    own = await begin(visitor, settings, "Oma vaiva")
    assert await offered(visitor) == {own}
    visitor.language = "en"
    await choose(visitor, "Eemeli")
    childs = await begin(visitor, settings, "Lapsen vaiva")
    assert await offered(visitor) == {childs}
    for path in ("", "/page/1", "/check"):
        assert (await visitor.get(f"/en/forms/fill/{own}{path}")).status == 404
    await visitor.get("/en/acting")
    await visitor.submit("/acting/stop")
    assert await offered(visitor) == {own}
    assert (await visitor.get(f"/en/forms/fill/{childs}/check")).status == 404
    who = rows(settings, "select subject_id, actor_id, basis from form_response where id = %s", childs)
    people = {"subject_id": person(settings, "Eemeli"), "actor_id": person(settings, "Anna")}
    assert who == [{**people, "basis": "guardian"}]


async def test_the_other_guardian_has_their_own(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """What one guardian is writing for a child is not shown to the other, who begins one of their own."""
    visitor.language = "en"
    await act_for(visitor, "Anna", "Eemeli")
    annas = await begin(visitor, settings, "Äidin luonnos")
    async with Visitor(app, settings.public_url, language="en") as father:
        await act_for(father, "Juho", "Eemeli")
        assert annas not in await offered(father)
        assert (await father.get(f"/en/forms/fill/{annas}/check")).status == 404
        assert (await father.get(f"/en/my/forms/{annas}/delete")).status == 404
        assert "luonnos" not in (await father.get("/en/my/data.json")).body.decode()


async def test_a_draft_joins_who_signs_in(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """What was begun without signing in is, in the same browser, the person's who signs in there; the trail says so.
    In another browser it is nobody's."""
    draft = await begin(visitor, settings, "Ennen kirjautumista")
    async with Visitor(app, settings.public_url) as elsewhere:
        await signed_in(elsewhere)
        assert draft not in await offered(elsewhere)
        assert (await elsewhere.get(f"/en/forms/fill/{draft}/check")).status == 404
    await signed_in(visitor)
    assert draft in await offered(visitor)
    assert "Ennen kirjautumista" in (await visitor.get(f"/en/forms/fill/{draft}/check")).body.decode()
    (row,) = rows(settings, "select subject_id, actor_id from form_response where id = %s", draft)
    assert set(row.values()) == {person(settings, "Anna")}
    (trail,) = rows(settings, "select action, subject_id from audit_event where target_id = %s", draft)
    assert trail == {"action": "claim", "subject_id": person(settings, "Anna")}


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_an_older_draft_is_asked_about(visitor: Visitor, settings: Settings, answer: str) -> None:
    """On a shared computer a draft of half an hour ago joins nobody silently: the person says whose it is."""
    draft = await begin(visitor, settings, "Vanha luonnos")
    ago = FIXED_NOW - timedelta(minutes=31)
    change(settings, "update form_response set changed_at = %s where id = %s", ago, draft)
    await signed_in(visitor)
    assert visitor.path.startswith("/en/session/answers?")
    (title,) = rows(settings, "select titles ->> 'en' as words from form_response where id = %s", draft)
    assert title["words"] in visitor.document.text
    assert "Vanha luonnos" not in visitor.document.text
    form = next(one for one in visitor.document.forms() if dict(one.values).get("answer") == answer)
    await visitor.get(f"/en/forms/fill/{draft}/check")
    assert visitor.status == 404  # not before it is said whose it is
    await visitor.send(form)
    assert (draft in await offered(visitor)) == (answer == "yes")
    assert (await visitor.get(f"/en/forms/fill/{draft}/check")).status == (200 if answer == "yes" else 404)


@pytest.mark.parametrize("minutes", [1, 31])
async def test_a_notice_joins_nobody(visitor: Visitor, settings: Settings, minutes: int) -> None:
    """A notice of concern that was begun before signing in stays nobody's, and nobody is asked whose it is: the next
    one at the computer may be whom it is about."""
    draft = await begin(visitor, settings, "Huoli", "concern-older")
    ago = FIXED_NOW - timedelta(minutes=minutes)
    change(settings, "update form_response set changed_at = %s where id = %s", ago, draft)
    await signed_in(visitor)
    assert visitor.path == "/en/my"
    (row,) = rows(settings, "select subject_id, actor_id from form_response where id = %s", draft)
    assert set(row.values()) == {None}
    assert (await visitor.get(f"/en/forms/fill/{draft}/check")).status == 404
    assert not rows(settings, "select 1 from audit_event where target_id = %s", draft)


async def test_a_file_opened_with_a_reason(app: FastAPI, settings: Settings) -> None:
    """Who has opened a case with a special reason reads its files by that reason, and the trail says so; staff of the
    unit handle the case."""
    subject = make_person(settings)
    case = make_case(settings, subject)
    content = b"%PDF-1.4"
    sent = fill_form(settings, subject, case=case)
    what = {"title": "liite.pdf", "content_type": "application/pdf", "size": len(content), "digest": b""}
    times = {"created_at": FIXED_NOW, "scanned_at": FIXED_NOW}
    file = insert(settings, "attachment", response_id=sent, **what, **times)
    sealed = app.state.attachment_keys.seal(file, 0, 1, content)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute("insert into attachment_chunk values (%s, 0, %s)", [file, sealed])
    async with staff(app, settings, "triage_nurse", "savonlinna") as far:
        assert (await far.send("GET", f"/en/staff/files/{file}")).status_code == 404
        await far.post(f"/en/staff/cases/{case}/reason", reason="urgent_help", words="", unit="savonlinna")
        assert (await far.send("GET", f"/en/staff/files/{file}")).content == content
    async with staff(app, settings, "triage_nurse", "mikkeli") as near:
        assert (await near.send("GET", f"/en/staff/files/{file}")).content == content
    told = rows(settings, "select purpose, reason from audit_event where target_id = %s order by id", str(file))
    assert [tuple(row.values()) for row in told] == [("special reason", "urgent_help"), ("handling the case", None)]


async def test_sent_in_another_tab(visitor: Visitor, settings: Settings) -> None:
    """A page of a draft that was sent meanwhile leads on to the receipt: what was sent stays as it was sent."""
    await signed_in(visitor)
    draft = await begin(visitor, settings, REASON["reason"])
    await visitor.get(f"/en/forms/fill/{draft}/page/1")
    tab = visitor.document.form("/page/1")
    await visitor.get(f"/en/forms/fill/{draft}/check")
    await visitor.submit("/check")
    receipt = visitor.path
    assert f"/forms/sent/{draft}" in receipt
    await visitor.send(tab, "Continue", f3="Muuta")
    assert visitor.path.startswith(receipt)
    (row,) = rows(settings, "select answers::text as words from form_response where id = %s", draft)
    assert "Muuta" not in row["words"]
