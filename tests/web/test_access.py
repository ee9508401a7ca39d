"""Whose is it: somebody else's thing is a 404, and a thing in the wrong state is refused in words."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from psycopg.rows import dict_row

from app.settings import Settings
from tests.tools.attacker import Attacker
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW

NURSE = (["triage_nurse"], ["mikkeli"])


def rows(settings: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    """What the database says."""
    with psycopg.connect(settings.worker_database_url, row_factory=dict_row) as connection:
        cursor = connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []


@pytest_asyncio.fixture(loop_scope="session")
async def anna(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Attacker]:
    async with Attacker.resident(app, settings) as one:
        yield one


async def offered(one: Attacker, service: str = "dental-check") -> list[str]:
    """The slots that the times page offers."""
    page = Document((await one.send("GET", f"/fi/book/{service}/times")).text)
    found = [value for form in page.forms() for _text, name, value in form.buttons if name == "slot"]
    assert found
    return found


async def hold(one: Attacker, slot: str = "", service: str = "dental-check") -> str:
    """A held time: the path of its details page."""
    answer = await one.post(f"/fi/book/{service}/hold", slot=slot or (await offered(one, service))[-1])
    assert answer.status_code == 303, Document(answer.text).text[:300]
    return answer.headers["location"]


async def book(one: Attacker, note: str = "") -> str:
    """A booked time: the path of its page."""
    held = await hold(one)
    await one.post(held, note=note, phone="040 123 4567")
    answer = await one.post(f"{held}/confirm")
    assert answer.status_code == 303
    return answer.headers["location"]


def status_of(settings: Settings, path: str) -> str:
    found = rows(settings, "select status from appointment where id = %s", _id(path))
    return str(found[0]["status"])


def _id(path: str) -> str:
    return next(part for part in path.split("/") if len(part) == 36)


async def test_somebody_elses_time(anna: Attacker, other: Attacker, settings: Settings) -> None:
    """Another resident's held or booked time is a 404 on every address, and stays as it was."""
    held = await hold(anna)
    for end in ("", "/check"):
        assert (await other.send("GET", held + end)).status_code == 404
    for end in ("", "/confirm", "/extend", "/release"):
        assert (await other.post(held + end, note="minun", phone="0401234567")).status_code == 404
    await anna.post(held, note="oma", phone="040 123 4567")
    booked = (await anna.post(f"{held}/confirm")).headers["location"]
    for end in ("", "/calendar.ics", "/cancel"):
        assert (await other.send("GET", booked + end)).status_code == 404
    assert (await other.post(f"{booked}/cancel")).status_code == 404
    assert booked not in (await other.send("GET", "/fi/my")).text
    assert status_of(settings, booked) == "booked"
    assert rows(settings, "select note from appointment where id = %s", _id(booked)) == [{"note": "oma"}]


async def start_run(one: Attacker) -> str:
    """An assessment begun: the path of its first page."""
    answer = await one.post("/fi/assess/urinary")
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_somebody_elses_assessment(anna: Attacker, other: Attacker) -> None:
    """Another resident's answers are a 404 wherever their id is put."""
    page = await start_run(anna)
    run = _id(page)
    assert (await anna.send("GET", page)).status_code == 200
    for path in (page, f"/fi/assess/run/{run}", f"/fi/assess/run/{run}/result", f"/fi/contact?assessment={run}",
                 f"/fi/book/nurse-visit/times?assessment={run}"):  # fmt: skip
        assert (await other.send("GET", path)).status_code == 404, path
    assert (await other.post(page, who="me")).status_code == 404
    slot = (await offered(other))[-1]
    assert (await other.post("/fi/book/dental-check/hold", slot=slot, assessment=run)).status_code == 404
    sent = await other.post("/fi/contact", name="A", phone="0401234567", message="a", assessment=run)
    assert sent.status_code == 404


async def test_keep_of_somebody_else(anna: Attacker, other: Attacker) -> None:
    """Another resident's note does not come along with a time by way of `keep`."""
    held = await hold(anna)
    await anna.post(held, note="salaisuus", phone="0401234567")
    slot = (await offered(other))[-1]
    assert (await other.post("/fi/book/dental-check/hold", slot=slot, keep=_id(held))).status_code == 404


async def contact(one: Attacker, topic: str, message: str = "Terve") -> dict[str, Any]:
    """A contact request; its case."""
    answer = await one.post("/fi/contact", name="Testi", phone="0401234567", message=message, topic=topic)
    assert answer.status_code == 303
    return rows(one.settings, 'select * from "case" where id = %s', _id(answer.headers["location"]))[0]


