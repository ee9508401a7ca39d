"""The watch over the outside systems: what all processes know of them, and that it never stops knowing."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from app.database import Database
from app.integrations.breaker import BreakerRule
from app.integrations.watch import Call, OddAnswer, Outcome
from app.outside.watch import SystemsWatch
from app.services.identity.vault import IdentityVault
from app.settings import Settings
from tests.tools.deliveries import rows_of


@pytest_asyncio.fixture
async def watch(settings: Settings) -> AsyncIterator[SystemsWatch]:
    """A watch on a database of its own."""
    database = Database.for_worker(settings, pool=2)
    yield SystemsWatch(database, IdentityVault.of(settings), BreakerRule())
    await database.close()


def call(outcome: Outcome, system: str = "records", endpoint: str = "", reason: str = "x") -> Call:
    return Call(system, outcome, 0.1, reason, "abc", "closed", endpoint)


async def test_two_writings_at_once(settings: Settings, watch: SystemsWatch) -> None:
    """An operator's try and the watch's own writing may meet: each call is written once and nothing breaks."""
    for _ in range(5):
        watch.call_ended(call("unavailable"))
        await asyncio.gather(watch.write_down(), watch.write_down(), watch.write_down())
    assert len(rows_of(settings, "select 1 from outside_fault")) == 5
    assert set(watch.failing) == {"records"}


async def test_one_endpoint_does_not_hide_the_other(watch: SystemsWatch) -> None:
    """While one register's system is away, the other's good answers don't make both well."""
    watch.call_ended(call("unavailable", endpoint="patient"))
    watch.call_ended(call("ok", endpoint="social"))
    await watch.write_down()
    assert "records" in watch.failing
    watch.call_ended(call("ok", endpoint="social"))
    await watch.write_down()
    assert "records" in watch.failing
    watch.call_ended(call("ok", endpoint="patient"))
    await watch.write_down()
    assert watch.failing == {}


async def test_a_refusal_decides_nothing(watch: SystemsWatch) -> None:
    """A refusal of one call neither mends a failing system nor makes a working one fail."""
    watch.call_ended(call("rejected"))
    await watch.write_down()
    assert watch.failing == {}
    watch.call_ended(call("unavailable"))
    watch.call_ended(call("rejected"))
    await watch.write_down()
    assert "records" in watch.failing


async def test_what_cannot_be_written_is_left(settings: Settings, watch: SystemsWatch) -> None:
    """Something that the database doesn't take is dropped, and what comes after it is written."""
    watch.call_ended(call("unavailable", reason="\0"))
    watch.odd_answer(OddAnswer("records", "x", 200, "abc", b"x"))
    await watch.write_down()
    watch.call_ended(call("unavailable", system="sms"))
    await watch.write_down()
    assert set(watch.failing) == {"sms"}


async def test_many_failures_at_once(settings: Settings, watch: SystemsWatch) -> None:
    """A system that fails for everybody at once doesn't fill the table."""
    for _ in range(200):
        watch.call_ended(call("unavailable"))
    await watch.write_down()
    assert len(rows_of(settings, "select 1 from outside_fault")) == 20
