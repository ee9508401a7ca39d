"""Acting for another: what the right gives, and not a step beyond."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row

from app.settings import Settings
from tests.tools.document import Form
from tests.tools.visitor import Visitor
from tests.tools.world import FIXED_NOW
from tests.web.test_road import answer_until_result

SERVICE = "dental-check"


def rows(settings: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    """What the database says."""
    with psycopg.connect(settings.worker_database_url, row_factory=dict_row) as connection:
        cursor = connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []


def person(settings: Settings, given_name: str) -> uuid.UUID:
    """The id of the test person with that given name."""
    query = "select id from person where given_name = %s and identity_sealed is not null"
    found: uuid.UUID = rows(settings, query, given_name)[0]["id"]
    return found


@contextmanager
def suomifi(settings: Settings, mode: str, system: str = "suomifi-mandates") -> Iterator[None]:
    """Suomi.fi mandates, or another system, behaves so meanwhile."""
    address = f"{settings.simulators_url}/_faults/{system}"
    httpx.put(address, json={"mode": mode, "seconds": 0}).raise_for_status()
    try:
        yield
    finally:
        httpx.put(address, json={"mode": "none"}).raise_for_status()


@contextmanager
def withdrawn(settings: Settings, principal: str, mandatee: str) -> Iterator[None]:
    """The mandate between these two (keys of test persons) is withdrawn meanwhile; everybody's sessions stay."""
    record = {
        "kind": "suomifi-mandates/withdrawn",
        "key": f"{principal}/{mandatee}",
        "body": {"principal": principal, "mandatee": mandatee},
    }
    httpx.put(f"{settings.simulators_url}/_scenario", json={"records": [record]}).raise_for_status()
    try:
        yield
    finally:
        reset(settings)


def reset(settings: Settings) -> None:
    """Suomi.fi mandates forgets its sessions, and which mandates were withdrawn."""
    httpx.post(f"{settings.simulators_url}/_reset/suomifi-mandates").raise_for_status()


async def choose(visitor: Visitor, subject: str) -> Visitor:
    """From a page of the window to Suomi.fi, where `subject` is chosen, and back."""
    await visitor.get(f"/{visitor.language}/acting")
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any(subject in button[0] for button in one.buttons))
    return await visitor.send(form, subject)


@pytest.fixture(autouse=True)
def nothing_kept(settings: Settings) -> None:
    """Nothing waits of what other tests have typed: the clock stands still, so no later one would be the newest."""
    rows(settings, "delete from set_aside")


async def act_for(visitor: Visitor, actor: str, subject: str) -> Visitor:
    """Sign in as `actor` and choose `subject` in Suomi.fi."""
    await visitor.get(f"/{visitor.language}/my")
    await visitor.sign_in(actor)
    return await choose(visitor, subject)


async def hold(visitor: Visitor, service: str = SERVICE) -> str:
    """Take a time some days ahead: the path of its details page."""
    await visitor.get(f"/fi/book/{service}/times")
    times = [form for form in visitor.document.forms() if form.action.endswith("/hold")][-1]
    await visitor.send(times, times.buttons[-1][0])
    return visitor.path


async def book(visitor: Visitor, service: str = SERVICE) -> str:
    """Book a time: the path of its page."""
    held = await hold(visitor, service)
    await visitor.submit(held, phone="040 123 4567", note="Asia")
    await visitor.submit("/confirm")
    assert "/my/appointments/" in visitor.path, visitor.document.text[:400]
    return visitor.path


def id_in(path: str) -> uuid.UUID:
    return uuid.UUID(next(part for part in path.split("/") if len(part) == 36))


def cookie_of(visitor: Visitor) -> str:
    return str(visitor.client.cookies.get("asiointi", ""))


