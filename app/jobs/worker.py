"""The worker process: the queue, its tools, and a clean end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import Database
from app.jobs import jobs
from app.jobs.app import Tools, queue_on
from app.logs import configure_logs
from app.outside import opened_outside
from app.services.identity.vault import IdentityVault
from app.settings import Settings


async def run_worker(settings: Settings, *, until_empty: bool = False) -> None:
    """Work until stopped (SIGTERM lets the running job finish), or until the queue is empty."""
    settings.check_safe()
    configure_logs(settings)
    async with opened_tools(settings) as tools:
        jobs.tools = tools
        await _work(settings, until_empty=until_empty)


@asynccontextmanager
async def opened_tools(settings: Settings) -> AsyncIterator[Tools]:
    """What tasks work with, for as long as the block lasts."""
    database = Database.for_worker(settings, pool=4)
    vault = IdentityVault.of(settings)
    try:
        async with opened_outside(settings, database, vault) as outside:
            yield Tools(settings, database, vault, outside)
    finally:
        await database.close()


async def _work(settings: Settings, *, until_empty: bool) -> None:
    with jobs.replace_connector(queue_on(settings.worker_database_url)) as queue:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=4, wait=not until_empty, listen_notify=not until_empty, shutdown_graceful_timeout=10
            )
