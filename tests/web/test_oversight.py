"""Those who watch: the supervisor's report, decisions on corrections, and the auditor's search, itself watched."""

import uuid
from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI

from app.domain.identity_code import IdentityCode
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.desk import change, insert, make_case, make_person, staff
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW, work_off

REPORT = "/fi/staff/special-access"
CODE = "010190-936V"


def make_access(settings: Settings, staff_id: uuid.UUID, unit: str = "mikkeli", **more: object) -> uuid.UUID:
    """An opening for a special reason, over since."""
    values = {
        "subject_id": make_person(settings, "Salla"),
        "register": "patient",
        "reason": "other",
        "words": "Sijaistin toista",
        "at": FIXED_NOW - timedelta(hours=3),
        "until": FIXED_NOW - timedelta(hours=2),
        "review": "",
    }
    return insert(settings, "special_access", staff_id=staff_id, unit_code=unit, **{**values, **more})


async def test_the_report(app: FastAPI, settings: Settings) -> None:
    """A supervisor sees who opened whose matters, when and why, in their units only: unreviewed first, then the
    newest; the reading and the review are audited, and the words stay."""
    async with (
        staff(app, settings, "triage_nurse", "mikkeli") as nurse,
        staff(app, settings, "supervisor", "mikkeli") as boss,
    ):
        assert nurse.who
        assert boss.who
        done = make_access(settings, nurse.who.person_id, words="Viety loppuun", at=FIXED_NOW)
        change(
            settings,
            "update special_access set reviewed_at = at, reviewed_by = %s, review = 'Kunnossa' where id = %s",
            boss.who.person_id,
            done,
        )
        old = make_access(settings, nurse.who.person_id, words="Vanhempi", at=FIXED_NOW - timedelta(days=2))
        make_access(settings, nurse.who.person_id, words="Tuoreempi")
        make_access(settings, nurse.who.person_id, "savonlinna", words="Muualla")
        words = Document((await boss.send("GET", REPORT)).text).text
        places = [words.index(part) for part in ("Tuoreempi", "Vanhempi", "Viety loppuun", "Kunnossa")]
        assert places == sorted(places)
        assert "Muualla" not in words
        assert "Salla Koeperhe" in words
        answer = await boss.post(f"{REPORT}/{old}/review", review="Kävimme läpi yhdessä", number="1")
        assert answer.headers["location"] == REPORT
        assert (await boss.post(f"{REPORT}/{old}/review", review="Toisin", number="1")).status_code == 303
        (row,) = rows_of(settings, "select review, reviewed_by from special_access where id = %s", old)
        assert row == {"review": "Kävimme läpi yhdessä", "reviewed_by": boss.who.person_id}
        query = "select action, target_kind from audit_event where actor_id = %s order by id"
        told = [tuple(row.values()) for row in rows_of(settings, query, boss.who.person_id)]
        assert told == [("read", "special_access_report"), ("review", "special_access")]


async def test_review_refused(app: FastAPI, settings: Settings) -> None:
    """No review without words, of another unit's opening, or of one's own."""
    async with staff(app, settings, "supervisor", "mikkeli") as boss:
        assert boss.who
        other = make_access(settings, make_staff(settings))
        answer = await boss.post(f"{REPORT}/{other}/review", review=" ")
        assert answer.status_code == 422
        assert f"#review-{other}" in answer.text
        far = make_access(settings, make_staff(settings), "savonlinna")
        own = make_access(settings, boss.who.person_id)
        for one in (far, own, uuid.uuid4()):
            for words in ("Kunnossa", ""):
                if one != own or words:  # one's own is on the page, so its empty words are an error there
                    assert (await boss.post(f"{REPORT}/{one}/review", review=words)).status_code == 404
    reviewed = "select 1 as one from special_access where id = any(%s) and reviewed_at is not null"
    assert rows_of(settings, reviewed, [other, far, own]) == []


