"""Acting for another ends: by the right, by the session, in another tab. Nothing lands with the wrong one."""

import asyncio
import uuid
from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.services.identity.end_sessions import end_acting_by, end_acting_run_out
from app.settings import Settings
from app.web.tokens import hash_secret
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_acting import SERVICE, act_for, choose, cookie_of, person, rows, suomifi, withdrawn
from tests.web.test_backchannel_logout import logout_token, post

WORDS = "Lääkkeet ovat loppumassa."


@pytest.fixture(autouse=True)
def nothing_before(settings: Settings) -> None:
    """Nothing is kept from an earlier test, and no paper holds."""
    rows(settings, "delete from set_aside")
    rows(settings, "update local_mandate set revoked_at = now(), revoked_by = recorded_by")


@pytest.fixture
def paper(settings: Settings) -> uuid.UUID:
    """Gunilla's paper mandate for Daniel, checked."""
    clerk = (
        "insert into staff_member (id, issuer, subject, name, profession, roles, units, tasks, signed_in_at)"
        " values (gen_random_uuid(), 'test', gen_random_uuid()::text, 'Virkailija', 'x', '{}', '{}', '{}', now())"
        " returning id"
    )
    first, second = (rows(settings, clerk)[0]["id"] for _ in range(2))
    mandate = (
        "insert into local_mandate (id, principal_id, mandatee_id, registers, during, competence, document,"
        " recorded_by, recorded_at, checked_by, checked_at, revoke_reason) values (gen_random_uuid(), %s, %s,"
        " '{patient}', '[2026-01-01,2027-01-01)', 'met', 'x', %s, %s, %s, %s, '') returning id"
    )
    people = person(settings, "Gunilla"), person(settings, "Daniel")
    found: uuid.UUID = rows(settings, mandate, *people, first, FIXED_NOW, second, FIXED_NOW)[0]["id"]
    return found


async def act_by_paper(visitor: Visitor) -> None:
    await visitor.get("/fi/my")
    await visitor.sign_in("Daniel")
    await visitor.get("/fi/acting")
    await visitor.submit("/acting/here", "Gunilla")


def ended(settings: Settings, visitor: Visitor) -> tuple[bool, str]:
    """Whether the acting in the visitor's session has ended, and why."""
    query = (
        "select r.ended_at is not null as over, r.ended_why from representation r"
        " join browser_session s on s.id = r.session_id where s.token_hash = %s"
    )
    (row,) = rows(settings, query, hash_secret(cookie_of(visitor)))
    return row["over"], row["ended_why"]


def stops(settings: Settings, subject: str) -> list[str]:
    """By whom acting for the subject has stopped, as the audit trail tells."""
    query = "select actor_kind from audit_event where action = 'stop_acting' and subject_id = %s order by id"
    return [row["actor_kind"] for row in rows(settings, query, person(settings, subject))]


@pytest.mark.parametrize("kind", ["contact", "hold"])
async def test_a_right_that_a_job_has_ended(
    visitor: Visitor, settings: Settings, session: AsyncSession, paper: uuid.UUID, kind: str
) -> None:
    """A form that was opened for the other person never lands in one's own matters, not even the second time."""
    await act_by_paper(visitor)
    await visitor.get("/fi/contact" if kind == "contact" else f"/fi/book/{SERVICE}/times")
    endings = {"contact": "/contact", "hold": "/hold"}
    form = [one for one in visitor.document.forms() if one.action.endswith(endings[kind])][-1]
    counts = 'select (select count(*) from "case"), (select count(*) from appointment) as times'
    before, old = rows(settings, counts), cookie_of(visitor)
    await end_acting_by(session, paper)
    await session.commit()
    typed = {"name": "D", "phone": "0401234567", "message": WORDS, "topic": "health"} if kind == "contact" else {}
    button = form.buttons[-1][0]
    await visitor.send(form, button, **typed)
    assert (visitor.status, cookie_of(visitor) != old) == (403, True)
    assert "Gunilla" not in visitor.document.text
    await visitor.send(form, button, **typed)
    assert visitor.status == 400
    assert rows(settings, counts) == before
    assert stops(settings, "Gunilla")[-1] == "nobody"