async def test_daughter_books_for_her_mother(visitor: Visitor, settings: Settings) -> None:
    """The booking is the mother's, taken by the daughter by her mandate; both are told; every page says for whom."""
    await act_for(visitor, "Marja", "Aili")
    assert visitor.path == "/fi/my"
    path = await book(visitor)
    assert "Aili Harjulampi" in visitor.document.title
    assert "Aili Harjulampi" in visitor.document.text
    marja, aili = person(settings, "Marja"), person(settings, "Aili")
    (row,) = rows(settings, "select * from appointment where id = %s", id_in(path))
    assert (row["subject_id"], row["actor_id"], row["basis"], row["status"]) == (aili, marja, "mandate", "booked")
    notices = rows(settings, "select person_id, kind from notice where appointment_id = %s", id_in(path))
    assert {(one["person_id"], one["kind"]) for one in notices} == {
        (aili, "appointment_booked"),
        (marja, "appointment_booked_for_another"),
    }
    events = rows(settings, "select * from audit_event where target_id = %s", str(id_in(path)))
    assert {(one["actor_id"], one["subject_id"], one["mandate"]["basis"]) for one in events} == {
        (marja, aili, "mandate")
    }
    await visitor.get("/fi/my")
    assert path in [href for _text, href in visitor.document.links()]


async def test_own_matters_are_not_the_others(visitor: Visitor, settings: Settings) -> None:
    """While acting, the actor's own times, answers and pages are not there; afterwards the other person's are not."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    own = await book(visitor)
    await choose(visitor, "Aili")
    assert (await visitor.get(own)).status == 404
    assert own not in [href for _text, href in (await visitor.get("/fi/my")).document.links()]
    others = await book(visitor)
    assert (await visitor.get("/fi/my/consents")).status == 403
    await visitor.submit("/acting/stop")
    assert "Aili" not in visitor.document.text
    assert (await visitor.get(others)).status == 404
    assert (await visitor.get(own)).status == 200


async def test_a_new_session_at_each_switch(visitor: Visitor, settings: Settings) -> None:
    """Beginning and stopping give the browser a new cookie; the earlier one opens nothing any more."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    signed_in = cookie_of(visitor)
    await choose(visitor, "Aili")
    acting = cookie_of(visitor)
    await visitor.get("/fi/my")
    await visitor.submit("/acting/stop")
    stopped = cookie_of(visitor)
    assert len({signed_in, acting, stopped}) == 3
    for old in (signed_in, acting):
        visitor.client.cookies.clear()
        visitor.client.cookies.set("asiointi", old)
        await visitor.get("/fi/my")
        assert "/sign-in" in visitor.path


async def test_a_form_from_before_the_switch(visitor: Visitor, settings: Settings) -> None:
    """A form that was opened for oneself can't be sent for the other person: nothing gets to the wrong one."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await visitor.get("/fi/contact")
    mine: Form = visitor.document.form("/contact")
    await choose(visitor, "Aili")
    before = rows(settings, 'select count(*) from "case"')
    await visitor.send(mine, "", name="Marja", phone="0401234567", message="Oma asiani", topic="health")
    assert visitor.status == 400
    assert rows(settings, 'select count(*) from "case"') == before


async def test_only_what_the_mandate_covers(visitor: Visitor, settings: Settings) -> None:
    """A mandate for health care opens no social matter: not offered, and refused where it is sent anyway."""
    await act_for(visitor, "Liisa", "Eino")
    await visitor.get("/fi/contact")
    offered = [value for form in visitor.document.forms() for name, value in form.values if name == "topic"]
    assert "social" not in visitor.document.html.split('name="topic"', 1)[1].split("</form>")[0] or offered == []
    await visitor.submit("/contact", name="L", phone="0401234567", message="Asia", topic="social")
    assert visitor.status == 422
    await choose(visitor, "Helvi")
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    assert visitor.status == 403
    path = await hold(visitor)
    assert visitor.status == 403, path
    assert rows(settings, "select 1 from appointment where subject_id = %s", person(settings, "Helvi")) == []


async def test_mandate_withdrawn_in_the_middle(visitor: Visitor, settings: Settings) -> None:
    """Asked before the change: the time isn't booked, and the daughter is back in her own matters."""
    await act_for(visitor, "Marja", "Aili")
    held = await hold(visitor)
    await visitor.submit(held, phone="040 123 4567", note="Asia")
    with withdrawn(settings, "aili", "marja"):
        await visitor.submit("/confirm")
        assert visitor.status == 403
        assert "Aili" not in visitor.document.text
    (row,) = rows(settings, "select status from appointment where id = %s", id_in(held))
    assert row["status"] == "held"
    assert (await visitor.get("/fi/my")).status == 200
    assert visitor.document.title.startswith("Oma ikkuna")


