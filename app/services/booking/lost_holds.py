"""Holds that ran out and went to somebody else: whoever took the time could not see whose it had been."""

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.services.clock import read_clock

EXPIRE = text("""
with gone as (
  update appointment set status = 'expired'
  where status = 'held' and held_until <= :now and not exists (
    select 1 from allocation a where a.appointment_id = appointment.id and a.state in ('held', 'booked'))
  returning id
)
insert into appointment_event (id, appointment_id, at, event, by_kind, why)
select gen_random_uuid(), id, :now, 'expired', 'system', 'another took the time after the hold ran out' from gone
""")


async def expire_lost_holds(session: AsyncSession) -> int:
    """Close the appointments whose held time is lost; returns how many."""
    result = await session.execute(EXPIRE, {"now": (await read_clock(session)).now})
    return result.rowcount if isinstance(result, CursorResult) else 0
