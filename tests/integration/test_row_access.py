"""Raw queries as the web's role: what each reader sees of every personal table, and what nobody can write.

The expectations are written down in row_access.csv: a letter stands for a row of one resident (as row_scene.py makes
them). o own, c closed to guardians, p opened to them, g sent by the guardian, s social welfare, b of an anonymous
browser, a any other of the resident's; of people r and m are two others.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.models import Base
from app.models.boundaries import PERSONAL
from app.operations.local_server import APP, OWNER, WORKER, LocalServer
from app.operations.migrating import migrate_to
from tests.tools.fill import Filler
from tests.tools.row_scene import UNIT, Scene, enter, key_of, letters_seen, make_scene, readers

NAME = "row_access"
with (Path(__file__).parent / "row_access.csv").open() as file:
    EXPECTED = {name: row for row in csv.DictReader(file) for name in row["tables"].split()}
READERS = [name for name in EXPECTED["person"] if name != "tables"]
FOREIGN = ("nobody", "empty", "another", "other_browser", "other_task", "operator", "auditor")
# Whatever is done leaves a row of the trail, whose MAC tells who wrote it; and clerks record who may act and who helps.
ADDED_BY_ANYBODY = {"audit_event"}
ADDED_BY_CLERKS = {"local_mandate", "care_role"}


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


@pytest.fixture
def app(server: LocalServer, scene: Scene) -> Iterator[psycopg.Connection]:
    """A connection of the web's role; nothing of it is kept."""
    with psycopg.connect(server.url(APP, NAME)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def web(server: LocalServer) -> Iterator[Engine]:
    """An engine of the web's role, for rows that the filler makes."""
    engine = create_engine(server.url(APP, NAME))
    yield engine
    engine.dispose()


def look_as(connection: psycopg.Connection, scene: Scene, reader: str) -> None:
    """Say who looks; `nobody` says nothing at all."""
    if reader != "nobody":
        enter(connection, readers(scene)[reader])


def test_every_personal_table_is_in_the_picture(scene: Scene) -> None:
    """Each personal table has rows of the resident and a line of expectations; each reader has a column."""
    assert set(EXPECTED) == PERSONAL
    assert not [name for name, rows in scene.letters.items() if not rows]
    assert set(READERS) == {"nobody", *readers(scene)}


@pytest.mark.parametrize("reader", READERS)
def test_reader_sees_what_is_written_down(app: psycopg.Connection, scene: Scene, reader: str) -> None:
    """A reader sees of every personal table the rows that the table of expectations names, and no other."""
    look_as(app, scene, reader)
    seen = {name: letters_seen(app, scene, name) for name in sorted(PERSONAL)}
    assert seen == {name: EXPECTED[name][reader] for name in sorted(PERSONAL)}


def test_owner_lifts_the_guard_to_change_rows(server: LocalServer, scene: Scene) -> None:
    """A data migration that forgets to lift FORCE changes nothing; one that does changes all rows."""
    update, rows = "update notice set kind = kind", len(scene.letters["notice"])
    with psycopg.connect(server.url(OWNER, NAME)) as owner:
        assert owner.execute(update).rowcount == 0
        owner.execute("alter table notice no force row level security")
        assert owner.execute(update).rowcount == rows
        owner.rollback()


def statements(name: str, rows: int) -> Iterator[sql.Composed]:
    """An update that leaves everything as it is, and a delete, of so many rows of a table by their keys."""
    columns = list(Base.metadata.tables[name].columns)
    keys = [sql.SQL("{} = %s").format(sql.Identifier(one.name)) for one in columns if one.primary_key]
    where = sql.SQL(" or ").join([sql.SQL("({})").format(sql.SQL(" and ").join(keys))] * rows)
    field = sql.Identifier(next((one for one in columns if not one.primary_key), columns[0]).name)
    table = sql.Identifier(name)
    yield sql.SQL("update {} set {} = {} where {}").format(table, field, field, where)
    yield sql.SQL("delete from {} where {}").format(table, where)


def changed(connection: psycopg.Connection, statement: sql.Composed, keys: list[object]) -> int:
    """How many rows a statement changes; none where it is refused."""
    try:
        with connection.transaction():
            return connection.execute(statement, keys).rowcount
    except errors.InsufficientPrivilege:
        return 0


@pytest.mark.parametrize("reader", READERS)
def test_what_is_not_seen_is_not_changed(app: psycopg.Connection, scene: Scene, reader: str) -> None:
    """An update or delete by the keys of rows that the reader doesn't see changes nothing."""
    look_as(app, scene, reader)
    tried = 0
    for name in sorted(PERSONAL):
        hidden = [key for key, letter in scene.letters[name].items() if letter not in EXPECTED[name][reader]]
        for statement in statements(name, len(hidden)) if hidden else ():
            tried += 1
            assert changed(app, statement, [part for key in hidden for part in key]) == 0, name
    assert tried


@pytest.mark.parametrize("reader", FOREIGN)
def test_nobody_adds_a_row_for_another(web: Engine, scene: Scene, reader: str) -> None:
    """A row for the resident, or for their case, is refused to whoever has nothing to do with them."""
    added = {name for name in PERSONAL if accepted(web, scene, reader, name)}
    assert added == ADDED_BY_ANYBODY | (ADDED_BY_CLERKS if reader == "other_task" else set())


def accepted(web: Engine, scene: Scene, reader: str, name: str) -> bool:
    """Whether the policies let a reader add a row of the resident to a table. That there is one already is told later
    than that it may not be."""
    ties = scene.filler.ties | {name: key_of(scene, name, "o")[0] for name in ("case", "appointment")}
    table, known = Base.metadata.tables[name], rows_of_the_resident(scene).get(name, {})
    with web.connect() as connection:
        look_as(connection.connection.driver_connection, scene, reader)  # type: ignore[arg-type]
        try:
            # inline: to return a key, the row would have to be visible
            connection.execute(table.insert().values(Filler(connection, ties).values(table, known)).inline())
        except IntegrityError:
            return True
        except DBAPIError as refused:
            if not isinstance(refused.orig, errors.InsufficientPrivilege):
                raise
            return False
    return True


def rows_of_the_resident(scene: Scene) -> dict[str, dict[str, object]]:
    """Columns that tie a new row to the resident where the filler would not."""
    a, g, m = (scene.people[letter] for letter in "agm")
    return {
        "case": {"unit_code": UNIT},
        "representation": {"actor_id": g},
        "local_mandate": {"principal_id": a, "mandatee_id": g},
        "person_merge": {"kept_id": a, "merged_id": m},
    }
