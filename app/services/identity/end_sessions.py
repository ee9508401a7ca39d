"""End what somebody has open here, from outside their browser: sessions, acting for another, held times. For jobs."""

import uuid
from collections.abc import Sequence

from sqlalchemy import CursorResult, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import Allocation, Appointment, AppointmentEvent, BrowserSession, Representation
from app.services.acting.end import end_acting
from app.services.clock import read_clock
from app.services.identity.sessions import IDLE, IDLE_HERE, LONGEST


async def end_sessions_of(session: AsyncSession, person_id: uuid.UUID, clock: Clock, why: str) -> None:
    """All sessions in which the person is signed in."""
    open_ones = (BrowserSession.person_id == person_id, BrowserSession.ended_at.is_(None))
    await session.execute(update(BrowserSession).where(*open_ones).values(ended_at=clock.now, ended_why=why))


async def end_acting_with(session: AsyncSession, person_id: uuid.UUID, clock: Clock, why: str) -> None:
    """All acting of the person for others, and of others for them."""
    either = or_(Representation.actor_id == person_id, Representation.subject_id == person_id)
    await end_acting(session, either, clock, why)


async def end_acting_by(session: AsyncSession, source_id: uuid.UUID) -> None:
    """All acting that rests on a paper mandate or a care role."""
    source = or_(Representation.local_mandate_id == source_id, Representation.care_role_id == source_id)
    await end_acting(session, source, await read_clock(session), "lost")


async def end_acting_run_out(session: AsyncSession, clock: Clock) -> int:
    """All acting whose session has run out: it ended then. Returns how many."""
    own_end = func.least(BrowserSession.seen_at + IDLE, BrowserSession.created_at + LONGEST)
    left_open = update(Representation).where(
        Representation.session_id == BrowserSession.id,
        Representation.ended_at.is_(None),
        or_(BrowserSession.ended_at.is_not(None), own_end <= clock.now),
    )
    why = func.coalesce(func.nullif(BrowserSession.ended_why, ""), IDLE_HERE)
    closed = left_open.values(ended_at=func.coalesce(BrowserSession.ended_at, own_end), ended_why=why)
    result = await session.execute(closed.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


async def release_holds_of(session: AsyncSession, person_id: uuid.UUID, clock: Clock) -> Sequence[uuid.UUID]:
    """The times that are held for the person are free for others; returns whose appointments they were."""
    held = update(Appointment).where(Appointment.subject_id == person_id, Appointment.status == "held")
    released = (await session.scalars(held.values(status="released").returning(Appointment.id))).all()
    taken = update(Allocation).where(Allocation.appointment_id.in_(released), Allocation.state == "held")
    await session.execute(taken.values(state="released", held_until=None))
    for appointment_id in released:
        event = {"at": clock.now, "event": "released", "by_kind": "system", "why": "the person's row has changed"}
        session.add(AppointmentEvent(id=uuid.uuid4(), appointment_id=appointment_id, **event))
    await session.flush()
    return released
