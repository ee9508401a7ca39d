"""Whose case is it, and what a special reason opens: for an hour, to read only, under the supervisor's eyes."""

import uuid
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.models.context import enter
from app.services.viewer import Viewer, context_for
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.desk import change, make_case, make_person, staff
from tests.tools.document import Document
from tests.tools.world import FIXED_NOW

CHILD = ("child_welfare",)


@pytest.fixture
def child(settings: Settings) -> uuid.UUID:
    return make_person(settings)


def path_of(case: uuid.UUID, end: str = "") -> str:
    return f"/fi/staff/cases/{case}{end}"


@pytest.mark.parametrize(
    ("who", "where", "expected"),
    [
        ((role, unit, tasks), (register, task), expected)
        for role, unit, tasks, register, task, expected in [
            ("triage_nurse", "mikkeli", (), "patient", None, 200),
            ("specialist", "mikkeli", (), "patient", None, 200),
            ("triage_nurse", "savonlinna", (), "patient", None, 403),
            ("specialist", "pieksamaki", (), "patient", None, 403),
            ("service_guide", "mikkeli", CHILD, "patient", None, 404),
            ("social_worker", "savonlinna", CHILD, "patient", None, 404),
            ("triage_nurse", "mikkeli", (), "social", None, 404),
            ("triage_nurse", "savonlinna", (), "social", "child_welfare", 404),
            ("social_worker", "mikkeli", CHILD, "social", "child_welfare", 200),
            ("social_worker", "mikkeli", (), "social", None, 200),
            ("social_worker", "mikkeli", ("older_people",), "social", "child_welfare", 404),
            ("social_worker", "savonlinna", CHILD, "social", "child_welfare", 403),
            ("social_worker", "savonlinna", ("older_people",), "social", "child_welfare", 404),
            ("service_guide", "savonlinna", (), "social", None, 403),
            ("supervisor", "mikkeli", (), "patient", None, 404),
            ("auditor", "mikkeli", (), "patient", None, 404),
            ("operator", "savonlinna", (), "patient", None, 404),
            ("content_owner", "savonlinna", (), "social", None, 404),
            ("triage_nurse", "", (), "patient", None, 404),
        ]
    ],
)
async def test_who_opens_what(
    app: FastAPI,
    settings: Settings,
    child: uuid.UUID,
    who: tuple[str, str, tuple[str, ...]],
    where: tuple[str, str | None],
    expected: int,
) -> None:
    """Own cases open; another unit's asks for a reason; another register's or task's isn't there, even for a reason;
    a refusal leaves no special access."""
    (role, unit, tasks), (register, task) = who, where
    case = make_case(settings, child, register=register, service_task=task)
    async with staff(app, settings, role, *filter(None, [unit]), tasks=tasks) as one:
        answer = await one.send("GET", path_of(case))
        assert answer.status_code == expected
        assert ("Koeasia" in answer.text) == (expected == 200)
        assert (path_of(case) in (await one.send("GET", "/fi/staff")).text) == (expected == 200)
        given = await one.post(path_of(case, "/reason"), reason="urgent_help", words="")
        assert given.status_code == (303 if expected == 403 else 404)
    made = rows_of(settings, "select 1 as one from special_access where case_id = %s", case)
    assert len(made) == (expected == 403)


async def test_not_there_looks_like_elsewhere(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """The page for another register's case says the same as for one that never was."""
    case = make_case(settings, child, register="social")
    async with staff(app, settings, "triage_nurse", "savonlinna") as nurse:
        shown = []
        for one in (case, uuid.uuid4()):
            answer = await nurse.send("GET", path_of(one))
            shown.append(Document(answer.text).text.replace(answer.headers["x-request-id"], "").replace(str(one), ""))
    assert shown[0] == shown[1]


async def test_a_reason_opens_for_an_hour(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """With a reason the case and the same person's others open; all is audited with it, and after the hour it ends."""
    case, other = make_case(settings, child), make_case(settings, child)
    social = make_case(settings, child, register="social")
    async with staff(app, settings, "triage_nurse", "savonlinna") as nurse:
        given = await nurse.post(path_of(case, "/reason"), reason="other", words="Soitin tulkin kanssa")
        assert given.headers["location"] == path_of(case)
        page = await nurse.send("GET", path_of(case))
        assert page.status_code == 200
        assert "Muu syy" in page.text
        assert (await nurse.send("GET", path_of(other))).status_code == 200
        assert (await nurse.send("GET", path_of(social))).status_code == 404
        assert path_of(case) not in (await nurse.send("GET", "/fi/staff")).text
        assert nurse.who
        (access,) = rows_of(settings, "select * from special_access where staff_id = %s", nurse.who.person_id)
        assert access["until"] - access["at"] == timedelta(minutes=60)
        assert (access["reason"], access["unit_code"], access["subject_id"]) == ("other", "savonlinna", child)
        change(settings, "update special_access set until = %s where id = %s", FIXED_NOW, access["id"])
        assert (await nurse.send("GET", path_of(case))).status_code == 403
        assert (await nurse.send("GET", path_of(other))).status_code == 403
    query = "select action, purpose, reason, subject_id from audit_event where target_id = %s order by id"
    told = {(row["action"], row["purpose"], row["reason"]) for row in rows_of(settings, query, str(case))}
    assert told == {("open_with_reason", "special reason", "other"), ("read", "special reason", "other")}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "curiosity"}, "reason"),
        ({"reason": "other", "words": ""}, "words"),
        ({"reason": "other", "words": "lyhyt"}, "words"),
        ({"reason": "urgent_help", "words": "a" * 501}, "words"),
        ({"reason": "urgent_help", "unit": "pieksamaki"}, "unit"),
    ],
)
async def test_no_good_reason(
    app: FastAPI, settings: Settings, child: uuid.UUID, fields: dict[str, str], wrong: str
) -> None:
    """Without a known reason, the words that it needs and an own unit nothing opens; what was typed stays."""
    case = make_case(settings, child, unit_code="pieksamaki")
    async with staff(app, settings, "triage_nurse", "mikkeli", "savonlinna") as nurse:
        answer = await nurse.post(path_of(case, "/reason"), **{"unit": "mikkeli", "words": "", **fields})
        assert answer.status_code == 422
        assert f'href="#{wrong}"' in answer.text
        assert (await nurse.send("GET", path_of(case))).status_code == 403
    assert rows_of(settings, "select 1 as one from special_access where case_id = %s", case) == []