def make_staff(settings: Settings) -> uuid.UUID:
    values = {"issuer": "test", "subject": str(uuid.uuid4()), "name": "Muu Hoitaja", "profession": "nurse"}
    return insert(settings, "staff_member", roles=[], units=[], signed_in_at=FIXED_NOW, **values)


@pytest.mark.parametrize("role", ["triage_nurse", "specialist", "service_guide", "auditor", "operator", "supervisor"])
async def test_pages_of_others(app: FastAPI, settings: Settings, role: str) -> None:
    """Report, corrections and trail are there for the role that needs them, and for nobody else."""
    pages = {REPORT: "supervisor", "/fi/staff/corrections": "specialist", "/fi/staff/audit": "auditor"}
    async with staff(app, settings, role, "mikkeli") as one:
        menu = (await one.send("GET", "/fi/staff/systems")).text
        for path, needed in pages.items():
            assert (await one.send("GET", path)).status_code == (200 if role == needed else 404)
            assert (f'href="{path}"' in menu) == (role == needed)
        if role != "auditor":
            assert (await one.post("/fi/staff/audit", code=CODE)).status_code == 404


def make_request(settings: Settings, register: str = "patient") -> uuid.UUID:
    """A request for correction by a resident about their own data."""
    person = make_person(settings, "Kaija", "1960-01-01")
    values = {"register": register, "target_kind": "", "wrong": "Allergia puuttuu", "right": "Pähkinäallergia"}
    more = {
        "language": "fi",
        "state": "open",
        "reasons": "",
        "created_at": FIXED_NOW,
        "reference": uuid.uuid4().hex[:9],
    }
    return insert(settings, "correction_request", person_id=person, actor_id=person, **values, **more)


def state_of(settings: Settings, request: uuid.UUID) -> tuple[str, str]:
    (row,) = rows_of(settings, "select state, reasons from correction_request where id = %s", request)
    return row["state"], row["reasons"]


async def test_a_correction_is_decided(app: FastAPI, settings: Settings) -> None:
    """A refusal needs reasons and tells how to complain; a decision stands; the resident gets one notice that says
    nothing of the matter."""
    request = make_request(settings)
    path = f"/fi/staff/corrections/{request}"
    async with staff(app, settings, "specialist", "mikkeli") as doctor:
        assert path in (await doctor.send("GET", "/fi/staff/corrections")).text
        assert "Pähkinäallergia" in (await doctor.send("GET", path)).text
        for fields in ({"decision": ""}, {"decision": "maybe"}, {"decision": "refused", "reasons": " "}):
            assert (await doctor.post(path, **fields)).status_code == 422
        assert state_of(settings, request) == ("open", "")
        answer = await doctor.post(path, decision="refused", reasons="Testi oli negatiivinen")
        assert answer.headers["location"] == path
        assert "tietosuojavaltuutettua" in (await doctor.send("GET", path)).text
        late = await doctor.post(path, decision="corrected", reasons="")
        assert late.status_code == 409
        assert "Testi oli negatiivinen" in late.text
    assert state_of(settings, request) == ("refused", "Testi oli negatiivinen")
    query = "select action from audit_event where target_id = %s and action = 'decide'"
    assert len(rows_of(settings, query, str(request))) == 1
    await work_off(settings)
    (notice,) = rows_of(settings, "select kind, appointment_id from notice where id = %s", request)
    assert notice == {"kind": "correction_decided", "appointment_id": None}


