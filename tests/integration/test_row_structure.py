"""Every personal table is guarded, and the roles that work with rows are small; as PostgreSQL's own catalogues say."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from app.models.boundaries import OPEN, PERSONAL
from app.operations.local_server import APP, OWNER, WORKER, LocalServer
from app.operations.migrating import migrate_to

# Tables of schema public that are nobody's concern here.
NOT_OURS = frozenset({"alembic_version"})
# Open tables that refer to a personal one, and why.
MAY_REFER = {"allocation": "an appointment's id alone; whose it is stands in a row that few may see"}
# Functions that work with their owner's rights, and why.
AS_OWNER = {
    "audit_await_seal": "the web may add to the trail and not touch the queue of its rows; a trigger does",
    "case_directory": "says of one id that there is a case, to whoever may open it with a reason; bound by a policy",
}
TABLES = """
    select c.relname, c.relrowsecurity and c.relforcerowsecurity, array(select r.rolname from pg_policy p
        join pg_roles r on r.oid = any(p.polroles) where p.polrelid = c.oid and p.polpermissive)
    from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"""
REFERENCES = """
    select distinct conrelid::regclass::text, confrelid::regclass::text from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace"""
POWERS = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
OWNED = """
    select classid::regclass, objid from pg_shdepend
    where refobjid = %s::regrole and deptype = 'o' and dbid in (0, (select oid from pg_database
    where datname = current_database()))"""


@pytest.fixture(scope="module")
def migrated(any_server: LocalServer) -> Iterator[str]:
    """A migrated database, on each PostgreSQL there is."""
    name = f"structure_{uuid.uuid4().hex[:8]}"
    any_server.create_database(name)
    migrate_to(any_server.url(OWNER, name))
    yield name
    any_server.drop_database(name)


@pytest.fixture
def owner(any_server: LocalServer, migrated: str) -> Iterator[psycopg.Connection]:
    """The owner's connection; nothing of it is kept."""
    with psycopg.connect(any_server.url(OWNER, migrated)) as connection:
        yield connection
        connection.rollback()


def unguarded(connection: psycopg.Connection) -> set[str]:
    """Tables that are neither guarded as personal nor told to be open, each with what is wrong."""
    faults = set()
    for name, forced, roles in connection.execute(TABLES).fetchall():
        if name in PERSONAL and not forced:
            faults.add(f"{name}: row-level security is not on and forced")
        for role in {APP, WORKER} - set(roles) if name in PERSONAL else ():
            faults.add(f"{name}: no policy for {role}")
        if name not in PERSONAL | set(OPEN) | NOT_OURS:
            faults.add(f"{name}: neither personal nor open")
    return faults | {f"{name}: refers to a person" for name in refer_to_people(connection)}


def refer_to_people(connection: psycopg.Connection) -> set[str]:
    """Tables that lead to a person by their foreign keys, and are not personal."""
    references = [(a.strip('"'), b.strip('"')) for a, b in connection.execute(REFERENCES).fetchall()]
    found: set[str] = set()
    more = set(PERSONAL)
    while more > found:
        found = more
        leading = found - set(MAY_REFER)
        more = found | {source for source, target in references if target in leading}
    return found - PERSONAL - set(MAY_REFER)


def test_every_table_is_placed(owner: psycopg.Connection) -> None:
    """Each table is personal or open, none is both, none of the lists names what isn't there."""
    there = {row[0] for row in owner.execute(TABLES).fetchall()}
    assert there - NOT_OURS == PERSONAL | set(OPEN)
    assert not PERSONAL & set(OPEN)
    assert set(MAY_REFER) <= set(OPEN)


def test_every_personal_table_is_guarded(owner: psycopg.Connection) -> None:
    """Row-level security is on and forced, with a policy for the web's role and one for the worker's."""
    assert not unguarded(owner)


def test_a_forgotten_table_is_found(owner: psycopg.Connection) -> None:
    """The control: a new table about people, one that leads to it, and a guard that is lifted are each named."""
    owner.execute("create table diary (id uuid primary key, person_id uuid references person)")
    owner.execute("create table page (diary_id uuid references diary)")
    owner.execute("alter table notice no force row level security")
    owner.execute("drop policy app on permit")
    assert unguarded(owner) == {
        "diary: neither personal nor open",
        "diary: refers to a person",
        "page: neither personal nor open",
        "page: refers to a person",
        "notice: row-level security is not on and forced",
        f"permit: no policy for {APP}",
    }


@pytest.mark.parametrize("role", [APP, WORKER])
def test_roles_are_small(owner: psycopg.Connection, role: str) -> None:
    """Neither role is above the policies, can make itself so, owns anything, or belongs to a role that does."""
    rows = owner.execute(f"select {POWERS} from pg_roles where rolname = %s", [role]).fetchall()
    assert rows == [(False,) * 5]
    assert not owner.execute(OWNED, [role]).fetchall()
    assert not owner.execute("select roleid from pg_auth_members where member = %s::regrole", [role]).fetchall()


def test_owner_is_bound_too(owner: psycopg.Connection) -> None:
    """The role that migrates is no superuser and bypasses nothing: FORCE binds it to the policies."""
    query = f"select {POWERS} from pg_roles where rolname = current_user"
    assert owner.execute(query).fetchall() == [(False,) * 5]
    assert owner.execute("select count(*) from pg_policies where %s = any(roles)", [OWNER]).fetchone() == (1,)


def test_functions_work_with_the_callers_rights(owner: psycopg.Connection) -> None:
    """No function lends its owner's rights but those named here; they fix their search path, and not everybody may
    call them."""
    query = """select proname, proconfig, has_function_privilege('public', oid, 'execute') from pg_proc
        where pronamespace = 'public'::regnamespace and prosecdef"""
    lending = {name: (path, public) for name, path, public in owner.execute(query).fetchall()}
    assert set(lending) == set(AS_OWNER)
    for path, public in lending.values():
        assert path == ["search_path=public, pg_temp"]
        assert not public


def test_views_hide_nothing(owner: psycopg.Connection) -> None:
    """There is no view: one would show rows by its owner's rights."""
    query = "select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"
    assert not owner.execute(query).fetchall()
