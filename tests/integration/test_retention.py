"""Retention: what serves nobody any more goes, what belongs to somebody's care stays, and each run is audited."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from app.database import Database
from app.models import Base
from app.services.retention import ERASED, ONLY, retention_rules, sweep_old
from app.settings import Settings
from tests.tools.people import sign_in_many
from tests.tools.world import FIXED_NOW, World

RUN = (
    "insert into assessment_run (id, session_id, subject_id, case_id, assessment_id, titles, language, road, answers,"
    " asked, changed_at) values (gen_random_uuid(), null, %s, null, %s, '{}', 'fi', '[]', '{}', '{}', %s)"
)
# A filling of the form with that code; `page` is a name by which the test knows it.
FORM = (
    "insert into form_response (id, questionnaire_id, code, titles, register, session_id, subject_id, actor_id, state,"
    " language, answers, memo, shown, page, alarmed, response, started_at, changed_at, sent_at, revision)"
    " select gen_random_uuid(), id, code, titles, register, gen_random_uuid(), %(who)s, %(who)s, %(state)s::varchar,"
    " 'fi', '{}', '[]', '{}', %(name)s, false, case when %(state)s::varchar = 'sent' then '{}'::jsonb end, %(at)s,"
    " %(at)s, case when %(state)s::varchar = 'sent' then %(at)s::timestamptz end, 1"
    " from questionnaire where code = %(code)s"
)
FILE = (
    "insert into attachment (id, response_id, title, content_type, size, digest, created_at, scanned_at)"
    " select gen_random_uuid(), id, page, 'x', 1, '', changed_at, changed_at from form_response"
)


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own."""
    with world.database() as name:
        yield world.settings(name)


async def sweep(settings: Settings) -> dict[str, int]:
    database = Database.for_worker(settings, fixed_now=FIXED_NOW)
    async with database.transaction() as session:
        counts = await sweep_old(session)
    await database.close()
    return counts


def runs_audited(settings: Settings) -> int:
    """How many sweeps the audit trail tells of."""
    with psycopg.connect(settings.worker_database_url) as connection:
        row = connection.execute("select count(*) from audit_event where action = 'sweep'").fetchone()
    assert row is not None
    return int(row[0])


async def test_sweep(settings: Settings) -> None:
    """Anonymous answers go after seven days; newer ones, and those of a person, stay; the run leaves an audit row."""
    person = sign_in_many(settings, 1)[0].person_id
    old, new = FIXED_NOW - timedelta(days=8), FIXED_NOW - timedelta(days=6)
    with psycopg.connect(settings.worker_database_url) as connection:
        for owner, name, changed in ((None, "old", old), (None, "new", new), (person, "own", old)):
            connection.execute(RUN, [owner, name, changed])
        connection.execute(
            "insert into submission (token, result_path, created_at) values (gen_random_uuid(), '/', %s)", [old]
        )
    before = runs_audited(settings)  # the worker may have swept when the template was made, on its own hour
    counts = await sweep(settings)
    assert (counts["assessment_run"], counts["submission"]) == (1, 1)
    with psycopg.connect(settings.worker_database_url) as connection:
        left = {row[0] for row in connection.execute("select assessment_id from assessment_run")}
    assert left == {"new", "own"}
    assert runs_audited(settings) == before + 1


async def test_attempts_to_give_consent_go(settings: Settings) -> None:
    """What was remembered for the way back from Kanta goes after a day; one that is under way stays."""
    person = sign_in_many(settings, 1)[0]
    with psycopg.connect(settings.worker_database_url) as connection:
        for name, hours in ((b"old", 25), (b"new", 1)):
            connection.execute(
                "insert into consent_attempt (state_hash, person_id, session_id, code_verifier, return_to, created_at)"
                " values (%s, %s, %s, 'x', '/fi/my/consents', %s)",
                [name, person.person_id, person.session_id, FIXED_NOW - timedelta(hours=hours)],
            )
    assert (await sweep(settings))["consent_attempt"] == 1
    with psycopg.connect(settings.worker_database_url) as connection:
        assert connection.execute("select state_hash from consent_attempt").fetchall() == [(b"new",)]


async def test_what_somebody_left_unfinished(settings: Settings) -> None:
    """What a signed-in person never finished goes after a year; what they finished, or sent, is theirs."""
    person = sign_in_many(settings, 1)[0].person_id
    old = FIXED_NOW - timedelta(days=366)
    with psycopg.connect(settings.worker_database_url) as connection:
        for name, changed in (("old", old), ("finished", old), ("new", FIXED_NOW - timedelta(days=364))):
            connection.execute(RUN, [person, name, changed])
        connection.execute("update assessment_run set finished_at = %s where assessment_id = 'finished'", [old])
    assert (await sweep(settings))["assessment_run_unfinished"] == 1
    with psycopg.connect(settings.worker_database_url) as connection:
        left = {row[0] for row in connection.execute("select assessment_id from assessment_run")}
    assert left == {"finished", "new"}