@pytest.mark.parametrize(
    ("role", "register", "expected"),
    [
        ("specialist", "patient", 200),
        ("specialist", "social", 404),
        ("social_worker", "social", 200),
        ("social_worker", "patient", 404),
        ("triage_nurse", "patient", 404),
        ("supervisor", "patient", 404),
    ],
)
async def test_corrections_stay_in_their_register(
    app: FastAPI, settings: Settings, role: str, register: str, expected: int
) -> None:
    """A request is seen and decided by who decides in its register."""
    request = make_request(settings, register)
    path = f"/fi/staff/corrections/{request}"
    async with staff(app, settings, role, "mikkeli") as one:
        assert (await one.send("GET", path)).status_code == expected
        answer = await one.post(path, decision="corrected", reasons="")
        assert answer.status_code == (303 if expected == 200 else 404)
    assert state_of(settings, request)[0] == ("corrected" if expected == 200 else "open")


async def test_nurse_who_is_also_a_social_worker(app: FastAPI, settings: Settings) -> None:
    """Two roles lend each other nothing: corrections of the patient register stay away from a nurse."""
    request = make_request(settings, "patient")
    async with staff(app, settings, "social_worker", "mikkeli") as one:
        assert one.who
        roles = ["social_worker", "triage_nurse"]
        change(settings, "update staff_member set roles = %s where id = %s", roles, one.who.person_id)
        assert (await one.send("GET", f"/fi/staff/corrections/{request}")).status_code == 404
        assert (await one.post(f"/fi/staff/corrections/{request}", decision="corrected")).status_code == 404
    assert state_of(settings, request)[0] == "open"


@pytest.fixture
def known(settings: Settings) -> uuid.UUID:
    """A person with the identity code CODE."""
    IdentityCode.parse(CODE, FIXED_NOW.date())
    lookup = IdentityVault.of(settings).lookup(CODE)
    found = rows_of(settings, "select id from person where identity_lookup = %s", lookup)
    return found[0]["id"] if found else make_person(settings, "Tuija", "1990-01-01", identity_lookup=lookup)


async def test_the_trail_of_a_person(app: FastAPI, settings: Settings, known: uuid.UUID) -> None:
    """By an identity code, which is never in an address, an auditor finds who read what and why; by a name what
    somebody did; each look is a row of its own about the person."""
    case = make_case(settings, known)
    async with staff(app, settings, "triage_nurse", "savonlinna") as nurse:
        await nurse.post(f"/fi/staff/cases/{case}/reason", reason="urgent_help")
        await nurse.send("GET", f"/fi/staff/cases/{case}")
    async with staff(app, settings, "auditor") as auditor:
        answer = await auditor.post("/fi/staff/audit", code=CODE.lower())
        location = answer.headers["location"]
        assert location == f"/fi/staff/audit?person={known}"
        words = Document((await auditor.send("GET", location)).text).text
        for part in ("Testi Hoitaja", "Tuija Koeperhe", "Erityinen syy", "Henkilö tarvitsee apua heti", str(case)):
            assert part in words, part
        by_name = await auditor.post("/fi/staff/audit", staff="testi hoi", since="24.11.2026", until="24.11.2026")
        assert by_name.headers["location"] == "/fi/staff/audit?by=testi+hoi&since=2026-11-24&until=2026-11-24"
        assert str(case) in (await auditor.send("GET", by_name.headers["location"])).text
        later = await auditor.send("GET", "/fi/staff/audit?by=testi+hoi&since=2026-11-25")
        assert str(case) not in later.text
        assert auditor.who
        query = "select action, subject_id, purpose from audit_event where actor_id = %s order by id"
        looks = [tuple(row.values()) for row in rows_of(settings, query, auditor.who.person_id)]
    assert looks[:2] == [("look_up", known, "audit"), ("read", known, "audit")]
    assert looks[2:] == [("read", None, "audit")] * 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"code": "010190-999X"}, "code"),
        ({"code": "010190-937W"}, "code"),
        ({"code": "131052-9041"}, "code"),
        ({}, "code"),
        ({"since": "31.2.2026"}, "since"),
        ({"until": "eilen"}, "until"),
    ],
)
async def test_searches_that_find_nobody(app: FastAPI, settings: Settings, fields: dict[str, str], wrong: str) -> None:
    """A code that is none or that nobody here has, a day that isn't one, and an empty search are told at their field;
    the code isn't shown again."""
    async with staff(app, settings, "auditor") as auditor:
        answer = await auditor.post("/fi/staff/audit", **fields)
        assert answer.status_code == 422
        assert f'href="#{wrong}"' in answer.text
        assert fields.get("code", "not typed") not in answer.text


