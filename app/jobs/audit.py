"""The audit trail's rows are sealed every minute: until then a row that vanishes would not be missed."""

import structlog

from app.jobs.app import jobs
from app.services.audit.seal import seal_waiting

log = structlog.get_logger(__name__)


@jobs.periodic(cron="*/1 * * * *")
@jobs.task(name="seal_audit", queue="housekeeping", queueing_lock="seal_audit")
async def seal_audit(timestamp: int = 0) -> None:  # noqa: ARG001 - the periodic deferrer passes it
    """Seal what waits. Rows that are gone or whose MAC doesn't fit are told: somebody worked past the application, or
    the keys of web and worker differ."""
    done = await seal_waiting(jobs.tools.database.transaction)
    if done.refused:
        log.error("audit_rows_refused", rows=done.refused)
