"""A minor's case: who acts for whom, what a professional has judged, and what nobody must learn of a whereabouts."""

import uuid

import pytest
from fastapi import FastAPI

from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.desk import insert, make_case, make_person, staff
from tests.tools.document import Document, text_of

PHONE = "+358401234567"


@pytest.fixture
def child(settings: Settings) -> uuid.UUID:
    return make_person(settings)


def path_of(case: uuid.UUID, end: str = "") -> str:
    return f"/fi/staff/cases/{case}{end}"


def access_of(settings: Settings, case: uuid.UUID) -> str:
    return str(rows_of(settings, 'select guardian_access from "case" where id = %s', case)[0]["guardian_access"])


async def test_both_names_and_the_right(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """Staff see who acts for whom and by which right."""
    mother = make_person(settings, "Anna", "1988-04-12")
    case = make_case(settings, child, actor_id=mother, basis="guardian")
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        words = Document((await nurse.send("GET", f"/en/staff/cases/{case}")).text).text
    assert "Anna Koeperhe acts for Eemeli Koeperhe: Guardian of the child" in words


async def test_the_newest_verdict_counts(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """A verdict sets what guardians see of the case, is shown with who gave it, and the next one takes its place."""
    case = make_case(settings, child)
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        assert path_of(case, "/verdict") in (await nurse.send("GET", path_of(case))).text
        for code, access in (("2", "closed"), ("1", "open"), ("4", "default"), ("2", "closed")):
            answer = await nurse.post(path_of(case, "/verdict"), verdict=code, grounds=f"Peruste {code}")
            assert answer.headers["location"] == path_of(case)
            assert access_of(settings, case) == access
        words = Document((await nurse.send("GET", path_of(case))).text).text
        assert "kieltää näyttämästä tietoja huoltajille" in words
        assert "Testi Hoitaja" in words
        assert "Peruste 2" in words
        assert "Peruste 1" not in words
    events = rows_of(settings, "select event, by_kind, detail from case_event where case_id = %s", case)
    assert [list(row.values()) for row in events] == [["verdict", "staff", {}]] * 4
    query = "select subject_id, register from audit_event where action = 'give_verdict' and target_id = %s"
    assert rows_of(settings, query, str(case)) == [{"subject_id": child, "register": "patient"}] * 4


async def test_sent_twice_is_one_verdict(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """The same form sent again gives no second verdict."""
    case = make_case(settings, child)
    async with staff(app, settings, "specialist", "mikkeli") as doctor:
        form = {"form_token": doctor.token(), "verdict": "2", "grounds": "Arvio"}
        for _ in range(2):
            assert (await doctor.send("POST", path_of(case, "/verdict"), data=form)).status_code == 303
    assert len(rows_of(settings, "select 1 as one from capacity_verdict where case_id = %s", case)) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"verdict": "", "grounds": "Arvio"}, "verdict"),
        ({"verdict": "9", "grounds": "Arvio"}, "verdict"),
        ({"verdict": "1", "grounds": " "}, "grounds"),
        ({"verdict": "1", "grounds": "a" * 2001}, "grounds"),
    ],
)
async def test_a_verdict_needs_grounds(
    app: FastAPI, settings: Settings, child: uuid.UUID, fields: dict[str, str], wrong: str
) -> None:
    """A verdict without a known meaning or without grounds changes nothing."""
    case = make_case(settings, child)
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        answer = await nurse.post(path_of(case, "/verdict"), **fields)
        assert answer.status_code == 422
        assert f'href="#{wrong}"' in answer.text
    assert access_of(settings, case) == "default"


@pytest.mark.parametrize(
    ("role", "unit", "born", "register"),
    [
        ("service_guide", "mikkeli", "2013-03-05", "social"),
        ("triage_nurse", "mikkeli", "2013-03-05", "social"),
        ("social_worker", "mikkeli", "2013-03-05", "patient"),
        ("triage_nurse", "savonlinna", "2013-03-05", "patient"),
        ("triage_nurse", "mikkeli", "2008-11-24", "patient"),  # 18 today
        ("triage_nurse", "mikkeli", None, "patient"),
        ("supervisor", "mikkeli", "2013-03-05", "patient"),
    ],
)
async def test_who_may_not_judge(
    app: FastAPI, settings: Settings, role: str, unit: str, born: str | None, register: str
) -> None:
    """Nobody judges an adult, without the role in the case's own register, or in another unit's case."""
    case = make_case(settings, make_person(settings, birth_date=born), register=register)
    async with staff(app, settings, role, unit) as one:
        assert path_of(case, "/verdict") not in (await one.send("GET", path_of(case))).text
        assert (await one.send("GET", path_of(case, "/verdict"))).status_code == 404
        assert (await one.post(path_of(case, "/verdict"), verdict="1", grounds="Arvio")).status_code == 404
    assert access_of(settings, case) == "default"
    assert rows_of(settings, "select 1 as one from capacity_verdict where case_id = %s", case) == []


async def test_non_disclosure(app: FastAPI, settings: Settings) -> None:
    """Case and queue say so plainly, no municipality is shown even where one is stored, and the phone number that was
    given for this matter opens by choice."""
    person = make_person(settings, "Katri", "1991-06-14", non_disclosure=True, municipality_code="491")
    case = make_case(settings, person)
    insert(settings, "contact_request", case_id=case, name="Katri", phone=PHONE, reachable="", message="Terve")
    async with staff(app, settings, "triage_nurse", "mikkeli") as nurse:
        page = Document((await nurse.send("GET", f"/en/staff/cases/{case}")).text)
        queue = Document((await nurse.send("GET", "/en/staff")).text).text
    assert "Non-disclosure for personal safety" in page.text
    assert "Non-disclosure" in queue
    assert "Mikkeli" not in " ".join(text_of(one) for one in page.all("dd"))
    assert page.text.count("040 123 4567") == 1
    assert any("040 123 4567" in text_of(one) for one in page.all("details"))
