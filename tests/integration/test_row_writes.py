"""A right to read is no right to change: what nobody writes though they see the row, or could name it."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import create_engine

from app.operations.local_server import APP, OWNER, WORKER, LocalServer
from app.operations.migrating import migrate_to
from tests.tools.row_scene import Scene, enter, key_of, make_scene, readers

NAME = "row_writes"
# {a} {g} {r}: the resident, the guardian, another; {case} {appointment} {audit} …: the resident's row of that table.
MANDATE = (
    "insert into local_mandate (id, principal_id, mandatee_id, registers, during, competence, document, recorded_by,"
    " recorded_at, checked_by, checked_at, revoke_reason) values (gen_random_uuid(), {principal}, {mandatee},"
    " '{{patient}}', '[2027-02-01,2027-03-01)', 'x', 'x', {staff}, now(), {other_staff}, now(), '')"
)
HELPER = (
    "insert into care_role (id, subject_id, helper_id, helper_name, phone, role, during, recorded_by, recorded_at)"
    " values (gen_random_uuid(), {a}, {helper}, 'x', '', 'foster_carer', '[2027-02-01,2027-03-01)', {staff}, now())"
)
SESSION = (
    "insert into browser_session (id, token_hash, person_id, seen_at)"
    " values (gen_random_uuid(), convert_to('token of another browser', 'utf8'), {a}, now())"
)
NEED = (
    "insert into need_assessment (id, case_id, at, staff_id, profession, urgency, result)"
    " values (gen_random_uuid(), {case}, now(), {staff}, 'nurse', 'today', 'x')"
)
FOUND = "insert into found_person (staff_id, person_id, until) values ({me}, {r}, 'infinity')"
EVENT = (
    "insert into case_event (id, case_id, at, event, by_kind, detail)"
    " values (gen_random_uuid(), {case}, now(), 'answered', 'staff', '{{}}')"
)
REFUSED = {
    "a resident makes a mandate for themselves": ("another", MANDATE, {"principal": "a", "mandatee": "r"}),
    "a guardian makes a mandate for themselves": ("guardian_reads", MANDATE, {"principal": "a", "mandatee": "g"}),
    "a mandatee makes their mandate longer": ("guardian_reads", "update local_mandate set during = '[,)'", {}),
    "a resident becomes somebody's helper": ("another", HELPER, {"helper": "r"}),
    "a helper helps longer": ("guardian_reads", "update care_role set during = '[,)'", {}),
    "a browser begins a session of a person": ("other_browser", SESSION, {}),
    "a resident writes a professional's assessment": ("self", NEED, {}),
    "a guardian writes a professional's assessment": ("guardian_reads", NEED, {}),
    "a resident rewrites a professional's assessment": ("self", "update need_assessment set result = 'x'", {}),
    "who opened with a reason assesses": ("opened", NEED, {}),
    "who opened with a reason answers": ("opened", EVENT, {}),
    "who opened with a reason books": ("opened", "update appointment set note = 'x'", {}),
    "who opened with a reason has more time": ("opened", "update special_access set until = 'infinity'", {}),
    "who opened with a reason reviews it": ("opened", "update special_access set reviewed_at = now()", {}),
    "who opened with a reason leaves no trace": ("opened", "delete from special_access", {}),
    "a professional sees whom they never found": ("found", FOUND, {}),
    "a guardian changes the child's row": ("guardian_reads", "update person set family_name = 'x' where id = {a}", {}),
    "a resident changes the guardian's row": ("self", "update person set family_name = 'x' where id = {g}", {}),
    "a professional changes a person's row": ("nurse", "update person set family_name = 'x'", {}),
    "a professional consents for a patient": ("nurse", "update permit set ended_at = now()", {}),
    "a professional deletes a message": ("nurse", "delete from contact_request where case_id = {case}", {}),
    "a resident deletes a professional's words": ("self", "delete from case_event", {}),
    "a clerk deletes a mandate": ("nurse", "delete from local_mandate", {}),
}


@pytest.fixture(scope="module")
def scene(server: LocalServer) -> Iterator[Scene]:
    """A migrated database with rows of one resident in every personal table."""
    server.create_database(NAME)
    migrate_to(server.url(OWNER, NAME))
    engine = create_engine(server.url(WORKER, NAME))
    with engine.connect() as connection:
        yield make_scene(connection)
    engine.dispose()
    server.drop_database(NAME)


def words(scene: Scene, reader: str, more: dict[str, str]) -> dict[str, str]:
    """What stands for the names in a statement, quoted."""
    people = {letter: str(person) for letter, person in scene.people.items()}
    known = {
        **people,
        **{name: people[letter] for name, letter in more.items()},
        "case": str(key_of(scene, "case", "o")[0]),
        "staff": str(scene.staff["reviewer"]),
        "other_staff": str(scene.staff["found"]),
        "me": str(readers(scene)[reader].actor),
    }
    return {name: f"'{value}'" for name, value in known.items()}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(server: LocalServer, scene: Scene, what: str) -> None:
    """A right is written by those who may give it, a record by whoever keeps it, and what has happened stays."""
    reader, statement, more = REFUSED[what]
    with psycopg.connect(server.url(APP, NAME)) as connection:
        enter(connection, readers(scene)[reader])
        try:
            done = connection.execute(statement.format(**words(scene, reader, more))).rowcount
        except errors.InsufficientPrivilege:
            done = 0
        connection.rollback()
    assert done == 0


def test_professional_still_works(server: LocalServer, scene: Scene) -> None:
    """The control: whoever handles the case assesses and answers, and a supervisor reviews another's opening."""
    with psycopg.connect(server.url(APP, NAME)) as connection:
        for reader, statement in (
            ("nurse", NEED),
            ("nurse", EVENT),
            ("supervisor", "update special_access set reviewed_at = now()"),
        ):
            enter(connection, readers(scene)[reader])
            assert connection.execute(statement.format(**words(scene, reader, {}))).rowcount
        connection.rollback()
