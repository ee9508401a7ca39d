"""Row-level security leaves the indexes in use: plans, with tens of thousands of rows, of what pages ask most."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from app.models.context import Context
from app.operations.local_server import APP, OWNER, WORKER, LocalServer
from app.operations.migrating import migrate_to
from app.services.viewer import Viewer, context_for
from tests.tools.fill import Filler
from tests.tools.row_scene import enter

NAME, ROWS, PEOPLE, UNITS = "row_plans", 50_000, 5_000, 20
# Copies of one row that the filler made, spread over people, units and time.
MANY = """
insert into person (id, given_name, family_name, non_disclosure, language)
  select md5('p' || n)::uuid, 'x', 'x', false, 'fi' from generate_series(1, {people}) n;
insert into unit (code, names) select 'u' || n, '{{}}' from generate_series(1, {units}) n;
insert into "case" (id, reference, subject_id, actor_id, register, unit_code, kind, titles, language, urgency,
    urgency_rank, arrived_at, due_at, state, version)
  select gen_random_uuid(), 'R' || n, p, p, 'patient', 'u' || (n % {units} + 1), 'contact', '{{}}', 'fi', 'today',
    n % 5, now(), now() + n * interval '1 minute', case when n % 10 = 0 then 'open' else 'closed' end, 1
  from generate_series(1, {rows}) n, lateral (select md5('p' || (n % {people} + 1))::uuid) q(p);
insert into appointment (id, subject_id, actor_id, register, service_code, location_id, professional_id, during, status,
    held_at, held_until, note, phone, language, sequence)
  select gen_random_uuid(), p, p, 'patient', service_code, location_id, professional_id,
    tstzrange(lower(during) + n * interval '1 hour', lower(during) + n * interval '1 hour' + interval '30 minutes'),
    'booked', held_at, held_until, '', '', 'fi', 0
  from appointment, generate_series(1, {rows}) n, lateral (select md5('p' || (n % {people} + 1))::uuid) q(p)
"""
OWN = "select * from appointment where subject_id = %s and status in ('held', 'booked') and not double_booked"
QUEUE = "select * from \"case\" where state = 'open' and unit_code = any(%s) order by urgency_rank, due_at, id limit 50"


@pytest.fixture(scope="module")
def many(server: LocalServer) -> Iterator[str]:
    """A database with many appointments and cases; its statistics are fresh."""
    server.create_database(NAME)
    migrate_to(server.url(OWNER, NAME))
    engine = create_engine(server.url(WORKER, NAME))
    with engine.begin() as connection:
        Filler(connection).add("appointment")
    engine.dispose()
    with psycopg.connect(server.url(WORKER, NAME)) as connection:
        for statement in MANY.split(";"):
            connection.execute(statement.format(people=PEOPLE, rows=ROWS, units=UNITS))
    with psycopg.connect(server.url(OWNER, NAME), autocommit=True) as owner:
        owner.execute("analyze")
    yield NAME
    server.drop_database(NAME)


def plan(url: str, context: Context, query: str, value: object) -> dict[str, Any]:
    """How PostgreSQL did the query for a reader."""
    with psycopg.connect(url) as connection:
        enter(connection, context)
        row = connection.execute(f"explain (analyze, buffers, format json) {query}", [value]).fetchone()
    assert row is not None
    done: dict[str, Any] = row[0][0]
    return done


def scans(node: dict[str, Any], table: str) -> Iterator[tuple[str, str]]:
    """Each way in which the plan reads a table, with the index used."""
    if node.get("Relation Name") == table or node["Node Type"] == "Bitmap Index Scan":
        yield node["Node Type"], node.get("Index Name", "")
    for child in node.get("Plans", ()):
        yield from scans(child, table)


def first_person(server: LocalServer) -> uuid.UUID:
    """Somebody who has some of the rows."""
    with psycopg.connect(server.url(WORKER, NAME)) as connection:
        row = connection.execute("select md5('p1')::uuid").fetchone()
    assert row is not None
    person: uuid.UUID = row[0]
    return person


def test_own_appointments_by_index(server: LocalServer, many: str) -> None:
    """A resident's appointments are found by an index on whose they are, not by going through all."""
    person = first_person(server)
    done = plan(server.url(APP, many), context_for(Viewer(uuid.uuid4(), person)), OWN, person)
    ways = list(scans(done["Plan"], "appointment"))
    assert ways, json.dumps(done)
    assert not [way for way, _ in ways if way == "Seq Scan"], ways
    assert "ex_appointment_subject_overlap" in {index for _, index in ways}


def test_queue_by_index(server: LocalServer, many: str) -> None:
    """The queue of one's units is found by its index."""
    nurse = context_for(Viewer(uuid.uuid4(), staff_id=uuid.uuid4(), roles=("triage_nurse",), units=("u1", "u2")))
    done = plan(server.url(APP, many), nurse, QUEUE, ["u1", "u2"])
    ways = list(scans(done["Plan"], "case"))
    assert not [way for way, _ in ways if way == "Seq Scan"], ways
    assert "ix_case_queue" in {index for _, index in ways}