@pytest.mark.parametrize(
    ("roles", "units", "answers"),
    [
        (["triage_nurse"], ["mikkeli"], {"patient": 200}),
        (["triage_nurse"], ["savonlinna"], {"patient": 403}),
        (["service_guide"], ["mikkeli"], {"social": 200}),
        (["service_guide"], ["pieksamaki"], {"social": 403}),
        (["supervisor"], ["mikkeli"], {}),
        (["operator"], ["mikkeli"], {}),
        (["triage_nurse"], [], {}),
        ([], ["mikkeli"], {}),
        (["no_such_role"], ["mikkeli"], {}),
    ],
)
async def test_registers_and_units(
    app: FastAPI, settings: Settings, anna: Attacker, roles: list[str], units: list[str], answers: dict[str, int]
) -> None:
    """Staff see the cases of their own units in the registers of their roles; another unit's there asks for a special
    reason (tests/web/test_special_access.py), and any other case is a 404."""
    cases = {"patient": await contact(anna, "health"), "social": await contact(anna, "social")}
    async with Attacker.staff(app, settings, roles, units) as staff:
        queue = (await staff.send("GET", "/sv/staff")).text
        for register, case in cases.items():
            path = f"/sv/staff/cases/{case['id']}"
            expected = answers.get(register, 404)
            assert (await staff.send("GET", path)).status_code == expected, register
            assert (path in queue) == (expected == 200)


async def test_reading_a_case_is_audited(app: FastAPI, settings: Settings, anna: Attacker) -> None:
    """Opening a case leaves a row with who, whose and why; a refused opening leaves none."""
    case = await contact(anna, "health")
    query = "select actor_id, purpose from audit_event where action = 'read' and target_id = %s"
    async with Attacker.staff(app, settings, ["service_guide"], ["mikkeli"]) as guide:
        await guide.send("GET", f"/fi/staff/cases/{case['id']}")
    assert rows(settings, query, str(case["id"])) == []
    async with Attacker.staff(app, settings, *NURSE) as nurse:
        await nurse.send("GET", f"/fi/staff/cases/{case['id']}")
        assert nurse.who
        expected = {"actor_id": nurse.who.person_id, "purpose": "handling the case"}
    assert rows(settings, query, str(case["id"])) == [expected]


async def test_sessions_of_both_sides_are_separate(app: FastAPI, settings: Settings, anna: Attacker) -> None:
    """A staff session opens no page of residents, nor a resident's session one of staff, whichever cookie holds it."""
    async with Attacker.staff(app, settings, *NURSE) as nurse:
        assert nurse.who
        nurse.client.cookies.set("asiointi", nurse.who.cookie)
        assert "/sign-in" in (await nurse.send("GET", "/fi/my")).headers["location"]
    assert anna.who
    anna.client.cookies.set("asiointi-staff", anna.who.cookie)
    assert "/staff/sign-in" in (await anna.send("GET", "/fi/staff")).headers["location"]


def slot_like(slot: str, *, start: datetime | None = None, location: str = "", professional: str = "") -> str:
    at, place, _who = slot.split("|")
    return f"{start.isoformat() if start else at}|{location or place}|{professional}"


async def test_times_that_are_not_offered(anna: Attacker, settings: Settings) -> None:
    """A past, crooked, far, elsewhere, foreign or made-up time is refused with fresh ones; nothing is held."""
    slot = (await offered(anna))[-1]
    start = datetime.fromisoformat(slot.split("|")[0])
    dentists = "select resource_id from availability where not ('dental-check' = any(services)) limit 1"
    bad = [
        slot_like(slot, start=FIXED_NOW - timedelta(days=1)),
        slot_like(slot, start=FIXED_NOW),
        slot_like(slot, start=start + timedelta(minutes=1)),
        slot_like(slot, start=start + timedelta(seconds=0.5)),
        slot_like(slot, start=start.replace(hour=1)),
        slot_like(slot, start=start + timedelta(days=3650)),
        slot_like(slot, location=str(uuid.uuid4())),
        slot_like(slot, professional=str(uuid.uuid4())),
        slot_like(slot, professional=str(rows(settings, dentists)[0]["resource_id"])),
        "2026-11-25T09:00:00|a|b",
        "9999-12-31T23:59:59+00:00|" + slot.split("|")[1] + "|",
        "",
        "||",
    ]
    for value in bad:
        answer = await anna.post("/fi/book/dental-check/hold", slot=value)
        assert answer.status_code == 409, value
        assert "slot" in {name for form in Document(answer.text).forms() for _t, name, _v in form.buttons}
    assert anna.who
    assert rows(settings, "select 1 from appointment where subject_id = %s", anna.who.person_id) == []


