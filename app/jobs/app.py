"""The job queue of the worker process and what its tasks share."""

from dataclasses import dataclass
from datetime import timedelta

import procrastinate
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from procrastinate.utils import utcnow
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.database import SERVER_OPTIONS, Database
from app.integrations.http import Unavailable
from app.integrations.omaolo.client import OmaoloClient
from app.integrations.suomifi.messages.client import SuomifiMessages
from app.services.identity_vault import IdentityVault
from app.settings import Settings

# An outside system may be away for days; what waits for it must not be lost. About three days in all.
WAITS = [2, 5, 15, 60, 300, 900, 3600] + [3 * 3600] * 23


# OperationalError is also a connection that was cut; a statement that is wrong in itself would be wrong again.
AWAY = (Unavailable, OperationalError, InterfaceError, PoolTimeout)


class UntilBack(BaseRetryStrategy):
    """Try again, ever more slowly, while an outside system or the database is away; anything else is our fault."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, AWAY) or job.attempts >= len(WAITS):
            return None
        return RetryDecision(retry_at=utcnow() + timedelta(seconds=WAITS[job.attempts]))  # 0 at the first failure


@dataclass
class Tools:
    """What tasks work with; the worker fills it in before the first task runs."""

    settings: Settings
    database: Database
    vault: IdentityVault
    messages: SuomifiMessages
    omaolo: OmaoloClient


class Jobs(procrastinate.App):
    """The queue, with the worker's tools."""

    tools: Tools


jobs = Jobs(connector=procrastinate.PsycopgConnector())


def queue_on(database_url: str) -> procrastinate.PsycopgConnector:
    """The connection of a worker: like the web's, but with one that listens for new jobs."""
    return procrastinate.PsycopgConnector(conninfo=database_url, kwargs={"options": SERVER_OPTIONS})
