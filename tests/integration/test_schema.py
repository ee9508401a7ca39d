"""The schema on every PostgreSQL there is: migrations up and down, what the app role may, what rows refuse."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from psycopg import errors

from app.operations.local_server import APP, OWNER, LocalServer
from app.operations.migrating import alembic_config, applied_revision, migrate_to, newest_revision

DAY = "2026-12-01"


@pytest.fixture
def empty(any_server: LocalServer) -> Iterator[str]:
    """A database without a schema."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    any_server.create_database(name)
    yield name
    any_server.drop_database(name)


@pytest.fixture
def migrated(any_server: LocalServer, empty: str) -> str:
    """A migrated database without rows."""
    migrate_to(any_server.url(OWNER, empty))
    return empty


def test_up_down_up(any_server: LocalServer, empty: str) -> None:
    """Every migration can be taken back and made again, and nothing of ours is left behind in between."""
    url = any_server.url(OWNER, empty)
    migrate_to(url)
    assert applied_revision(url) == newest_revision()
    migrate_to(url, "base")
    with psycopg.connect(url) as connection:
        query = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        left = {row[0] for row in connection.execute(query)}
    assert left <= {"alembic_version"}
    migrate_to(url)
    assert applied_revision(url) == newest_revision()


def test_models_and_migrations_agree(any_server: LocalServer, migrated: str) -> None:
    """`alembic check` finds no difference between the models and the migrated schema."""
    command.check(alembic_config(any_server.url(OWNER, migrated)))


def test_app_role_is_small(any_server: LocalServer, migrated: str) -> None:
    """The app role owns nothing, creates nothing, and bypasses nothing."""
    with psycopg.connect(any_server.url(APP, migrated)) as connection:
        query = "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
        assert connection.execute(query).fetchone() == (False, False, False, False)
        query = "select count(*) from pg_tables where tableowner = current_user"
        assert connection.execute(query).fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("create table public.mine (id int)")


@pytest.mark.parametrize("change", ["update audit_event set action = 'x'", "delete from audit_event"])
def test_audit_only_grows(any_server: LocalServer, migrated: str, change: str) -> None:
    """Neither the app role nor the owner can change or remove an audit event."""
    row = (
        "insert into audit_event (at, actor_kind, purpose, action, target_kind, target_id, request_id, mac_key, mac)"
        " values (now(), 'system', 'p', 'a', 'k', 'i', 'r', '', '')"
    )
    with psycopg.connect(any_server.url(APP, migrated), autocommit=True) as app:
        app.execute(row)
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(change)
    with (
        psycopg.connect(any_server.url(OWNER, migrated)) as owner,
        pytest.raises(errors.RaiseException, match="only ever added"),
    ):
        owner.execute(change)


def _resource(connection: psycopg.Connection) -> uuid.UUID:
    made = uuid.uuid4()
    connection.execute("insert into resource (id, kind) values (%s, 'professional')", [made])
    return made


def _allocate(connection: psycopg.Connection, resource: uuid.UUID, start: str, end: str, state: str) -> None:
    connection.execute(
        "insert into allocation (id, resource_id, during, state) values (%s, %s, tstzrange(%s, %s), %s)",
        [uuid.uuid4(), resource, f"{DAY} {start}+02", f"{DAY} {end}+02", state],
    )


@pytest.mark.parametrize("state", ["held", "booked", "blocked"])
def test_overlap_is_refused(any_server: LocalServer, migrated: str, state: str) -> None:
    """A held, booked or blocked range shuts out every overlapping one of the same professional."""
    with psycopg.connect(any_server.url(APP, migrated)) as connection:
        resource = _resource(connection)
        _allocate(connection, resource, "9:00", "9:30", state)
        with pytest.raises(errors.ExclusionViolation, match="ex_allocation_resource_overlap"):
            _allocate(connection, resource, "9:15", "9:45", "held")


def test_neighbours_and_released_times_are_free(any_server: LocalServer, migrated: str) -> None:
    """The next time begins where one ends, a released range shuts nobody out, and professionals don't share one."""
    with psycopg.connect(any_server.url(APP, migrated)) as connection:
        resource, other = _resource(connection), _resource(connection)
        _allocate(connection, resource, "9:00", "9:30", "released")
        _allocate(connection, resource, "9:00", "9:30", "booked")
        _allocate(connection, resource, "9:30", "10:00", "booked")
        _allocate(connection, other, "9:00", "9:30", "booked")