async def test_slot_of_another_service(anna: Attacker, settings: Settings) -> None:
    """A time of one service can't be taken for another that its professionals do not offer."""
    slot = (await offered(anna, "dental-check"))[-1]
    others = rows(settings, "select code, rule from bookable_service where code <> 'dental-check' order by code")
    assert others
    for service in others:
        answer = await anna.post(f"/fi/book/{service['code']}/hold", slot=slot)
        if answer.status_code == 303:  # offered there too, at this very moment: then it must be on its own page
            assert slot in await offered(anna, service["code"])
        else:
            assert answer.status_code == 409, service


async def test_unknown_service(anna: Attacker) -> None:
    """A service that does not exist is a 404, also with a time that can't be read."""
    for slot in ("", (await offered(anna))[-1]):
        assert (await anna.post("/fi/book/no-such/hold", slot=slot)).status_code == 404


async def test_going_back_to_choose_another_time(anna: Attacker, settings: Settings) -> None:
    """The same form sent twice holds once; going back in the browser and choosing another time holds that one."""
    first, second = (await offered(anna))[-2:]
    token = anna.token()

    async def choose(slot: str) -> str:
        fields = {"form_token": token, "slot": slot}
        answer = await anna.send("POST", "/fi/book/dental-check/hold", data=fields)
        return answer.headers["location"]

    held = await choose(first)
    assert await choose(first) == held
    again = await choose(second)
    assert again != held
    assert status_of(settings, held) == "released"
    assert status_of(settings, again) == "held"


async def test_sending_again_with_other_words(anna: Attacker) -> None:
    """A contact sent twice is one case; gone back and written anew it is another: the new words must arrive."""
    token = anna.token()

    async def send(message: str) -> str:
        fields = {"form_token": token, "name": "A", "phone": "0401234567", "message": message, "topic": "health"}
        return (await anna.send("POST", "/fi/contact", data=fields)).headers["location"]

    first = await send("Terve")
    assert await send("Terve") == first
    assert await send("Nyt on pahempi") != first


async def test_confirming_twice(anna: Attacker, settings: Settings) -> None:
    """Confirming again, by the same form or another tab's, is the same booking and one notice."""
    held = await hold(anna)
    await anna.post(held, phone="040 123 4567")
    places = [(await anna.post(f"{held}/confirm")).headers["location"] for _ in range(3)]
    assert len(set(places)) == 1
    notices = rows(settings, "select kind from notice where appointment_id = %s", _id(held))
    assert notices == [{"kind": "appointment_booked"}]


async def test_unfinished_details_are_not_booked(anna: Attacker, settings: Settings) -> None:
    """What the buttons beside the details keep as it is must be in order before it is booked."""
    held = await hold(anna)
    assert (await anna.post(f"{held}/confirm")).headers["location"] == held  # no phone number yet
    assert (await anna.send("GET", f"{held}/check")).headers["location"] == held
    for fields in ({"note": "x" * 2001, "phone": "040 123 4567"}, {"note": "", "phone": "kotona"}):
        await anna.post(f"{held}/extend", **fields)
        assert (await anna.post(f"{held}/confirm")).headers["location"] == held
    assert status_of(settings, held) == "held"


async def test_wrong_state(anna: Attacker, settings: Settings) -> None:
    """Each action on a time that is booked or cancelled already, in another tab, changes nothing and says so."""
    booked = await book(anna, note="ensin")
    held = f"/fi/book/held/{_id(booked)}"
    for expected in ("booked", "cancelled"):
        late = await anna.post(held, note="liian myöhään", phone="040 123 4567")
        assert late.status_code == 409
        assert "Mitään kirjoittamaasi ei ole kadonnut" not in late.text
        assert (await anna.post(f"{held}/extend", note="liian", phone="1")).status_code == 409
        for end in ("/confirm", "/release"):
            assert (await anna.post(held + end)).headers["location"] == booked
        for end in ("", "/check"):
            assert (await anna.send("GET", held + end)).headers["location"] == booked
        assert status_of(settings, booked) == expected
        await anna.post(f"{booked}/cancel")
    assert rows(settings, "select note from appointment where id = %s", _id(booked)) == [{"note": "ensin"}]
    assert len(rows(settings, "select 1 from notice where appointment_id = %s", _id(booked))) == 2


