"""Deliveries to outside systems, woken one by one."""

import uuid
from datetime import timedelta

from app import metrics
from app.jobs.app import UntilBack, jobs
from app.models import Delivery
from app.services.deliveries.carry_out import carry_out
from app.services.deliveries.queue import wake_due


@jobs.task(name="deliver", queue="deliveries", retry=UntilBack())
async def deliver(delivery_id: str) -> None:
    """Try to deliver one. Again and again without harm: the delivery itself knows what is due."""
    carrier = jobs.tools.carrier
    wanted = uuid.UUID(delivery_id)
    state = await carry_out(carrier, wanted)
    if state:
        async with carrier.transactions() as session:
            delivery = await session.get_one(Delivery, wanted)
        metrics.DELIVERIES.labels(delivery.system, state).inc()


@jobs.periodic(cron="*/1 * * * *")
@jobs.task(name="wake_deliveries", queue="housekeeping", queueing_lock="wake_deliveries")
async def wake_deliveries(timestamp: int = 0) -> None:  # noqa: ARG001 - the periodic deferrer passes it
    """Wake what is due and has no job any more: nothing depends on a job that may be lost."""
    async with jobs.tools.database.transaction() as session:
        await wake_due(session, timedelta(minutes=2))
