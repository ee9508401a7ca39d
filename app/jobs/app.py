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
from app.domain.waits import given_up_after, wait_after
from app.integrations.http import Unavailable
from app.outside import Outside
from app.services.deliveries.kind import Carrier
from app.services.identity.vault import IdentityVault
from app.settings import Settings

# OperationalError is also a connection that was cut; a statement that is wrong in itself would be wrong again.
AWAY = (Unavailable, OperationalError, InterfaceError, PoolTimeout)


class UntilBack(BaseRetryStrategy):
    """Try again, ever more slowly, while an outside system or the database is away; anything else is our fault."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, AWAY) or given_up_after(job.attempts + 1):
            return None
        return RetryDecision(retry_at=utcnow() + wait_after(job.attempts + 1))  # 0 at the first failure


@dataclass
class Tools:
    """What tasks work with; the worker fills it in before the first task runs."""

    settings: Settings
    database: Database
    vault: IdentityVault
    outside: Outside

    @property
    def carrier(self) -> Carrier:
        """What deliveries are carried out with."""
        lease = timedelta(seconds=self.settings.delivery_lease_seconds)
        ports, not_in_use = self.outside.ports, self.settings.not_in_use
        return Carrier(self.database.transaction, ports, self.vault, lease, not_in_use)


class Jobs(procrastinate.App):
    """The queue, with the worker's tools."""

    tools: Tools


jobs = Jobs(connector=procrastinate.PsycopgConnector())


def queue_on(database_url: str) -> procrastinate.PsycopgConnector:
    """The connection of a worker: like the web's, but with one that listens for new jobs."""
    return procrastinate.PsycopgConnector(conninfo=database_url, kwargs={"options": SERVER_OPTIONS})