async def test_held_is_not_booked(anna: Attacker) -> None:
    """A held time has no page of a booked one, no calendar file, and can't be cancelled."""
    held = _id(await hold(anna))
    for end in ("", "/calendar.ics", "/cancel"):
        assert (await anna.send("GET", f"/fi/my/appointments/{held}{end}")).status_code == 404
    assert (await anna.post(f"/fi/my/appointments/{held}/cancel")).status_code == 404


async def test_a_time_that_has_begun(anna: Attacker, settings: Settings) -> None:
    """A hold kept so long that its time has begun is not booked: fresh times are shown."""
    held = await hold(anna)
    await anna.post(held, phone="040 123 4567")
    past = "update appointment set during = tstzrange(%s, %s) where id = %s"
    rows(settings, past, FIXED_NOW - timedelta(minutes=30), FIXED_NOW, _id(held))
    assert (await anna.post(f"{held}/confirm")).status_code == 409
    assert status_of(settings, held) == "held"


async def test_too_late_to_cancel(anna: Attacker, settings: Settings) -> None:
    """After the service's limit a time is cancelled by phone: 409 with the number, and it stays booked."""
    booked = await book(anna)
    soon = "update appointment set during = tstzrange(%s, %s) where id = %s"
    rows(settings, soon, FIXED_NOW + timedelta(minutes=5), FIXED_NOW + timedelta(minutes=25), _id(booked))
    answer = await anna.post(f"{booked}/cancel")
    assert answer.status_code == 409
    assert "tel:" in answer.text
    assert status_of(settings, booked) == "booked"


async def test_contact_joins_the_case_of_its_assessment(anna: Attacker, settings: Settings) -> None:
    """A contact after a booking from the same answers joins that case; a second one opens its own, and the answers
    stay where they were."""
    run = _id(await start_run(anna))
    result = """{"urgency": "within_days", "for_another": false}"""
    rows(settings, "update assessment_run set result = %s, finished_at = changed_at where id = %s", result, run)
    slot = (await offered(anna))[0]
    held = (await anna.post("/fi/book/dental-check/hold", slot=slot, assessment=run)).headers["location"]
    await anna.post(held, phone="040 123 4567")
    await anna.post(f"{held}/confirm")
    joined = rows(settings, "select case_id from appointment where id = %s", _id(held))
    cases = []
    for message in ("Odotan", f"Odotan yhä, {ALARM}"):
        sent = await anna.post("/fi/contact", name="A", phone="0401234567", message=message, assessment=run)
        cases.append(_id(sent.headers["location"]))
    assert joined == rows(settings, "select case_id from assessment_run where id = %s", run)
    assert cases[0] == str(joined[0]["case_id"])
    assert cases[1] != cases[0]


ALARM = "Minulla on kova rintakipu ja hengitys ei kulje"


async def test_alarming_words(app: FastAPI, settings: Settings, anna: Attacker) -> None:
    """Alarming words show the emergency card in search, contact and note, and raise or open the case."""
    calm = Document((await anna.send("GET", "/fi/search?q=flunssa")).text).text
    found = Document((await anna.send("GET", f"/fi/search?q={ALARM}")).text).text
    assert found.count("112") > calm.count("112")
    for field in ("message", "reachable", "name"):
        fields = {"name": "A", "message": "a", "reachable": "", "topic": "social", "phone": "0401234567", field: ALARM}
        sent = (await anna.post("/fi/contact", **fields)).headers["location"]
        case = rows(settings, 'select urgency from "case" where id = %s', _id(sent))
        assert case == [{"urgency": "immediate"}], field
        assert "112" in (await anna.send("GET", sent)).text
    booked = await book(anna, note=ALARM)
    query = 'select c.urgency, c.register, c.id from "case" c join appointment a on a.case_id = c.id where a.id = %s'
    case = rows(settings, query, _id(booked))
    assert [(one["urgency"], one["register"]) for one in case] == [("immediate", "patient")]
    async with Attacker.staff(app, settings, *NURSE) as nurse:
        assert ALARM in (await nurse.send("GET", f"/fi/staff/cases/{case[0]['id']}")).text
    calmly = await book(anna, note="Kirvelee")
    assert rows(settings, query, _id(calmly)) == []
