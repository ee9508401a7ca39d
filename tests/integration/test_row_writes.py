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
DRAFT = (
    "insert into form_response (id, questionnaire_id, code, titles, register, subject_id, actor_id, state, language,"
    " answers, memo, shown, page, alarmed, started_at, changed_at, revision) values (gen_random_uuid(), {form}, 'x',"
    " '{{}}', 'patient', {a}, {actor}, 'draft', 'fi', '{{}}', '[]', '{{}}', '', false, now(), now(), 1)"
)
FILE = (
    "insert into attachment (id, response_id, title, content_type, size, digest, created_at, scanned_at)"
    " values (gen_random_uuid(), {response}, 'x', 'x', 1, '', now(), now())"
)
PIECE = "insert into attachment_chunk (attachment_id, number, sealed) values ({attachment}, 999, '')"
CONCERN = (
    'insert into "case" (id, reference, register, service_task, unit_code, kind, titles, language, urgency,'
    " urgency_rank, arrived_at, due_at, state, version) values (gen_random_uuid(), 'x', 'social', 'families',"
    " 'social', 'concern', '{{}}', 'fi', 'routine', 1, now(), now(), 'open', 1)"
)
ASK = (
    "insert into form_task (id, code, subject_id, register, case_id, asked_at, state)"
    " values (gen_random_uuid(), 'x', {a}, 'patient', {case}, now(), 'open')"
)
REFUSED = {
    "a professional fills in a form": ("nurse", DRAFT, {"actor": "a"}),
    "a professional changes what was sent": ("nurse", "update form_response set titles = '{{}}'", {}),
    "a professional deletes what was sent": ("nurse", "delete from form_response", {}),
    "a resident deletes what was sent": ("self", "delete from form_response where id = {response}", {}),
    "a resident fills in a form as another": ("self", DRAFT, {"actor": "g"}),
    "a guardian fills in a form as the child": ("guardian_writes", DRAFT, {"actor": "a"}),
    "a guardian changes the child's draft": (
        "guardian_reads",
        "update form_response set page = 'x' where state = 'draft' and actor_id = {a}",
        {},
    ),
    "a resident changes the guardian's draft": ("self", "update form_response set page = 'x' where id = {theirs}", {}),
    "a professional adds a file": ("nurse", FILE, {}),
    "a resident adds a file to what was sent": ("self", FILE, {}),
    "a resident takes a file from what was sent": ("self", "delete from attachment where id = {attachment}", {}),
    "a resident puts another content into a file": ("self", "update attachment_chunk set sealed = ''", {}),
    "a resident adds to the content of a file that was sent": ("self", PIECE, {}),
    "a resident takes the content of a file that was sent": (
        "self",
        "delete from attachment_chunk where attachment_id = {attachment}",
        {},
    ),
    "a professional takes the content of a file": ("nurse", "delete from attachment_chunk", {}),
    "a resident makes a notice of concern outside its opening": ("self", CONCERN, {}),
    "who opened with a reason asks for a form": ("opened", ASK, {}),
    "a professional of another unit asks for a form": ("far_nurse", ASK, {}),
    "a professional deletes what they asked for": ("nurse", "delete from form_task", {}),
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
        "response": str(key_of(scene, "form_response", "o")[0]),
        "theirs": str(key_of(scene, "form_response", "h")[0]),
        "attachment": str(key_of(scene, "attachment", "o")[0]),
        "form": str(scene.filler.ties["questionnaire"]),
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


# Columns of a form that was sent, each with another value: none of them can be told otherwise afterwards.
OTHERWISE = {
    "state": "'draft'",
    "response": """'{"status": "amended"}'""",
    "answers": """'{"values": []}'""",
    "titles": "'{}'",
    "register": "'social'",
    "sent_at": "now()",
    "case_id": "null",
    "id": "gen_random_uuid()",
}


@pytest.mark.parametrize("column", OTHERWISE)
@pytest.mark.parametrize("role", [APP, WORKER])
def test_what_was_sent_stays(server: LocalServer, scene: Scene, role: str, column: str) -> None:
    """A form that was sent is as it was sent, for whoever sent it and for the worker too; a draft changes freely."""
    with psycopg.connect(server.url(role, NAME)) as connection:
        enter(connection, readers(scene)["self"])
        change = f"update form_response set {column} = {OTHERWISE[column]} where id = %s"
        with pytest.raises(errors.RestrictViolation), connection.transaction():
            connection.execute(change.encode(), [key_of(scene, "form_response", "o")[0]])
        draft = key_of(scene, "form_response", "d")[0]
        done = connection.execute(b"update form_response set page = 'x' where id = %s", [draft])
        assert done.rowcount == 1
        connection.rollback()


def test_only_whose_it_is_can_change(server: LocalServer, scene: Scene) -> None:
    """Two rows of one person that are joined take along what was sent."""
    with psycopg.connect(server.url(WORKER, NAME)) as connection:
        statement = b"update form_response set subject_id = %s, actor_id = %s where state = 'sent'"
        assert connection.execute(statement, [scene.people["m"]] * 2).rowcount
        connection.rollback()


def test_forms_are_filled_in(server: LocalServer, scene: Scene) -> None:
    """The control: who it is for fills in, adds files and throws the draft away; staff of the case ask for a form."""
    with psycopg.connect(server.url(APP, NAME)) as connection:
        known = {key: f"'{key_of(scene, key, 'd')[0]}'" for key in ("form_response", "attachment")}
        for reader, statement in (
            ("self", DRAFT),
            ("self", FILE.replace("{response}", known["form_response"])),
            ("self", PIECE.replace("{attachment}", known["attachment"])),
            ("self", f"delete from form_response where id = {known['form_response']}"),
            ("guardian_writes", DRAFT.replace("{actor}", "{g}")),
            ("nurse", ASK),
            ("nurse", "update form_task set state = 'cancelled' where case_id = {case}"),
            ("self", "update form_task set state = 'done' where case_id = {case}"),
        ):
            enter(connection, readers(scene)[reader])
            told = statement.format(**words(scene, reader, {"actor": "a"}))
            assert connection.execute(told.encode()).rowcount, statement
        connection.rollback()
