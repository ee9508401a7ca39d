"""The worker process: the queue, its tools, and a clean end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import procrastinate
from procrastinate.utils import utcnow

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
            await _run(queue, wait=not until_empty)
            # A worker that does not wait is gone before the last job has put the one that follows it into the queue.
            while until_empty and await _is_waiting(queue):
                await _run(queue, wait=False)


async def _run(queue: procrastinate.App, *, wait: bool) -> None:
    await queue.run_worker_async(concurrency=4, wait=wait, listen_notify=wait, shutdown_graceful_timeout=10)


async def _is_waiting(queue: procrastinate.App) -> bool:
    """Whether a job could be done now."""
    waiting = await queue.job_manager.list_jobs_async(status="todo")
    return any(job.scheduled_at is None or job.scheduled_at <= utcnow() for job in waiting)
