"""Work for later, deferred in the transaction of the change that asks for it."""

import uuid

import procrastinate
from sqlalchemy.ext.asyncio import AsyncSession

# Only defers, over the caller's own connection; never opened, so it needs no server of its own.
_deferrer = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer(session: AsyncSession, task: str, **ids: uuid.UUID) -> None:
    """Put `task` on the queue; it exists if and only if the transaction commits.

    Arguments are ids only: the queue and its logs hold no personal data. A test checks that every name deferred
    anywhere in the services is a registered task.
    """
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    task_arguments = {name: str(value) for name, value in ids.items()}
    await _deferrer.configure_task(task, connection=connection).defer_async(**task_arguments)
