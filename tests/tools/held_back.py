"""Requests that meet for sure: one table is locked until so many of them wait, then they are let go together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from app.settings import Settings

WAITING = (
    "select count(*) from pg_stat_activity"
    " where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0"
)


@asynccontextmanager
async def held_back(settings: Settings, lock: str) -> AsyncIterator[psycopg.Connection]:
    """A connection that holds what the statement `lock` locks, until the block ends."""
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(lock.encode())
        yield connection


async def until_waiting(settings: Settings, count: int) -> None:
    """Until `count` requests wait for a lock. Raises AssertionError where they never do."""
    with psycopg.connect(settings.worker_database_url, autocommit=True) as connection:
        for _ in range(500):
            row = connection.execute(WAITING).fetchone()
            if row is not None and row[0] >= count:
                return
            await asyncio.sleep(0.02)
    raise AssertionError(f"{count} never waited together")


async def meeting(settings: Settings, *requests: Awaitable[Any]) -> list[Any]:
    """What the requests come to, of which each waits to open a case until all the others wait too."""
    running = [asyncio.ensure_future(one) for one in requests]
    async with held_back(settings, 'lock table "case" in share row exclusive mode'):
        await until_waiting(settings, len(running))
    return list(await asyncio.gather(*running))