def older_links(page: Document) -> list[str]:
    """Where the page goes on; its own address in other languages is no way on."""
    return [href for text, href in page.links() if text == "Older ones"]


async def test_pages_of_the_trail(app: FastAPI, settings: Settings) -> None:
    """More than a page of rows goes on to older ones, each once."""
    person = make_person(settings, "Paljon")
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into audit_event (id, at, actor_kind, subject_id, purpose, action, target_kind, target_id,"
            " request_id, mac_key, mac) select nextval('audit_event_id_seq'), %s, 'system', %s, 'retention', 'read',"
            " 'rivi', 'numero-' || n || '.', '', '', '' from generate_series(1, 70) n",
            [FIXED_NOW, person],
        )
    seen: list[str] = []
    async with staff(app, settings, "auditor") as auditor:
        page = Document((await auditor.send("GET", f"/en/staff/audit?person={person}")).text)
        seen += [row for row in page.text.split() if row.startswith("numero-")]
        (older,) = older_links(page)
        page = Document((await auditor.send("GET", older)).text)
        seen += [row for row in page.text.split() if row.startswith("numero-")]
        assert older_links(page) == []
        for crooked in ("person=x", "since=9999-99-99", "before=-1", "before=99999999999999999999", "number=0"):
            assert (await auditor.send("GET", f"/fi/staff/audit?{crooked}")).status_code == 200
    assert seen == [f"numero-{number}." for number in range(70, 0, -1)]


async def test_the_trail_of_somebody_registered_twice(app: FastAPI, settings: Settings) -> None:
    """Who asks for a person finds also what was recorded of the row that was joined to theirs."""
    kept = make_person(settings, "Kaksi")
    merged = make_person(settings, "Kerran", merged_into_id=kept)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into audit_event (id, at, actor_kind, subject_id, purpose, action, target_kind, target_id,"
            " request_id, mac_key, mac) values (nextval('audit_event_id_seq'), %s, 'system', %s, 'retention', 'read',"
            " 'rivi', 'ennen-yhdistämistä', '', '', '')",
            [FIXED_NOW, merged],
        )
    async with staff(app, settings, "auditor") as auditor:
        assert "ennen-yhdistämistä" in (await auditor.send("GET", f"/fi/staff/audit?person={kept}")).text


async def test_a_request_about_a_matter_is_its_tasks(app: FastAPI, settings: Settings) -> None:
    """A request that names a case of a service task is seen and decided only by who works in that task."""
    case = make_case(settings, make_person(settings), register="social", service_task="disability")
    request, general = make_request(settings, "social"), make_request(settings, "social")
    change(
        settings,
        "update correction_request set service_task = 'disability', target_kind = 'case', target_id = %s where id = %s",
        case,
        request,
    )
    path = f"/fi/staff/corrections/{request}"
    async with staff(app, settings, "social_worker", "mikkeli", tasks=("older_people",)) as other:
        listed = (await other.send("GET", "/fi/staff/corrections")).text
        assert str(general) in listed
        assert str(request) not in listed
        assert (await other.send("GET", path)).status_code == 404
        assert (await other.post(path, decision="corrected")).status_code == 404
    async with staff(app, settings, "social_worker", "mikkeli", tasks=("disability",)) as own:
        assert str(request) in (await own.send("GET", "/fi/staff/corrections")).text
        assert "Koeasia" in (await own.send("GET", path)).text
        assert (await own.post(path, decision="corrected")).status_code == 303
    assert state_of(settings, request)[0] == "corrected"