async def test_suomifi_away(visitor: Visitor, settings: Settings) -> None:
    """When Suomi.fi doesn't answer nothing is changed or, after a minute, shown; own matters work; then it goes on."""
    await act_for(visitor, "Marja", "Aili")
    held = await hold(visitor)
    with suomifi(settings, "error"):
        await visitor.submit(held, phone="040 123 4567", note="Salaista")
        assert visitor.status == 503
        assert "015 000 000" in visitor.document.text
        rows(settings, "update representation set asked_at = asked_at - interval '61 seconds' returning 1")
        for path in ("/fi/my", held):
            assert (await visitor.get(path)).status == 503
            assert "Salaista" not in visitor.document.text
        assert (await visitor.get("/fi/")).status == 200
    assert rows(settings, "select note from appointment where id = %s", id_in(held)) == [{"note": ""}]
    await asyncio.sleep(settings.breaker_rest_seconds + 0.1)
    assert (await visitor.get(held)).status == 200
    with suomifi(settings, "error"):
        rows(settings, "update representation set asked_at = asked_at - interval '61 seconds' returning 1")
        await visitor.get("/fi/my")
        await visitor.submit("/acting/stop")
        assert (visitor.path, visitor.status) == ("/fi/my", 200)


async def test_suomifi_session_ended(visitor: Visitor, settings: Settings) -> None:
    """The resident is sent through Suomi.fi again and comes back to where they were."""
    await act_for(visitor, "Marja", "Aili")
    held = await hold(visitor)
    reset(settings)
    rows(settings, "update representation set asked_at = asked_at - interval '61 seconds' returning 1")
    await visitor.get(held)
    assert visitor.status == 403
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any("Aili" in button[0] for button in one.buttons))
    await visitor.send(form, "Aili")
    assert (visitor.path, visitor.status) == (held, 200)


async def test_what_was_typed_comes_back(visitor: Visitor, settings: Settings) -> None:
    """A form that met the end of the Suomi.fi session is kept, and sent with one click after choosing again."""
    await act_for(visitor, "Marja", "Aili")
    held = await hold(visitor)
    reset(settings)
    await visitor.submit(held, phone="040 123 4567", note="Hammas lohkesi")
    assert visitor.status == 403
    assert rows(settings, "select note from appointment where id = %s", id_in(held)) == [{"note": ""}]
    await visitor.submit("/acting/suomifi")
    form = next(one for one in visitor.document.forms() if any("Aili" in button[0] for button in one.buttons))
    await visitor.send(form, "Aili")
    assert "/session/kept/" in visitor.path
    assert "Hammas lohkesi" in visitor.document.text
    await visitor.submit(held)
    assert visitor.path == f"{held}/check"
    assert "Hammas lohkesi" in visitor.document.text


async def test_what_was_typed_while_suomifi_was_away(visitor: Visitor, settings: Settings) -> None:
    """The page that says sorry leads to what was typed; it is sent with one click once Suomi.fi answers."""
    await act_for(visitor, "Marja", "Aili")
    held = await hold(visitor)
    with suomifi(settings, "error"):
        await visitor.submit(held, phone="040 123 4567", note="Hammas lohkesi")
        assert visitor.status == 503
    await asyncio.sleep(settings.breaker_rest_seconds + 0.1)
    await visitor.get(next(href for _text, href in visitor.document.links() if "/session/kept/" in href))
    await visitor.submit(held)
    assert visitor.path == f"{held}/check"


