"""My own data and corrections to it: complete, readable, mine only, with the law's limits."""

import json
import uuid
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import psycopg
import pytest_asyncio
from fastapi import FastAPI

from app.models import AssessmentRun, CorrectionRequest
from app.services.cases.arrivals import case_of_run
from app.services.cases.contact_requests import ContactDetails, send_contact_request
from app.services.own_data.correction_requests import answered_by
from app.services.own_data.gather import SCHEMA
from app.services.own_data.words import own_data_words
from app.services.viewer import OWN_REGISTERS, Acting, Viewer
from app.settings import Settings
from tests.tools.applications import make_application
from tests.tools.attacker import Attacker
from tests.tools.cases import finished_run
from tests.tools.deliveries import carrier, change, rows_of
from tests.tools.desk import insert, make_case
from tests.tools.document import Document
from tests.tools.form_answers import NOTICE, REASON, fill_form
from tests.tools.people import sign_in_many
from tests.tools.world import FIXED_NOW

SECRET = "Naapuri kertoo salaisuuden"


@pytest_asyncio.fixture(loop_scope="session")
async def aino(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


def viewer(one: Attacker) -> Viewer:
    assert one.who is not None
    return Viewer(one.who.session_id, one.who.person_id)


async def fill(one: Attacker, settings: Settings) -> None:
    """A row in every table that a resident's own data is read from."""
    async with carrier(settings) as ours:
        run = await finished_run(ours, viewer(one))
        async with ours.transactions() as session:
            asked = ContactDetails("Aino", "+358401234567", "aamulla", f"Oma asia {run}", "health")
            await send_contact_request(session, viewer(one), asked, "fi")
    person = viewer(one).person_id
    assert person is not None
    make_application(settings, person)
    await one.post("/fi/my/contact-details/email", email="aino@example.fi")
    await one.post("/fi/my/choices", sms="no", reminders="yes", language="fi", name="Aikku")
    await one.post("/fi/my/permits", scope="relatives")
    await one.post("/fi/my/needs", interpreter="fse", accessibility="Huono kuulo")
    await one.post("/fi/my/corrections", register="patient", wrong="Väärä päivä", right="Oikea päivä")
    more = (
        "insert into appointment (id, subject_id, actor_id, register, service_code, location_id, professional_id,"
        " during, status, held_at, held_until, note, phone, language, sequence)"
        " select gen_random_uuid(), %(id)s, %(id)s, 'patient', 'nurse-visit', a.location_id, a.resource_id, a.during,"
        " 'booked', now(), now(), 'Oma huomio', '+358401234567', 'fi', 0 from availability a order by a.id limit 1",
        "insert into notice (id, person_id, kind) values (gen_random_uuid(), %(id)s, 'appointment_booked')",
        "insert into health_record_consent (id, person_id, patient_id, scopes, given_at, ended_at, ended_by) values"
        " (gen_random_uuid(), %(id)s, 'x', '{patient/Patient.read}', now(), now(), 'resident')",
        "insert into external_booking (id, person_id, service, slot_id, during, state, reason) values"
        " (gen_random_uuid(), %(id)s, 'nurse-visit', 's', tstzrange('2026-12-01', '2026-12-02'), 'booked', '')",
        "insert into browser_session (id, token_hash, person_id, created_at, seen_at, ended_at, ended_why) values"
        " (gen_random_uuid(), gen_random_uuid()::text::bytea, %(id)s, now(), now(), now(), 'renewed')",
        "insert into representation (id, session_id, actor_id, subject_id, basis, registers, readable, asked_at,"
        " request_id, began_at, ended_at, ended_why) select gen_random_uuid(), s.id, %(id)s, p.id, 'guardian',"
        " '{patient}', '{}', now(), '', now(), now(), 'stopped' from person p, browser_session s"
        " where p.id <> %(id)s and s.person_id = %(id)s and s.ended_at is not null limit 1",
        "insert into representation (id, session_id, actor_id, subject_id, basis, registers, readable, asked_at,"
        " request_id, began_at, ended_at, ended_why) select gen_random_uuid(), s.id, p.id, %(id)s, 'mandate',"
        " '{social}', '{}', now(), '', now(), now(), 'stopped' from person p, browser_session s"
        " where p.id <> %(id)s and s.person_id = %(id)s and s.ended_at is not null limit 1",
        "insert into local_mandate (id, principal_id, mandatee_id, registers, during, competence, document,"
        " recorded_by, recorded_at, revoke_reason)"
        " select gen_random_uuid(), %(id)s, p.id, '{social}', '[2026-11-01,2027-01-01)',"
        " 'x', 'x', s.id, now(), '' from person p, staff_member s where p.id <> %(id)s limit 1",
    )
    with psycopg.connect(settings.worker_database_url) as connection:
        for statement in more:
            connection.execute(statement, {"id": viewer(one).person_id})
    fill_form(settings, person)
    insert(
        settings, "form_task", code="pre-visit", subject_id=person, register="patient", asked_at=FIXED_NOW, state="open"
    )


async def download(one: Attacker) -> dict[str, Any]:
    answer = await one.send("GET", "/fi/my/data.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment")
    found: dict[str, Any] = json.loads(answer.text)
    return found


async def test_everything_in_words_and_as_a_file(aino: Attacker, app: FastAPI, settings: Settings) -> None:
    """Every section has something, the page has words for every field of it, and both ways are recorded."""
    async with Attacker.staff(app, settings, ["triage_nurse"], ["mikkeli"]):
        await fill(aino, settings)
    found = await download(aino)
    assert found["schema"] == SCHEMA
    empty = [name for name in own_data_words().sections if not found[name]]
    assert empty == []
    fields = {field for name in own_data_words().sections for row in found[name] for field in row}
    assert fields <= set(own_data_words().fields)
    assert found["choices"][0]["sms"] is False
    assert found["person"][0]["chosen_name"] == "Aikku"
    assert found["assessments"][0]["answers"]
    for language in ("fi", "sv", "en"):
        page = Document((await aino.send("GET", f"/{language}/my/data")).text)
        titles = [words.to(language) for words in own_data_words().sections.values()]
        assert [title for title in titles if title not in page.text] == []
    actions = rows_of(settings, "select action from audit_event where subject_id = %s", viewer(aino).person_id)
    assert {"read_own_data", "download_own_data"} <= {row["action"] for row in actions}


async def test_forms(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """One's own answers are all there, also those of a draft that are not asked any more; another's draft and a notice
    of concern are not; what somebody else sent is, without their words."""
    me, helper = viewer(aino).person_id, viewer(other).person_id
    assert me
    assert helper
    case = make_case(settings, me, actor_id=helper)
    given = {"illnesses-other": "Kysymys, jota ei enää kysytä", **REASON}
    fill_form(settings, me, given=given)
    fill_form(settings, me, actor=helper, given={"reason": "Auttajan luonnos"})
    fill_form(settings, me, actor=helper, case=case, given={"reason": SECRET})
    fill_form(settings, None, code="concern-older", given=NOTICE, session_id=viewer(aino).session_id)
    found = (await download(aino))["forms"]
    told = json.dumps(found)
    assert [one["state"] for one in found if one["left_out"]] == ["sent"]
    draft = next(one for one in found if one["state"] == "draft" and len(one["answers"]) == 2)
    assert {one["answers"][0] for one in draft["answers"]} == set(given.values())
    assert draft["answers"][0]["question"]
    assert not [words for words in (SECRET, "Auttajan luonnos", NOTICE["worry-words"]) if words in told]


async def test_nothing_of_another(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """Another resident's rows are in nobody else's data."""
    await other.post("/fi/my/contact-details/email", email="toinen@example.fi")
    await other.post("/fi/my/corrections", register="social", wrong="Toisen asia", right="Toisin")
    await other.post("/fi/my/choices", sms="yes", reminders="no", language="sv", name="Toinen")
    answer = await aino.send("GET", "/fi/my/data.json")
    for secret in ("toinen@example.fi", "Toisen asia", "Toinen", str(viewer(other).person_id)):
        assert secret not in answer.text


async def test_what_others_wrote_is_left_out(aino: Attacker, settings: Settings) -> None:
    """A case that somebody else opened about me is there, but not who they are and what they said; and so it says."""
    (neighbour,) = sign_in_many(settings, 1)
    change(
        settings,
        'with made as (insert into "case" (id, reference, subject_id, actor_id, register, unit_code, kind, titles,'
        " language, urgency, urgency_rank, arrived_at, due_at, state, version) values (gen_random_uuid(), %s, %s, %s,"
        " 'social', 'mikkeli', 'contact_request', '{\"fi\": \"Huoli\"}', 'fi', 'routine', 5, now(), now(), 'open', 1)"
        " returning id) insert into contact_request (id, case_id, name, phone, reachable, message)"
        " select gen_random_uuid(), id, 'Naapuri Nimetön', '+358409999999', '', %s from made",
        uuid.uuid4().hex[:8].upper(),
        viewer(aino).person_id,
        neighbour.person_id,
        SECRET,
    )
    answer = await aino.send("GET", "/fi/my/data.json")
    (case,) = json.loads(answer.text)["cases"]
    assert "what_others_wrote" in case["left_out"]
    for secret in (SECRET, "Nimetön", "+358409999999", str(neighbour.person_id)):
        assert secret not in answer.text
        assert secret not in (await aino.send("GET", "/fi/my/data")).text


async def test_what_another_wrote_in_my_case(aino: Attacker, settings: Settings) -> None:
    """A daughter's wish to be contacted joins the case that her mother's answers opened: it is the daughter's own."""
    (daughter,) = sign_in_many(settings, 1)
    mother = viewer(aino)
    assert mother.person_id is not None
    acting = Acting(uuid.uuid4(), mother.person_id, "Aino", "mandate", OWN_REGISTERS, OWN_REGISTERS, FIXED_NOW)
    async with carrier(settings) as ours:
        run_id = await finished_run(ours, mother)
        async with ours.transactions() as session:
            await case_of_run(session, mother, await session.get_one(AssessmentRun, run_id))
        async with ours.transactions() as session:
            run = await session.get_one(AssessmentRun, run_id)
            asked = ContactDetails("Tytär Nimetön", "+358409999998", "", SECRET, "health")
            await send_contact_request(
                session, Viewer(daughter.session_id, daughter.person_id, acting=acting), asked, "fi", run
            )
    answer = await aino.send("GET", "/fi/my/data.json")
    (case,) = json.loads(answer.text)["cases"]
    assert "what_others_wrote" in case["left_out"]
    for secret in (SECRET, "Nimetön", "+358409999998", str(daughter.person_id)):
        assert secret not in answer.text


async def test_a_request_for_correction(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """A receipt with a reference and a day at once; sent twice it is one; nobody else sees it; the decision is shown
    with its reasons and how to complain."""
    token = aino.token()
    typed = {"form_token": token, "register": "patient", "wrong": "Päivä on väärä.", "right": "Se oli tiistai."}
    first = await aino.send("POST", "/fi/my/corrections", data=typed)
    again = await aino.send("POST", "/fi/my/corrections", data=typed)
    assert first.status_code == again.status_code == 303
    path = first.headers["location"]
    assert again.headers["location"] == path
    (row,) = rows_of(settings, "select * from correction_request where person_id = %s", viewer(aino).person_id)
    receipt = Document((await aino.send("GET", path)).text)
    assert row["reference"] in receipt.text
    assert "24.12.2026" in receipt.text
    assert (await other.send("GET", path)).status_code == 404
    change(
        settings,
        "update correction_request set state = 'refused', reasons = 'Kirjaus on oikein.', decided_at = %s"
        " where id = %s",
        FIXED_NOW,
        row["id"],
    )
    decided = Document((await aino.send("GET", path)).text)
    assert "Kirjaus on oikein." in decided.text
    assert "tietosuoja.fi" in decided.text


async def test_a_bad_request_keeps_what_was_typed(aino: Attacker, settings: Settings) -> None:
    """What is missing is said at its field; danger in the text shows the emergency card; nothing is sent."""
    answer = await aino.post("/fi/my/corrections", register="family", wrong="Haluan kuolla", right="")
    page = Document(answer.text)
    assert answer.status_code == 422
    assert "Haluan kuolla" in page.text
    assert any(href == "tel:112" for _text, href in page.links())
    assert {href for _text, href in page.links()} >= {"#register", "#right"}
    assert rows_of(settings, "select 1 from correction_request where person_id = %s", viewer(aino).person_id) == []


def test_a_month() -> None:
    """The decision comes on the same day of the next month, or on its last."""
    for sent, due in (("2026-01-31T12:00+00:00", (2026, 2, 28)), ("2026-12-15T23:30+00:00", (2027, 1, 16))):
        request = CorrectionRequest(created_at=FIXED_NOW.fromisoformat(sent))
        assert answered_by(request) == date(*due)


async def test_a_request_names_its_matter(aino: Attacker, other: Attacker, settings: Settings) -> None:
    """A request about one's own matter goes to its service task; a matter of another register is told at the field, and
    somebody else's is not there to choose."""
    mine = make_case(settings, viewer(aino).person_id, register="social", service_task="disability")
    others = make_case(settings, viewer(other).person_id, register="social", service_task="families")
    form = (await aino.send("GET", "/fi/my/corrections/new")).text
    assert str(mine) in form
    assert str(others) not in form
    typed = {"wrong": "Päivä", "right": "Toinen päivä"}
    crossed = await aino.post("/fi/my/corrections", register="patient", case=str(mine), **typed)
    assert crossed.status_code == 422
    assert 'href="#case"' in crossed.text
    for chosen in (mine, others):
        assert (await aino.post("/fi/my/corrections", register="social", case=str(chosen), **typed)).status_code == 303
    query = "select service_task, target_kind, target_id from correction_request where person_id = %s"
    sent = {tuple(row.values()) for row in rows_of(settings, query, viewer(aino).person_id)}
    assert sent == {("disability", "case", mine), (None, "", None)}
