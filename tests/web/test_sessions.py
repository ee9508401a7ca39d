"""The session from beginning to end: told in time, nothing lost, ended everywhere, and never somebody else's."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row

from app.settings import Settings
from app.web.tokens import hash_secret
from tests.tools.attacker import Attacker
from tests.tools.document import Document
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW, work_off

ANNA, TIMO = "Anna Lehtokangas", "Timo Kaislavuori"
WORDS = "Selkä on kipeä, enkä saa nukuttua."


def rows(settings: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    """What the database says."""
    with psycopg.connect(settings.worker_database_url, row_factory=dict_row) as connection:
        cursor = connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True)
def nothing_before(settings: Settings) -> None:
    """No session and nothing kept from an earlier test."""
    rows(settings, "delete from set_aside")
    rows(settings, "update browser_session set ended_at = seen_at, ended_why = 'signed_out' where ended_at is null")


def hash_of(visitor: Visitor) -> bytes:
    """What is kept of the cookie of the visitor's session."""
    return hash_secret(visitor.client.cookies.get("asiointi") or "")


def pass_time(settings: Settings, visitor: Visitor, **ago: timedelta) -> None:
    """Let it look as if so much time had passed for the visitor's session, by column."""
    for column, length in ago.items():
        statement = f"update browser_session set {column} = %s where token_hash = %s"
        rows(settings, statement, FIXED_NOW - length, hash_of(visitor))


async def signed_in(visitor: Visitor, person: str = ANNA, path: str = "/fi/my") -> Visitor:
    await visitor.get(f"/fi/sign-in?next={path}")
    return await visitor.sign_in(person)


async def test_the_time_is_told(app: FastAPI, settings: Settings) -> None:
    """Every page of somebody signed in says when the session ends, without scripts; to nobody else it says nothing."""
    async with Attacker.resident(app, settings) as one:
        for path, words in (("/fi/my", "9.15"), ("/sv/", "9.15"), ("/en/contact", "9:15")):
            shown = Document((await one.send("GET", path)).text)
            place = next(found for found in shown.all("aside") if found.get("id") == "session-end")
            assert place.get("data-seconds") == "900"
            assert words in "".join(place.itertext())
    async with Attacker(app, settings) as nobody:
        assert "session-end" not in (await nobody.send("GET", "/fi/")).text
    async with Attacker.staff(app, settings, ["triage_nurse"], ["mikkeli"]) as nurse:
        assert 'data-audience="staff"' in (await nurse.send("GET", "/fi/staff")).text


async def test_the_last_minutes(app: FastAPI, settings: Settings) -> None:
    """Near the twelfth hour the page says that going on does not help."""
    async with Attacker.resident(app, settings) as one:
        assert one.who
        begun = FIXED_NOW - timedelta(hours=11, minutes=50)
        rows(settings, "update browser_session set created_at = %s where id = %s", begun, one.who.session_id)
        shown = Document((await one.send("GET", "/en/my")).text)
        place = next(found for found in shown.all("aside") if found.get("id") == "session-end")
        assert (place.get("data-seconds"), place.get("data-last-seconds")) == ("600", "600")
        assert "9:10" in "".join(place.itertext())


