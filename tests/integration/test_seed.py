"""The demo county: whole, the same however often it is seeded, and right across both clock changes."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import psycopg
import pytest

from app.content import load
from app.database import Database
from app.domain.clock import HELSINKI, is_public_holiday
from app.services.identity.vault import IdentityVault
from app.services.seed import seed
from app.settings import Settings
from tests.tools.world import FIXED_NOW, World

COUNTED = ("unit", "service", "service_location", "bookable_service", "professional", "availability", "person")


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own, seeded once already."""
    with world.database() as name:
        yield world.settings(name)


async def seed_at(settings: Settings, moment: datetime) -> None:
    database = Database.for_worker(settings, fixed_now=moment)
    async with database.transaction() as session:
        await seed(session, IdentityVault.of(settings))
    await database.close()


def counts(settings: Settings) -> dict[str, int]:
    with psycopg.connect(settings.worker_database_url) as connection:
        return {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in COUNTED}  # type: ignore[index]


def stretches(settings: Settings) -> list[tuple[datetime, datetime]]:
    with psycopg.connect(settings.worker_database_url) as connection:
        return connection.execute("select lower(during), upper(during) from availability order by 1").fetchall()


def test_the_demo_county_is_whole(settings: Settings) -> None:
    """Eight places, twenty-four professionals, fourteen persons, at least forty services, six weeks of times."""
    found = counts(settings)
    assert found["service_location"] == 8
    assert found["professional"] == 24
    assert found["person"] == len(load("test_persons.json")["residents"])
    assert found["service"] >= 40
    times = stretches(settings)
    assert times[-1][0] >= FIXED_NOW + timedelta(days=40)


async def test_seeding_again_changes_nothing(settings: Settings) -> None:
    """The same seed at the same moment adds no row and changes no time."""
    before, times = counts(settings), stretches(settings)
    await seed_at(settings, FIXED_NOW)
    assert counts(settings) == before
    assert stretches(settings) == times


async def test_seeding_later_tops_the_times_up(settings: Settings) -> None:
    """A week later a week more is published, and what was there stays."""
    before = stretches(settings)
    await seed_at(settings, FIXED_NOW + timedelta(days=7))
    after = stretches(settings)
    assert set(before) < set(after)
    assert after[-1][0] >= FIXED_NOW + timedelta(days=47)


async def test_a_new_service_reaches_published_times(settings: Settings) -> None:
    """A service that a professional has begun to give can be booked in the times that were published before."""
    query = "select count(*) from availability where 'doctor-video' = any(services)"
    with psycopg.connect(settings.worker_database_url) as connection:
        before = connection.execute(query).fetchone()
        connection.execute("update availability set services = '{doctor-visit}' where 'doctor-video' = any(services)")
    await seed_at(settings, FIXED_NOW)
    with psycopg.connect(settings.worker_database_url) as connection:
        assert connection.execute(query).fetchone() == before
    assert before
    assert before[0] > 0


def test_holidays_are_off(settings: Settings) -> None:
    """Nobody can be booked on Independence Day, Christmas Eve, Christmas Day or Boxing Day."""
    days = {start.astimezone(HELSINKI).date() for start, _end in stretches(settings)}
    assert days
    assert not [day for day in days if is_public_holiday(day)]


@pytest.mark.parametrize("moment", ["2027-03-22T09:00:00+02:00", "2027-10-25T09:00:00+03:00"])
async def test_clock_changes(settings: Settings, moment: str) -> None:
    """On both sides of a clock change a professional's day begins at the same time on the wall."""
    start = datetime.fromisoformat(moment)
    await seed_at(settings, start)
    walls = {
        (begin.astimezone(HELSINKI).weekday(), begin.astimezone(HELSINKI).time())
        for begin, _end in stretches(settings)
        if begin > start
    }
    ordinary = {
        (begin.astimezone(HELSINKI).weekday(), begin.astimezone(HELSINKI).time())
        for begin, _end in stretches(settings)
        if begin < FIXED_NOW + timedelta(days=14)
    }
    assert walls <= ordinary
    assert (0, time(8)) in walls