async def test_what_waits_for_its_writer(settings: Settings) -> None:
    """Typed text that was set aside goes after a week, ways to Suomi.fi and counted requests after a day."""
    person = sign_in_many(settings, 1)[0]
    with psycopg.connect(settings.worker_database_url) as connection:
        for name, days in ((b"old", 8), (b"new", 0)):
            then = FIXED_NOW - timedelta(days=days)
            connection.execute(
                "insert into set_aside (id, person_id, subject_id, path, values_sealed, created_at)"
                " values (gen_random_uuid(), %s, %s, '/', '', %s)",
                [person.person_id, person.person_id, then],
            )
            connection.execute(
                "insert into representation_attempt (state_hash, person_id, session_id, pending_sealed, return_to,"
                " created_at) values (%s, %s, %s, '', '/', %s)",
                [name, person.person_id, person.session_id, then],
            )
            connection.execute("insert into rate_limit (key, window_start, count) values (%s, %s, 1)", [name, then])
    counts = await sweep(settings)
    assert [counts[kind] for kind in ("set_aside", "representation_attempt", "rate_limit")] == [1, 1, 1]


async def test_drafts_of_forms(settings: Settings) -> None:
    """A draft goes after a week without its owner, after a day where it is a notice of concern, after a year where it
    is somebody's, always with its files; what was sent stays, also a notice."""
    person = sign_in_many(settings, 1)[0].person_id
    day, week, year = (FIXED_NOW - timedelta(days=days, minutes=1) for days in (1, 7, 365))
    later = timedelta(minutes=2)
    rows = (
        ("nobody's", None, "pre-visit", "draft", week),
        ("nobody's, new", None, "pre-visit", "draft", week + later),
        *(
            ("concern", None, "concern-child", "draft", day),
            ("concern, new", None, "concern-child", "draft", day + later),
        ),
        ("own", person, "pre-visit", "draft", year),
        ("own, new", person, "pre-visit", "draft", year + later),
        ("sent", person, "pre-visit", "sent", year),
        ("told", None, "concern-child", "sent", year),
    )
    with psycopg.connect(settings.worker_database_url) as connection:
        for name, who, code, state, at in rows:
            connection.execute(FORM, {"name": name, "who": who, "code": code, "state": state, "at": at})
        connection.execute(FILE)
        connection.execute("insert into attachment_chunk select id, 0, '' from attachment")
    counts = await sweep(settings)
    assert [counts[f"form_draft{kind}"] for kind in ("_anonymous", "_concern", "")] == [1, 1, 1]
    left = {"nobody's, new", "concern, new", "own, new", "sent", "told"}
    with psycopg.connect(settings.worker_database_url) as connection:
        assert {row[0] for row in connection.execute("select page from form_response")} == left
        assert {row[0] for row in connection.execute("select title from attachment")} == left
        assert connection.execute("select count(*) from attachment_chunk").fetchone() == (len(left),)


async def test_a_code_nobody_typed(settings: Settings) -> None:
    """The code goes a day after it ran out; the number that it was sent to stays."""
    person = sign_in_many(settings, 1)[0].person_id
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into contact_point (id, person_id, kind, value, code_hash, code_sealed, code_until, code_tries,"
            " changed_at) values (gen_random_uuid(), %s, 'phone', '+358401234567', 'x', 'x', %s, 2, now())",
            [person, FIXED_NOW - timedelta(hours=25)],
        )
    assert (await sweep(settings))["contact_point"] == 1
    with psycopg.connect(settings.worker_database_url) as connection:
        found = connection.execute("select value, code_hash, code_sealed, code_until, code_tries from contact_point")
        assert found.fetchall() == [("+358401234567", None, None, None, 0)]


def test_rules_name_what_there_is() -> None:
    """Every limit has a table and a column that exist, days, a source and an owner; records of care have none."""
    for rule in retention_rules():
        assert rule.start in Base.metadata.tables[rule.table].c
        assert rule.days > 0
        assert rule.source
        assert rule.owner
    assert {*ONLY, *ERASED} <= {rule.id for rule in retention_rules()}
    kept = {
        "case",
        "case_event",
        "contact_request",
        "need_assessment",
        "appointment",
        "audit_event",
        "person",
        "permit",
        "form_task",
        "application",
        "decision",
    }
    assert not kept & {rule.table for rule in retention_rules()}


async def test_sweeping_again_finds_nothing(settings: Settings) -> None:
    """A second run deletes nothing more."""
    await sweep(settings)
    assert set((await sweep(settings)).values()) == {0}