@pytest.mark.parametrize("who", ["resident", "staff"])
async def test_extending(app: FastAPI, settings: Settings, who: str) -> None:
    """One click is a sign of life: 204 for a script, back to the page for a plain browser. What has ended stays so."""
    maker = Attacker.resident(app, settings) if who == "resident" else Attacker.staff(app, settings, [], [])
    path = "/fi/session/extend" if who == "resident" else "/fi/staff/session/extend"
    async with maker as one:
        assert one.who
        query = "select seen_at from browser_session where id = %s"
        for headers, status in (({"HX-Request": "true"}, 204), ({}, 303)):
            late = FIXED_NOW - timedelta(minutes=14)
            rows(settings, "update browser_session set seen_at = %s where id = %s", late, one.who.session_id)
            fields = {"form_token": one.token(), "next": "/fi/contact"}
            answer = await one.send("POST", path, data=fields, headers=headers)
            assert answer.status_code == status
            assert rows(settings, query, one.who.session_id) == [{"seen_at": FIXED_NOW}]
        assert answer.headers["location"] == "/fi/contact"
        gone = FIXED_NOW - timedelta(minutes=15)
        rows(settings, "update browser_session set seen_at = %s where id = %s", gone, one.who.session_id)
        answer = await one.send("POST", path, data=fields, headers={"HX-Request": "true"})
        assert answer.headers["hx-redirect"]
        assert rows(settings, query, one.who.session_id) == [{"seen_at": gone}]


async def test_nothing_typed_is_lost(visitor: Visitor, settings: Settings) -> None:
    """A form sent after the session has ended is kept, shown after signing in again, and sent with one click."""
    await signed_in(visitor, path="/fi/contact")
    form = visitor.document.form("/contact")
    pass_time(settings, visitor, seen_at=timedelta(minutes=16))
    await visitor.send(form, name="Anna", phone="040 123 4567", message=WORDS, topic="health")
    assert visitor.path.startswith("/fi/sign-in?")
    assert "kept=1" in visitor.path
    assert (
        rows(settings, 'select 1 from "case" c join contact_request r on r.case_id = c.id where message = %s', WORDS)
        == []
    )
    kept = rows(settings, "select values_sealed, path from set_aside")
    assert [one["path"] for one in kept] == ["/fi/contact"]
    assert WORDS.encode() not in kept[0]["values_sealed"]
    await visitor.sign_in(ANNA)
    assert "/fi/session/kept/" in visitor.path
    assert WORDS in visitor.document.text
    await visitor.submit("/fi/contact")
    assert "/contact/sent/" in visitor.path
    sent = rows(settings, "select name, phone from contact_request where message = %s", WORDS)
    assert sent == [{"name": "Anna", "phone": "+358401234567"}]
    assert rows(settings, "select 1 from set_aside") == []


