"""Carry out one delivery: take it up, send it, write down what came of it. Three steps, so that no call to the outside
lies inside a transaction that writes, and a worker that dies between any two of them loses nothing.
"""

import uuid
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from app.integrations.http import Rejected, Unavailable
from app.integrations.kanta.phr.port import AccessExpired
from app.models import Delivery
from app.services.deliveries.all_kinds import KINDS, kind_named
from app.services.deliveries.kind import Carrier, DeliveryKind, NotSendable, NotWanted, Receipt
from app.services.deliveries.queue import OPEN_STATES, put_off, settle, take_up
from app.services.identity.vault import IdentityVault

log = structlog.get_logger(__name__)

# Answers that speak of our account or address at the receiver: nothing is wrong with what we send, so it waits.
# A refusal with a meaning of its own (a subclass) is about what was sent, whatever its status.
ACCOUNT_REFUSED = {401, 403, 404, 405}
UNTYPED = (Rejected, AccessExpired)
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


async def carry_out(carrier: Carrier, delivery_id: uuid.UUID) -> str:
    """Try to deliver; returns the state after it, an empty text where there was nothing to do.

    A fault of ours (anything that neither receiver nor database explains) is raised, after it has been written down:
    the delivery waits like any other, and operators see why.
    """
    try:
        return await _attempt(carrier, delivery_id)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        await _note_fault(carrier, delivery_id, type(error).__name__)
        raise


async def _note_fault(carrier: Carrier, delivery_id: uuid.UUID, name: str) -> None:
    async with carrier.transactions() as session:
        delivery = await session.get_one(Delivery, delivery_id, with_for_update=True)
        kind = KINDS.get(delivery.kind)
        if delivery.state == "sending" and kind is not None and kind.once == "at_most_once":
            await settle(session, delivery, "unknown", f"a fault of ours: {name}")
        elif delivery.state in OPEN_STATES:
            delivery.attempts = max(1, delivery.attempts + (delivery.state == "waiting"))
            await put_off(session, delivery, f"a fault of ours: {name}")


async def _attempt(carrier: Carrier, delivery_id: uuid.UUID) -> str:
    async with carrier.transactions() as session:
        delivery = await take_up(session, delivery_id, carrier.lease)
        if delivery is None:
            return ""
        kind = kind_named(delivery.kind)
        prepared = await _prepare(session, delivery, kind, carrier)
        attempt = delivery.attempts
    if prepared is None:
        return delivery.state
    with bound_contextvars(request_id=delivery.correlation_id or str(delivery.id)):
        outcome = await _send(carrier, kind, prepared)
    async with carrier.transactions() as session:
        found = await session.get_one(Delivery, delivery_id, with_for_update=True)
        if found.attempts == attempt:  # else our lease ran out, and whoever took over writes down what comes of it
            await _write_down(session, found, kind, outcome, carrier.vault)
        return found.state


async def _prepare(session: AsyncSession, delivery: Delivery, kind: DeliveryKind, carrier: Carrier) -> Any | None:
    if kind.system in carrier.not_in_use:
        delivery.attempts -= 1  # nothing was tried
        await settle(session, delivery, "dropped", "this county has no such system")
        await kind.dropped(session, delivery)
        return None
    if kind.once == "at_most_once" and delivery.state == "sending":
        # An earlier attempt began and nobody wrote down its end: it may have gone out.
        await settle(session, delivery, "unknown", "the attempt was interrupted")
        return None
    reason = "nothing to send any more"
    try:
        prepared = await kind.prepare(session, delivery, carrier.vault)
    except NotWanted as unwanted:
        prepared, reason = None, unwanted.reason
    if prepared is None:
        delivery.attempts -= 1  # nothing was tried
        await settle(session, delivery, "dropped", reason)
        return None
    delivery.state = "sending"
    await session.flush()
    return prepared


async def _send(carrier: Carrier, kind: DeliveryKind, prepared: Any) -> Receipt | Rejected | NotSendable | Unavailable:
    try:
        return await kind.send(carrier, prepared)
    except (Rejected, NotSendable, Unavailable) as error:
        return error


async def _write_down(
    session: AsyncSession,
    delivery: Delivery,
    kind: DeliveryKind,
    outcome: Receipt | Rejected | NotSendable | Unavailable,
    vault: IdentityVault,
) -> None:
    """Whoever was faster has settled it already: a repeat of ours then changes nothing."""
    if delivery.state not in OPEN_STATES:
        return
    match outcome:
        case Receipt():
            delivery.receiver_id, delivery.receiver_version = outcome.id, outcome.version
            await kind.arrived(session, delivery, outcome, vault)
            await settle(session, delivery, "done")
        case Unavailable():
            if kind.once == "at_most_once" and outcome.asked:
                await settle(session, delivery, "unknown", outcome.reason)
            else:
                await put_off(session, delivery, outcome.reason)
        case Rejected() if type(outcome) in UNTYPED and outcome.status in ACCOUNT_REFUSED:
            await put_off(session, delivery, outcome.reason)
        case Rejected() | NotSendable():
            log.warning("delivery_refused", delivery=str(delivery.id), kind=delivery.kind, reason=outcome.reason)
            await settle(session, delivery, await kind.failed(session, delivery, outcome), outcome.reason)
