"""Writes to outside systems: wanted in the transaction of the change, sent by jobs, settled here.

The row is the truth; a job only wakes it up (`deliver`, id of the delivery). Whatever happens to the job, housekeeping
wakes every delivery whose time has come. See models/delivery.py for the states.
"""

import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from structlog.contextvars import get_contextvars

from app.domain.waits import given_up_after, wait_after
from app.models import Delivery, OutsideSystem
from app.services import outbox
from app.services.clock import read_clock

LEASE = timedelta(seconds=30)  # longer than any delivery takes: its calls have two seconds each
OPEN_STATES = ("waiting", "sending")
# What a person can decide about, on the operators' page.
TROUBLED = ("refused", "unknown", "given_up")


async def want_delivery(
    session: AsyncSession, system: str, kind: str, about_id: uuid.UUID, *, lane: uuid.UUID | None = None
) -> Delivery:
    """Ask for one write. It goes out if and only if the transaction commits; those to one system in one lane (by
    default: about the same thing) in their order."""
    clock = await read_clock(session)
    delivery = Delivery(
        id=uuid.uuid4(),
        system=system,
        kind=kind,
        about_id=about_id,
        lane=lane or about_id,
        created_at=clock.now,
        next_at=clock.now,
        correlation_id=str(get_contextvars().get("request_id", "")),
    )
    session.add(delivery)
    await session.flush()
    await outbox.defer(session, "deliver", delivery_id=delivery.id)
    return delivery


async def take_up(session: AsyncSession, delivery_id: uuid.UUID, lease: timedelta = LEASE) -> Delivery | None:
    """Begin one attempt: the caller alone is at this delivery until its lease runs out.

    None where there is nothing to do now: it is settled, somebody else is at it, its queue is paused, an earlier one
    of its lane has not arrived, or its next attempt is not due. Each of these wakes it later by itself.
    """
    clock = await read_clock(session)
    wanted = select(Delivery).where(Delivery.id == delivery_id).with_for_update(skip_locked=True)
    delivery = await session.scalar(wanted)
    if delivery is None or delivery.state not in OPEN_STATES or delivery.next_at > clock.now:
        return None
    if delivery.lease_until is not None and delivery.lease_until > clock.now:
        return None
    if await _is_held_back(session, delivery):
        return None
    delivery.lease_until = clock.now + lease
    delivery.attempts += 1
    await session.flush()
    return delivery


async def _is_held_back(session: AsyncSession, delivery: Delivery) -> bool:
    paused, before = _paused(), _before()
    return bool(await session.scalar(select(paused | before).where(Delivery.id == delivery.id)))


def _paused() -> ColumnElement[bool]:
    """Somebody holds back what is written to the delivery's system."""
    held = select(OutsideSystem.name).where(OutsideSystem.name == Delivery.system, OutsideSystem.paused_at.is_not(None))
    return held.exists()


def _before() -> ColumnElement[bool]:
    """Another one of the delivery's lane comes first, or is under way."""
    other = aliased(Delivery)
    first = (other.number < Delivery.number) & other.state.in_(OPEN_STATES)
    return (
        select(other.id)
        .where(
            other.system == Delivery.system,
            other.lane == Delivery.lane,
            other.id != Delivery.id,
            first | (other.state == "sending"),
        )
        .exists()
    )


async def settle(session: AsyncSession, delivery: Delivery, state: str, reason: str = "") -> None:
    """The delivery has come to an end; the next one of its lane may go."""
    clock = await read_clock(session)
    delivery.state, delivery.reason = state, reason
    delivery.settled_at, delivery.lease_until = clock.now, None
    await session.flush()
    following = select(Delivery.id).where(
        Delivery.system == delivery.system,
        Delivery.lane == delivery.lane,
        Delivery.number > delivery.number,
        Delivery.state == "waiting",
    )
    await wake(session, following.order_by(Delivery.number).limit(1))


async def reopen(session: AsyncSession, delivery: Delivery) -> None:
    """Send it at once, as if it had never been tried, whatever stopped it."""
    clock = await read_clock(session)
    delivery.state, delivery.attempts, delivery.next_at = "waiting", 0, clock.now
    delivery.settled_at, delivery.lease_until, delivery.settled_by = None, None, None
    await session.flush()
    await wake(session, select(Delivery.id).where(Delivery.id == delivery.id))


async def put_off(session: AsyncSession, delivery: Delivery, reason: str) -> None:
    """The system is away: try again later, or give up after days; then an operator decides."""
    clock = await read_clock(session)
    if given_up_after(delivery.attempts):
        await settle(session, delivery, "given_up", reason)
        return
    delivery.state, delivery.reason, delivery.lease_until = "waiting", reason, None
    delivery.next_at = clock.now + wait_after(delivery.attempts)
    await session.flush()
    await outbox.defer(session, "deliver", after=wait_after(delivery.attempts), delivery_id=delivery.id)


# Where the queue is long, its jobs are late, not lost: they are not doubled every minute.
_NOT_AWAKE = text(
    "not exists (select 1 from jobs.procrastinate_jobs job where job.status = 'todo' and job.task_name = 'deliver'"
    " and job.args ->> 'delivery_id' = delivery.id::text)"
)


async def wake_due(session: AsyncSession, grace: timedelta = timedelta(minutes=2)) -> int:
    """Wake deliveries whose time came `grace` ago and that nobody is at: their job was lost. Returns how many."""
    clock = await read_clock(session)
    late = clock.now - grace
    due = select(Delivery.id).where(
        Delivery.state.in_(OPEN_STATES),
        Delivery.next_at <= late,
        Delivery.lease_until.is_(None) | (Delivery.lease_until <= clock.now),
        ~_paused(),
        ~_before(),
        _NOT_AWAKE,
    )
    return await wake(session, due.order_by(Delivery.number).limit(500))


async def wake(session: AsyncSession, chosen: Select[uuid.UUID]) -> int:
    """Defer a job for each delivery that `chosen` selects; returns how many."""
    ids = (await session.scalars(chosen)).all()
    for delivery_id in ids:
        await outbox.defer(session, "deliver", delivery_id=delivery_id)
    return len(ids)


async def was_tried(session: AsyncSession, about_id: uuid.UUID, kind: str) -> bool:
    """True where a delivery of that kind was tried and never confirmed: it may have arrived all the same."""
    tried = select(Delivery.id).where(
        Delivery.about_id == about_id, Delivery.kind == kind, Delivery.attempts > 0, Delivery.state != "done"
    )
    return await session.scalar(tried.limit(1)) is not None