async def test_only_the_same_person_gets_it(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """Somebody else who signs in in that browser never sees what was typed, not even by its address."""
    await signed_in(visitor, path="/fi/contact")
    form = visitor.document.form("/contact")
    pass_time(settings, visitor, seen_at=timedelta(minutes=16))
    await visitor.send(form, name="Anna", phone="040 123 4567", message=WORDS, topic="health")
    await visitor.sign_in(TIMO)
    assert visitor.path == "/fi/my"
    assert WORDS not in visitor.document.text
    address = f"/fi/session/kept/{rows(settings, 'select id from set_aside')[0]['id']}"
    await visitor.get(address)
    assert visitor.status == 404
    async with Visitor(app, settings.public_url) as anna:
        await signed_in(anna)
        assert anna.path == address
        await anna.submit("/drop")
        assert anna.path == "/fi/my"
    assert rows(settings, "select 1 from set_aside") == []


async def test_another_persons_matter_waits_for_it(visitor: Visitor, settings: Settings) -> None:
    """What was typed while acting for another is not shown in one's own matters: one is told how to get it back."""
    await signed_in(visitor, path="/fi/contact")
    form = visitor.document.form("/contact")
    acting = (
        "insert into representation (id, session_id, actor_id, subject_id, basis, registers, readable, asked_at,"
        " request_id, began_at, ended_why) select %s, s.id, s.person_id, p.id, 'guardian', '{patient}', '{}', %s, '',"
        " %s, '' from browser_session s, person p where s.token_hash = %s and p.given_name = 'Timo'"
    )
    rows(settings, acting, uuid.uuid4(), FIXED_NOW, FIXED_NOW, hash_of(visitor))
    pass_time(settings, visitor, seen_at=timedelta(minutes=16))
    await visitor.send(form, name="Anna", phone="040 123 4567", message=WORDS, topic="health")
    await visitor.sign_in(ANNA)
    assert visitor.path == "/fi/session/kept"
    assert WORDS not in visitor.document.text
    kept = rows(
        settings, "select s.id from set_aside s join person p on p.id = s.subject_id where p.given_name = 'Timo'"
    )
    await visitor.get(f"/fi/session/kept/{kept[0]['id']}")
    assert visitor.status == 404
    rows(settings, "delete from set_aside")


async def test_what_is_not_kept(app: FastAPI, settings: Settings) -> None:
    """Nothing is kept of an empty form, of a form of another session, after signing out, or when ended elsewhere."""
    async with Attacker.resident(app, settings) as one, Attacker.resident(app, settings) as other:
        assert one.who
        end = "update browser_session set seen_at = %s, ended_why = %s, ended_at = %s where id = %s"
        late = FIXED_NOW - timedelta(minutes=16)
        for token, words, why in (
            (one.token(), "", ""),
            (other.token(), WORDS, ""),
            (Attacker(app, settings).token(), WORDS, ""),
            (one.token(), WORDS, "signed_out"),
            (one.token(), WORDS, "by_owner"),
            (one.token(), WORDS, "renewed"),
        ):
            rows(settings, end, late, why, FIXED_NOW if why else None, one.who.session_id)
            await one.send("POST", "/fi/contact", data={"form_token": token, "message": words})
            assert rows(settings, "select 1 from set_aside") == [], (words, why)
        rows(settings, end, late, "", None, one.who.session_id)
        signed_out = await one.send("POST", "/fi/sign-out", data={"form_token": one.token()})
        assert signed_out.headers["location"] == "/fi/signed-out"


async def test_set_aside_by_the_page(app: FastAPI, settings: Settings) -> None:
    """What a page sends by itself when the time is up is kept, and the session ends; it never lives on by that."""
    async with Attacker.resident(app, settings) as one:
        assert one.who
        fields = {"message": WORDS, "set_aside_path": "/sv/contact", "form_token": one.token()}
        for _ in range(2):  # another form of the same page comes when the session has ended
            answer = await one.send("POST", "/sv/session/set-aside", data=fields, headers={"HX-Request": "true"})
            assert answer.status_code == 204
        kept = rows(settings, "select path, person_id from set_aside")
        assert kept == [{"path": "/sv/contact", "person_id": one.who.person_id}] * 2
        fields["set_aside_path"] = "//evil.example/"
        await one.send("POST", "/sv/session/set-aside", data=fields)
        paths = {row["path"] for row in rows(settings, "select path from set_aside")}
        assert paths == {"/sv/contact", "/sv/session/set-aside"}
        location = urlsplit((await one.send("GET", "/sv/my")).headers["location"])
        assert parse_qs(location.query)["told"] == ["idle"]
    rows(settings, "delete from set_aside")


async def test_own_sessions(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """A resident sees where they are signed in, by device, and ends one or all others; nobody else's."""
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
    async with Visitor(app, settings.public_url) as second, Visitor(app, settings.public_url) as third:
        second.client.headers["User-Agent"] = phone
        for one in (visitor, second, third):
            await signed_in(one)
        await visitor.get("/en/my/sessions")
        assert "Chrome, Android" in visitor.document.text
        ending = [form for form in visitor.document.forms() if form.action.endswith("/end")]
        assert len(ending) == 2
        chrome = rows(settings, "select id from browser_session where token_hash = %s", hash_of(second))[0]["id"]
        await visitor.submit(f"/{chrome}/end")
        await second.get("/fi/my")
        assert "/sign-in" in second.path
        await visitor.submit("/end-others")
        await third.get("/fi/my")
        assert "/sign-in" in third.path
        await visitor.get("/fi/my")
        assert visitor.path == "/fi/my"
        await signed_in(second, TIMO)
        timos = rows(settings, "select id from browser_session where token_hash = %s", hash_of(second))[0]["id"]
        await visitor.get("/fi/my/sessions")
        token = dict(visitor.document.form("/sign-out").values)["form_token"]
        await visitor.post(f"/fi/my/sessions/{timos}/end", {"form_token": token})
        assert visitor.status == 404
        await second.get("/fi/my")
        assert second.path == "/fi/my"
    told = rows(settings, "select count(*) as n from audit_event where action = 'end_session'")
    assert told == [{"n": 2}]


async def test_signing_out_ends_all_of_a_sign_in(visitor: Visitor, settings: Settings) -> None:
    """Rows that came from the same sign-in end with it, whoever holds their cookies."""
    await signed_in(visitor)
    twin = (
        "insert into browser_session (id, token_hash, person_id, sign_in_id, created_at, seen_at)"
        " select %s, %s, person_id, sign_in_id, created_at, seen_at from browser_session where token_hash = %s"
    )
    rows(settings, twin, uuid.uuid4(), hash_secret("twin"), hash_of(visitor))
    await visitor.submit("/sign-out")
    visitor.client.cookies.set("asiointi", "twin")
    await visitor.get("/fi/my")
    assert "/sign-in" in visitor.path


async def test_a_weak_identification(visitor: Visitor, settings: Settings) -> None:
    """Who signed in at a low level sees nothing personal and is led to identify anew; that gives a new session."""
    await signed_in(visitor)
    assert rows(settings, "select assurance from browser_session where token_hash = %s", hash_of(visitor)) != [
        {"assurance": "low"}
    ]
    rows(settings, "update browser_session set assurance = 'low' where token_hash = %s", hash_of(visitor))
    await visitor.get("/fi/my")
    assert visitor.path.startswith("/fi/sign-in/step-up?next=")
    await visitor.get("/fi/contact")
    before = hash_of(visitor)
    await visitor.submit("/contact", name="A", phone="040 123 4567", message=WORDS, topic="health")
    assert visitor.path.startswith("/fi/sign-in/step-up?next=")
    await visitor.sign_in(ANNA)
    assert "/session/kept/" in visitor.path
    assert hash_of(visitor) != before
    assert rows(
        settings,
        "select forced_at is not null as forced from sign_in_attempt order by created_at desc, forced_at limit 1",
    )
    ended = rows(settings, "select ended_at is not null as ended from browser_session where token_hash = %s", before)
    assert ended == [{"ended": True}]
    await visitor.submit("/drop")


async def answered(visitor: Visitor) -> str:
    """An assessment with a page answered, without signing in: its address."""
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    first = visitor.path
    await visitor.submit(first, who="me")
    assert visitor.path != first
    return visitor.path


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_older_answers_are_asked_about(visitor: Visitor, settings: Settings, answer: str) -> None:
    """On a shared computer answers of half an hour ago join nobody silently: the person says whose they are."""
    run = await answered(visitor)
    run_id = run.split("/run/")[1].split("/")[0]
    ago = FIXED_NOW - timedelta(minutes=31)
    rows(settings, "update assessment_run set changed_at = %s where id = %s", ago, run_id)
    await signed_in(visitor, path="/fi/my")
    assert visitor.path.startswith("/fi/session/answers?")
    asked = visitor.path
    assert "8.29" in visitor.document.text
    form = next(one for one in visitor.document.forms() if dict(one.values).get("answer") == answer)
    await visitor.get(run)
    assert visitor.status == 404  # not before it is said whose they are
    await visitor.get(asked)
    await visitor.send(form)
    assert visitor.path == "/fi/my"
    owned = rows(settings, "select subject_id is not null as owned from assessment_run where id = %s", run_id)
    assert owned == [{"owned": answer == "yes"}]
    await visitor.get(run)
    assert visitor.status == (200 if answer == "yes" else 404)


async def test_another_cant_answer(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """The question is the new session's own: its address is nothing in anybody else's."""
    await answered(visitor)
    rows(settings, "update assessment_run set changed_at = %s", FIXED_NOW - timedelta(minutes=31))
    await signed_in(visitor)
    asked = visitor.path
    assert "/session/answers" in asked
    async with Visitor(app, settings.public_url) as other:
        await signed_in(other, TIMO)
        await other.get(asked)
        assert other.status == 404
        await other.get("/fi/session/answers?of=nonsense")
        assert other.status == 404


async def test_former_and_merged_identities(app: FastAPI, visitor: Visitor, settings: Settings) -> None:
    """A code that was somebody's before, and the code of a row that was merged, lead to the person's one row."""
    await signed_in(visitor)
    anna = rows(settings, "select person_id from browser_session where token_hash = %s", hash_of(visitor))[0][
        "person_id"
    ]
    timo = rows(
        settings, "select id, identity_lookup from person where given_name = 'Timo' and identity_lookup is not null"
    )[0]
    for change in (
        ("update person set merged_into_id = %s where id = %s", anna, timo["id"]),
        ("update person set merged_into_id = null where id = %s", timo["id"]),
        ("insert into former_identity (lookup, person_id, why, since) values (%s, %s, 'merged', now())",
         timo["identity_lookup"], anna),
    ):  # fmt: skip
        rows(settings, *change)
        if "null" in change[0]:
            continue
        async with Visitor(app, settings.public_url) as second:
            await signed_in(second, TIMO)
            query = "select person_id from browser_session where token_hash = %s"
            assert rows(settings, query, hash_of(second)) == [{"person_id": anna}], change[0]
    rows(settings, "delete from former_identity")
    rows(settings, "update person set given_name = 'Anna', family_name = 'Lehtokangas' where id = %s", anna)


async def test_a_deceased_person(visitor: Visitor, settings: Settings) -> None:
    """Nobody signs in as a person who has died: the page says so, with the phone."""
    rows(settings, "update person set deceased_on = '2026-11-01' where given_name = 'Timo'")
    await signed_in(visitor, TIMO)
    assert visitor.status == 403
    assert "tel:" in visitor.body.decode()
    assert not visitor.client.cookies.get("asiointi")
    rows(settings, "update person set deceased_on = null")


async def test_somebody_from_another_country(visitor: Visitor, settings: Settings) -> None:
    """Without a Finnish identity code one signs in, contacts and books; what needs such a code is told by nobody."""
    await signed_in(visitor, "Elena Esempio", "/en/contact")
    assert visitor.path == "/en/contact"
    person = rows(
        settings,
        "select p.* from person p join browser_session s on s.person_id = p.id where token_hash = %s",
        hash_of(visitor),
    )[0]
    assert (person["identity_kind"], str(person["birth_date"])) == ("eidas", "1990-02-03")
    assert b"IT/FI" not in person["identity_sealed"]
    await visitor.submit("/contact", name="Elena", phone="040 123 4567", message="Hello", topic="health")
    assert "/contact/sent/" in visitor.path
    await visitor.get("/en/book/dental-check/times")
    form = [one for one in visitor.document.forms() if one.action.endswith("/hold")][-1]
    await visitor.send(form)
    await visitor.submit(urlsplit(visitor.path).path, phone="040 123 4567")
    await visitor.submit("/confirm")
    assert "/my/appointments/" in visitor.path
    await visitor.get("/en/my/consents")
    assert visitor.status == 200
    await work_off(settings)
    told = rows(settings, "select system, reason from delivery where state = 'dropped' and reason like '%%Finnish%%'")
    assert {one["system"] for one in told} == {"records", "suomifi-messages", "kanta-appointments"}
    waiting = rows(settings, "select kind, state from delivery where state <> 'done' and state <> 'dropped'")
    assert waiting == []
    texts = rows(settings, "select state from delivery where kind = 'notice_sms'")
    assert texts == [{"state": "done"}]
