"""What the record systems tell of cases."""

from app.jobs.app import jobs
from app.services.cases.changes import fetch_case_changes as fetch


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="fetch_case_changes", queue="deliveries", queueing_lock="fetch_case_changes", lock="fetch_case_changes")
async def fetch_case_changes(timestamp: int = 0) -> None:  # noqa: ARG001 - the periodic deferrer passes it
    """Ask how far cases are. No retry: the next run asks from where this one came to."""
    tools = jobs.tools
    if "records" not in tools.settings.not_in_use:
        await fetch(tools.database.transaction, tools.outside.ports.records)
