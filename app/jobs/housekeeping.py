"""Housekeeping: jobs whose worker died, and rows past their time (limits in services/retention.py)."""

from app.jobs.app import jobs
from app.services.booking.lost_holds import expire_lost_holds
from app.services.retention import sweep_old

STALLED_AFTER = 120  # seconds without a sign of life from the worker


@jobs.periodic(cron="*/1 * * * *")
@jobs.task(name="retry_stalled", queue="housekeeping")
async def retry_stalled(timestamp: int = 0) -> None:  # noqa: ARG001
    """Put back jobs whose worker was killed: every task may run twice without harm."""
    manager = jobs.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.retry_job(job)
    await manager.prune_stalled_workers(STALLED_AFTER)


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="sweep", queue="housekeeping")
async def sweep(timestamp: int = 0) -> None:  # noqa: ARG001
    """Delete what is past its time: anonymous answers, old sessions, sign-ins, submissions, finished jobs. Close holds
    that were lost."""
    async with jobs.tools.database.transaction() as session:
        await expire_lost_holds(session)
        await sweep_old(session)
    await jobs.job_manager.delete_old_jobs(nb_hours=24 * 14)
