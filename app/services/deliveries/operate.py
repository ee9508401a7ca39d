"""What an operator may do with deliveries: send again, settle by hand, hold back a system's queue and let it go."""

import uuid

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.ports import SYSTEMS
from app.models import Delivery, OutsideSystem
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.all_kinds import KINDS
from app.services.deliveries.queue import OPEN_STATES, reopen, settle, wake
from app.services.errors import NotFound
from app.services.system_states import pause_system
from app.services.systems_overview import find_delivery
from app.services.viewer import Viewer


async def send_again(session: AsyncSession, viewer: Viewer, delivery_id: uuid.UUID) -> Delivery:
    """Send it at once, whatever stopped it: one that waits needs not wait longer, one in doubt may arrive twice (the
    page says so). One that has arrived, or that somebody is at just now, is left alone."""
    delivery = await find_delivery(session, delivery_id, lock=True)
    if delivery.state in {"done", "dropped", "sending"}:
        return delivery
    await reopen(session, delivery)
    await _audit(session, viewer, "send_again", delivery.id)
    return delivery


async def settle_by_hand(session: AsyncSession, viewer: Viewer, delivery_id: uuid.UUID, why: str) -> Delivery:
    """It has arrived, or is not needed any more, says the operator; `why` is kept. Nothing is sent."""
    delivery = await find_delivery(session, delivery_id, lock=True)
    if delivery.state in {"done", "dropped", "sending"}:
        return delivery
    delivery.settled_by = viewer.staff_id
    await settle(session, delivery, "dropped", why)
    kind = KINDS.get(delivery.kind)
    if kind is not None:
        await kind.dropped(session, delivery)
    await _audit(session, viewer, "settle_by_hand", delivery.id)
    return delivery


async def hold_back(session: AsyncSession, viewer: Viewer, system: str, why: str) -> None:
    """Nothing more is written to `system` until `let_go`. Raises NotFound for a name that is none."""
    if system not in SYSTEMS or viewer.staff_id is None:
        raise NotFound
    await pause_system(session, system, viewer.staff_id, why)
    await _audit_system(session, viewer, "hold_back", system)


async def let_go(session: AsyncSession, viewer: Viewer, system: str) -> None:
    """What was held back goes out now, in its order. Raises NotFound for a name that is none."""
    if system not in SYSTEMS:
        raise NotFound
    clock = await read_clock(session)
    unpaused = {"paused_at": None, "paused_by": None, "pause_reason": ""}
    await session.execute(update(OutsideSystem).where(OutsideSystem.name == system).values(**unpaused))
    mine = (Delivery.system == system, Delivery.state.in_(OPEN_STATES))
    await session.execute(update(Delivery).where(*mine, Delivery.next_at > clock.now).values(next_at=clock.now))
    await wake(session, select(Delivery.id).where(*mine).order_by(Delivery.number))
    await _audit_system(session, viewer, "let_go", system)


async def _audit(session: AsyncSession, viewer: Viewer, action: str, delivery_id: uuid.UUID) -> None:
    clock = await read_clock(session)
    await trail.record(session, clock, viewer, action, ("delivery", delivery_id), purpose="operations")


async def _audit_system(session: AsyncSession, viewer: Viewer, action: str, system: str) -> None:
    clock = await read_clock(session)
    await trail.record(session, clock, viewer, action, ("system", system), purpose="operations")
