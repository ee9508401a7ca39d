"""Work for later, deferred in the transaction of the change that asks for it."""

import uuid
from datetime import timedelta

import procrastinate
from procrastinate.utils import utcnow
from sqlalchemy.ext.asyncio import AsyncSession

# Only defers, over the caller's own connection; never opened, so it needs no server of its own.
_deferrer = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer(session: AsyncSession, task: str, *, after: timedelta | None = None, **ids: uuid.UUID) -> None:
    """Put `task` on the queue, to run at once or `after` a while; it exists if and only if the transaction commits.

    Arguments are ids only: the queue and its logs hold no personal data. A test checks that every name deferred
    anywhere in the services is a registered task.
    """
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    task_arguments = {name: str(value) for name, value in ids.items()}
    schedule_at = utcnow() + after if after else None
    session.info["written"] = True
    await _deferrer.configure_task(task, connection=connection, schedule_at=schedule_at).defer_async(**task_arguments)