@pytest.mark.parametrize(
    ("actor", "subject"), [("Outi", "Lumi"), ("Katri", "Vilja"), ("Ritva", "Tauno"), ("Kerttu", "Eemeli")]
)
async def test_no_right_is_told_neutrally(visitor: Visitor, actor: str, subject: str) -> None:
    """Non-disclosure of either, an ended mandate, no mandate: nobody can be chosen, and no page tells why."""
    await visitor.get("/fi/my")
    await visitor.sign_in(actor)
    await visitor.get("/fi/acting")
    await visitor.submit("/acting/suomifi")
    assert subject not in visitor.document.text


async def test_parent_of_a_small_child(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """Both guardians see what either of them has booked for an eight-year-old, and only they are told."""
    await act_for(visitor, "Anna", "Eemeli")
    path = await book(visitor)
    notices = rows(settings, "select person_id from notice where appointment_id = %s", id_in(path))
    assert [one["person_id"] for one in notices] == [person(settings, "Anna")]
    async with Visitor(app, settings.public_url) as juho:
        await act_for(juho, "Juho", "Eemeli")
        assert (await juho.get(path)).status == 200


async def test_parent_of_a_teenager(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """A guardian books for a fourteen-year-old and sees that; the teenager's own matters stay the teenager's."""
    async with Visitor(app, settings.public_url) as aino:
        await aino.get("/fi/my")
        await aino.sign_in("Aino")
        own = await book(aino)
        await aino.get("/fi/assess/urinary")
        await aino.submit("/assess/urinary")
        run = aino.path
        await act_for(visitor, "Heli", "Aino")
        assert (await visitor.get(own)).status == 404
        assert (await visitor.get(run)).status == 404
        links = [href for _text, href in (await visitor.get("/fi/my")).document.links()]
        assert own not in links
        parents = await book(visitor)
        assert (await visitor.get(parents)).status == 200
        assert (await aino.get(parents)).status == 200
        told = rows(settings, "select person_id from notice where appointment_id = %s", id_in(parents))
        assert {one["person_id"] for one in told} == {person(settings, "Heli"), person(settings, "Aino")}


async def test_drafts_of_different_subjects_never_mix(visitor: Visitor) -> None:
    """An assessment begun for the mother is not offered in own matters, nor the other way round."""
    await act_for(visitor, "Marja", "Aili")
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    mothers = visitor.path
    await visitor.get("/fi/my")
    await visitor.submit("/acting/stop")
    assert (await visitor.get(mothers)).status == 404
    await visitor.get("/fi/assess/urinary")
    assert mothers not in [href for _text, href in visitor.document.links()]
    await visitor.submit("/assess/urinary")
    own = visitor.path
    await choose(visitor, "Aili")
    assert (await visitor.get(own)).status == 404


async def test_assessment_for_the_other_leads_to_a_time(visitor: Visitor, settings: Settings) -> None:
    """Answers about the mother, given for her, open her case and permit her time, though "somebody else" was ticked."""
    await act_for(visitor, "Marja", "Aili")
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    times = visitor.document.leading_to("/book/nurse-visit/times")
    await visitor.get(times)
    form = [one for one in visitor.document.forms() if one.action.endswith("/hold")][-1]
    await visitor.send(form, form.buttons[-1][0])
    await visitor.submit(visitor.path, phone="040 123 4567", note="")
    await visitor.submit("/confirm")
    query = (
        'select c.subject_id, c.actor_id, c.basis from "case" c join appointment a on a.case_id = c.id where a.id = %s'
    )
    (case,) = rows(settings, query, id_in(visitor.path))
    assert case == {
        "subject_id": person(settings, "Aili"),
        "actor_id": person(settings, "Marja"),
        "basis": "mandate",
    }


async def test_a_relative_tells_and_reads_nothing(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """Without a mandate somebody's need can be told: the case has no subject, keeps who told and of whom, and
    shows the one who told nothing."""
    await visitor.get("/fi/my")
    await visitor.sign_in("Kerttu")
    await visitor.get("/fi/contact")
    about = "Eemeli Lehtokangas, 2018"
    await visitor.submit("/contact", name="Kerttu", phone="0401234567", message="Huoli", topic="social", about=about)
    case_id = id_in(visitor.path)
    assert about not in visitor.document.text
    query = 'select c.subject_id, c.actor_id, r.about from "case" c join contact_request r on r.case_id = c.id'
    (case,) = rows(settings, f"{query} where c.id = %s", case_id)
    assert case == {"subject_id": None, "actor_id": person(settings, "Kerttu"), "about": about}
    async with Visitor(app, settings.public_url) as guide:
        await guide.get("/fi/staff")
        await guide.sign_in("Leena Opastaja")
        await guide.get(f"/fi/staff/cases/{case_id}")
        assert about in guide.document.text
        assert "Kerttu" in guide.document.text


async def test_a_paper_mandate_of_this_county(visitor: Visitor, settings: Settings) -> None:
    """It works from the second clerk's check to its end or its revocation, in its registers, without Suomi.fi."""
    gunilla, daniel = person(settings, "Gunilla"), person(settings, "Daniel")
    clerks = [
        rows(
            settings,
            "insert into staff_member (id, issuer, subject, name, profession, roles, units, tasks, signed_in_at)"
            " values (gen_random_uuid(), 'test', gen_random_uuid()::text, 'Virkailija', 'x', '{}', '{}', '{}', now())"
            " returning id",
        )[0]["id"]
        for _ in range(2)
    ]
    (mandate,) = rows(
        settings,
        "insert into local_mandate (id, principal_id, mandatee_id, registers, during, competence, document,"
        " recorded_by, recorded_at, revoke_reason)"
        " values (gen_random_uuid(), %s, %s, '{patient}', '[2026-01-01,2027-01-01)', 'met', 'x', %s, %s, '')"
        " returning id",
        gunilla, daniel, clerks[0], FIXED_NOW,
    )  # fmt: skip
    await visitor.get("/fi/my")
    await visitor.sign_in("Daniel")
    await visitor.get("/fi/acting")
    assert "Gunilla" not in visitor.document.text
    checked = "update local_mandate set checked_by = %s, checked_at = %s where id = %s returning 1"
    rows(settings, checked, clerks[1], FIXED_NOW, mandate["id"])
    await visitor.get("/fi/acting")
    with suomifi(settings, "error"):
        await visitor.submit("/acting/here", "Gunilla")
        assert "Gunilla" in visitor.document.title
        path = await book(visitor)
    assert rows(settings, "select basis from appointment where id = %s", id_in(path)) == [{"basis": "local_mandate"}]
    await visitor.get(f"{path}/cancel")
    revoked = "update local_mandate set revoked_at = now(), revoked_by = %s where id = %s returning 1"
    rows(settings, revoked, clerks[0], mandate["id"])
    await visitor.submit("/cancel")
    assert visitor.status == 403
    assert rows(settings, "select status from appointment where id = %s", id_in(path)) == [{"status": "booked"}]


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied"])
async def test_a_way_back_that_nobody_began(visitor: Visitor, query: str) -> None:
    """A return from Suomi.fi that this browser has not begun begins nothing, signed in or not."""
    await visitor.get(f"/acting/callback{query}")
    assert "/sign-in" in visitor.path
    await visitor.get("/fi/my")
    await visitor.sign_in("Marja")
    await visitor.get(f"/acting/callback{query}")
    assert visitor.path.startswith("/fi/acting?told=")