async def test_reading_by_a_right_that_a_job_has_ended(
    visitor: Visitor, settings: Settings, session: AsyncSession, paper: uuid.UUID
) -> None:
    """The next page says that the right is gone; the one after it is one's own."""
    await act_by_paper(visitor)
    await end_acting_by(session, paper)
    await session.commit()
    assert (await visitor.get("/fi/my")).status == 403
    assert "Gunilla" not in visitor.document.text
    assert (await visitor.get("/fi/my")).status == 200


async def test_a_paper_is_asked_at_every_request(visitor: Visitor, settings: Settings, paper: uuid.UUID) -> None:
    """A paper mandate that has been revoked just now opens no page more, though the job has not come by yet."""
    await act_by_paper(visitor)
    rows(settings, "update local_mandate set revoked_at = now(), revoked_by = recorded_by where id = %s", paper)
    assert (await visitor.get("/fi/my")).status == 403


async def test_what_is_about_the_session_asks_nobody(visitor: Visitor, settings: Settings) -> None:
    """What was typed is kept, the session goes on, and acting stops, whatever has become of the right."""
    for action, status in (("/session/extend", 200), ("/acting/stop", 200), ("/session/set-aside", 204)):
        await act_for(visitor, "Marja", "Aili")
        await visitor.get("/fi/contact")
        own = next(one for one in visitor.document.forms() if one.action.endswith(action))
        with withdrawn(settings, "aili", "marja"), suomifi(settings, "error"):
            await visitor.send(own, message=WORDS, set_aside_path="/fi/contact", next="/fi/contact")
        assert visitor.status == status, action
        if action == "/session/set-aside":
            kept = rows(settings, "select subject_id, path from set_aside")
            assert kept == [{"subject_id": person(settings, "Aili"), "path": "/fi/contact"}]
            assert ended(settings, visitor) == (True, "idle")
        visitor.client.cookies.clear()


async def test_choosing_another_after_the_right_was_withdrawn(visitor: Visitor, settings: Settings) -> None:
    """The way back from Suomi.fi begins to act for the new one; nobody asks for the right that is left behind."""
    await act_for(visitor, "Liisa", "Eino")
    await visitor.get("/fi/acting")
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any("Helvi" in button[0] for button in one.buttons))
    rows(settings, "update representation set asked_at = asked_at - interval '61 seconds'")
    with withdrawn(settings, "eino", "liisa"):
        await visitor.send(form, "Helvi")
    assert visitor.status == 200
    assert "Helvi" in visitor.document.title


async def test_signing_in_again_after_the_right_was_withdrawn(visitor: Visitor, settings: Settings) -> None:
    """The way back from signing in leads into one's own matters at once."""
    await act_for(visitor, "Marja", "Aili")
    await visitor.get("/fi/contact")
    token = next(value for name, value in visitor.document.form("/contact").values if name == "form_token")
    await visitor.post("/fi/sign-in", {"form_token": token, "next": "/fi/my"})
    form = next(one for one in visitor.document.forms() if any("Marja" in button[0] for button in one.buttons))
    rows(settings, "update representation set asked_at = asked_at - interval '61 seconds'")
    with withdrawn(settings, "aili", "marja"):
        await visitor.send(form, "Marja")
    assert (visitor.path, visitor.status) == ("/fi/my", 200)
    assert "Aili" not in visitor.document.title