async def test_special_access_changes_nothing(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """Who reads by a special reason gives no verdict, and the database refuses them any change of the case."""
    case = make_case(settings, child)
    async with staff(app, settings, "triage_nurse", "savonlinna") as nurse:
        await nurse.post(path_of(case, "/reason"), reason="urgent_help")
        page = await nurse.send("GET", path_of(case))
        assert path_of(case, "/verdict") not in page.text
        assert (await nurse.send("GET", path_of(case, "/verdict"))).status_code == 404
        answer = await nurse.post(path_of(case, "/verdict"), verdict="1", grounds="Keskustelimme")
        assert answer.status_code == 404
        assert nurse.who
        viewer = Viewer(
            nurse.who.session_id, staff_id=nurse.who.person_id, roles=("triage_nurse",), units=("savonlinna",)
        )
    database = Database.for_web(settings)
    async with database.transaction() as session:
        assert await touch(session, viewer, case) == (1, 0)
    await database.close()
    assert rows_of(settings, "select 1 as one from capacity_verdict where case_id = %s", case) == []


async def touch(session: AsyncSession, viewer: Viewer, case: uuid.UUID) -> tuple[int, int]:
    """How many rows the web's role sees and changes as `viewer`."""
    await enter(session, context_for(viewer))
    seen = await session.execute(text('select id from "case" where id = :case'), {"case": case})
    changed = await session.execute(text("update \"case\" set state = 'closed' where id = :case"), {"case": case})
    return len(seen.all()), changed.rowcount  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("roles", "tasks", "register", "task", "told"),
    [
        (("triage_nurse",), (), "patient", None, 1),
        (("triage_nurse",), (), "social", None, 0),
        (("social_worker",), ("older_people",), "social", "child_welfare", 0),
        (("social_worker",), CHILD, "social", "child_welfare", 1),
        (("supervisor", "auditor"), (), "patient", None, 0),
        ((), (), "patient", None, 0),
    ],
)
async def test_the_directory_tells_little(
    settings: Settings,
    child: uuid.UUID,
    roles: tuple[str, ...],
    tasks: tuple[str, ...],
    register: str,
    task: str | None,
    told: int,
) -> None:
    """The database's answer to "is there such a case" is no for everybody who may not open it with a reason."""
    case = make_case(settings, child, register=register, service_task=task)
    viewer = Viewer(uuid.uuid4(), staff_id=uuid.uuid4(), roles=roles, units=("savonlinna",), tasks=tasks)
    database = Database.for_web(settings)
    async with database.transaction() as session:
        for one, expected in ((viewer, told), (Viewer(uuid.uuid4(), person_id=child), 0), (None, 0)):
            await enter(session, context_for(one))
            rows = await session.execute(text("select * from case_directory(:case)"), {"case": case})
            assert len(rows.all()) == expected
    await database.close()


async def test_the_queue_s_reading_is_audited_once(app: FastAPI, settings: Settings, child: uuid.UUID) -> None:
    """A look at the queue is one row with its units, however many cases stand in it."""
    make_case(settings, child)
    make_case(settings, child)
    async with staff(app, settings, "triage_nurse", "savonlinna", "mikkeli") as nurse:
        await nurse.send("GET", "/fi/staff")
        assert nurse.who
        query = "select action, target_kind, target_id, purpose from audit_event where actor_id = %s"
        (row,) = rows_of(settings, query, nurse.who.person_id)
    assert list(row.values()) == ["read", "queue", "mikkeli, savonlinna", "queue"]
