"""Who is at work is said anew in every transaction, and nothing of it stays on the connection."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.models import BookableService
from app.models.context import NOBODY, Context, enter
from app.services.booking.free_times import Wish, find_free_times
from app.services.clock import read_clock
from app.services.viewer import Viewer, context_for
from app.settings import Settings
from tests.tools.people import sign_in_many
from tests.tools.world import FIXED_NOW, World

PEOPLE, TRANSACTIONS = 8, 400
AT_ONCE = 12  # three for each connection
NOTICE = "insert into notice (id, person_id, kind) values (gen_random_uuid(), %s, 'x')"


class Trouble(Exception):
    """What goes wrong in the middle of a request."""


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of these tests' own, with few connections."""
    with world.database() as name:
        yield world.settings(name, database_pool=4)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The web's own way to the database."""
    opened = Database.for_web(settings)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def residents(settings: Settings) -> list[Viewer]:
    """Signed-in residents with a notice each."""
    viewers = [Viewer(one.session_id, one.person_id) for one in sign_in_many(settings, PEOPLE)]
    with psycopg.connect(settings.worker_database_url) as connection:
        for viewer in viewers:
            connection.execute(NOTICE, [viewer.person_id])
    return viewers


async def owners(session: AsyncSession) -> set[uuid.UUID]:
    """Whose notices the session sees."""
    return set(await session.scalars(text("select person_id from notice")))


async def work(session: AsyncSession, first: Viewer, second: Viewer, chance: random.Random) -> None:
    """What requests do: savepoints undone, commits half-way, a change of who looks, and trouble at any moment."""
    for viewer in (first, second):
        await enter(session, context_for(viewer))
        for step in chance.choices(["look", "savepoint", "commit", "rollback", "trouble"], k=2):
            if step == "savepoint":
                async with session.begin_nested() as savepoint:
                    assert await owners(session) == {viewer.person_id}
                    await savepoint.rollback()
            elif step == "commit":
                await session.commit()
            elif step == "rollback":
                await session.rollback()
            elif step == "trouble" and chance.random() < 0.3:
                raise Trouble
            assert await owners(session) == {viewer.person_id}


async def test_nobody_sees_another_in_a_crowd(database: Database, residents: list[Viewer]) -> None:
    """Four hundred transactions on four connections, each of two residents in turn, see the rows of whoever looks."""
    few, done = asyncio.Semaphore(AT_ONCE), []

    async def one(number: int) -> None:
        chance = random.Random(number)
        async with few:
            try:
                async with database.transaction() as session:
                    assert await owners(session) == set()
                    first, second = chance.sample(residents, 2)
                    await work(session, first, second, chance)
            except (Trouble, PoolTimeout):  # on a busy computer the pool turns some away
                done.append("trouble")
            else:
                done.append("well")

    async with asyncio.TaskGroup() as crowd:
        for number in range(TRANSACTIONS):
            crowd.create_task(one(number))
    assert len(done) == TRANSACTIONS
    assert done.count("trouble") > 10
    assert done.count("well") > TRANSACTIONS / 4


async def test_the_leak_is_real(settings: Settings, residents: list[Viewer]) -> None:
    """The control: what is said for the whole connection is there for the next one who has it, unless the hook says
    otherwise."""
    database = Database.for_web(settings.model_copy(update={"database_pool": 1}))
    async with AsyncSession(database.engine) as unguarded:
        for key, value in context_for(residents[0]).values().items():
            said = {"key": f"app.{key}", "value": value}
            await unguarded.execute(text("select set_config(:key, :value, false)"), said)
        await unguarded.commit()
    async with AsyncSession(database.engine) as next_one:
        assert await owners(next_one) == {residents[0].person_id}
    async with database.transaction() as guarded:
        assert await owners(guarded) == set()
    await database.close()


async def test_context_is_there_after_a_commit(database: Database, residents: list[Viewer]) -> None:
    """A request that commits half-way goes on as the same reader; the next one on the connection begins as nobody."""
    async with database.transaction() as session:
        await enter(session, context_for(residents[0]))
        for _ in range(2):
            assert await owners(session) == {residents[0].person_id}
            await session.commit()
        await enter(session, NOBODY)
        assert await owners(session) == set()
    async with database.transaction() as session:
        assert await owners(session) == set()


async def test_no_transaction_is_left_out(database: Database) -> None:
    """Autocommit would leave nothing to set the context for: the web's engine never works so."""
    async with database.transaction() as session:
        connection = await session.connection()
        assert await connection.get_isolation_level() == "READ COMMITTED"
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        assert raw.driver_connection.autocommit is False
    assert "isolation_level" not in database.engine.get_execution_options()


async def test_database_follows_the_stopped_clock(database: Database, settings: Settings) -> None:
    """The policies' moment is the one at which tests have stopped the clock, and the transaction's where none is."""
    async with database.transaction() as session:
        assert await session.scalar(text("select app_now()")) == FIXED_NOW
    running = Database.for_web(settings.model_copy(update={"fixed_now": None}))
    async with running.transaction() as session:
        assert await session.scalar(text("select app_now() = transaction_timestamp()"))
    await running.close()


async def test_special_access_ends_at_its_moment(settings: Settings, residents: list[Viewer]) -> None:
    """Who opened a case with a reason sees it until the moment named, and not at it."""
    who, ends = uuid.uuid4(), FIXED_NOW + timedelta(minutes=30)
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into staff_member (id, issuer, subject, name, profession, roles, units, signed_in_at)"
            " values (%s, 'test', 'opener', 'x', 'nurse', '{triage_nurse}', '{mikkeli}', now())",
            [who],
        )
        connection.execute(
            'insert into "case" (id, reference, subject_id, actor_id, register, unit_code, kind, titles, language,'
            " urgency, urgency_rank, arrived_at, due_at, state, version) values (gen_random_uuid(), 'R', %s, %s,"
            " 'patient', 'savonlinna', 'contact', '{}', 'fi', 'today', 1, now(), now(), 'open', 1)",
            [residents[0].person_id] * 2,
        )
        connection.execute(
            "insert into special_access (id, staff_id, unit_code, subject_id, register, reason, words, at, until,"
            " review) values (gen_random_uuid(), %s, 'mikkeli', %s, 'patient', 'x', '', now(), %s, '')",
            [who, residents[0].person_id, ends],
        )
    nurse = context_for(Viewer(uuid.uuid4(), staff_id=who, roles=("triage_nurse",), units=("mikkeli",)))
    for moment, seen in ((ends - timedelta(microseconds=1), 1), (ends, 0)):
        later = Database.for_web(settings.model_copy(update={"fixed_now": moment}))
        async with later.transaction() as session:
            await enter(session, nurse)
            assert await session.scalar(text('select count(*) from "case"')) == seen
        await later.close()


@pytest.mark.parametrize("context", [NOBODY, Context("browser")], ids=["nobody", "browser"])
async def test_free_times_need_no_right(database: Database, context: Context) -> None:
    """Whoever has said nothing about themselves finds free times, and no table that is read for them shows a person."""
    async with database.transaction() as session:
        await enter(session, context)
        service = await session.get_one(BookableService, "dental-check")
        wish = Wish(service)
        assert await find_free_times(session, wish, await read_clock(session))
        for table in ("person", "appointment"):
            assert await session.scalar(text(f"select count(*) from {table}")) == 0