async def test_a_switch_that_another_tab_was_faster_with(visitor: Visitor, settings: Settings) -> None:
    """A session that ends while somebody comes back from Suomi.fi is not brought back to life."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await visitor.get("/fi/acting")
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any("Aili" in button[0] for button in one.buttons))
    mine = person(settings, "Marja")
    with psycopg.connect(settings.worker_database_url) as other:
        end = "update browser_session set ended_at = now(), ended_why = 'renewed' where person_id = %s"
        other.execute(f"{end} and ended_at is null", [mine])
        back = asyncio.create_task(visitor.send(form, "Aili"))
        await asyncio.sleep(1)
        other.commit()
        await back
    assert "/sign-in" in visitor.path
    assert "failed" in visitor.path
    assert rows(settings, "select 1 from browser_session where person_id = %s and ended_at is null", mine) == []


async def test_signing_out_stops_acting(visitor: Visitor, settings: Settings) -> None:
    """Whoever signs out acts for nobody any more, and the trail says so in their name."""
    await act_for(visitor, "Marja", "Aili")
    await visitor.get("/fi/my")
    mine = (await visitor.get("/fi/my")).document.form("/sign-out")
    cookie = cookie_of(visitor)
    await visitor.send(mine)
    visitor.client.cookies.set("asiointi", cookie)
    assert ended(settings, visitor) == (True, "signed_out")
    assert stops(settings, "Aili")[-1] == "resident"


async def test_back_channel_logout_stops_acting(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """When the identification service ends the session, acting in it ends too."""
    await act_for(visitor, "Marja", "Aili")
    query = "select provider_session as sid, provider_subject as sub from browser_session where token_hash = %s"
    (at,) = rows(settings, query, hash_secret(cookie_of(visitor)))
    answer = await post(app, settings, logout_token(settings, **at))
    assert answer.status_code == 200
    assert ended(settings, visitor) == (True, "provider")


async def test_acting_ends_with_the_time_of_its_session(
    visitor: Visitor, settings: Settings, session: AsyncSession
) -> None:
    """The housekeeping closes what nobody has closed: it ended when the session ran out."""
    await act_for(visitor, "Marja", "Aili")
    token = hash_secret(cookie_of(visitor))
    await end_acting_run_out(session, Clock(FIXED_NOW))
    await session.commit()
    assert ended(settings, visitor) == (False, "")
    assert await end_acting_run_out(session, Clock(FIXED_NOW + timedelta(minutes=15))) >= 1
    await session.commit()
    assert ended(settings, visitor) == (True, "idle")
    query = "select r.ended_at from representation r join browser_session s on s.id = r.session_id"
    assert rows(settings, f"{query} where token_hash = %s", token) == [{"ended_at": FIXED_NOW + timedelta(minutes=15)}]


async def test_an_assessment_is_found_again_after_a_switch(visitor: Visitor) -> None:
    """What was left half-way in one's own matters is offered after acting for another, and not while acting."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    form = next(form for form in visitor.document.forms() if "/assess/run/" in form.action)
    run = visitor.path.split("/")[4]
    names = {one.get("name"): one.get("value") for one in form.element.iter("input") if one.get("type") == "radio"}
    await visitor.send(form, "", **{str(name): str(value) for name, value in names.items()})

    async def offered() -> bool:
        await visitor.get("/fi/assess/urinary")
        return any(run in href for _text, href in visitor.document.links())

    assert await offered()
    await choose(visitor, "Aili")
    assert not await offered()
    await visitor.get("/fi/my")
    await visitor.submit("/acting/stop")
    assert await offered()


async def test_what_was_kept_stays_until_its_form_is_taken(visitor: Visitor, settings: Settings) -> None:
    """A form that was kept and met a failure when it was sent again is there still; it goes once it is taken."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await visitor.get("/fi/assess/urinary")
    start = visitor.document.form("/assess/urinary")
    kept = "insert into set_aside (id, person_id, subject_id, path, values_sealed, created_at) select %s, id, id, %s,"
    kept_id = uuid.uuid4()
    rows(settings, f"{kept} '', %s from person where id = %s", kept_id, "/fi/x", FIXED_NOW, person(settings, "Marja"))
    with suomifi(settings, "error", "omaolo"):
        await visitor.send(start, set_aside=str(kept_id))
        assert visitor.status == 503
    assert len(rows(settings, "select 1 from set_aside")) == 1
    await asyncio.sleep(settings.breaker_rest_seconds + 0.1)
    await visitor.send(start, set_aside=str(kept_id))
    assert visitor.status == 200
    assert rows(settings, "select 1 from set_aside") == []
