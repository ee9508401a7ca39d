"""The moment of a transaction."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock


async def read_clock(session: AsyncSession) -> Clock:
    """The database's transaction time, read once a session; a fixed moment where tests have set one.

    Every server and every node then agrees on whether a hold has run out.
    """
    known = session.info.get("clock")
    if known is None:
        fixed = session.info.get("fixed_now")
        known = Clock(fixed or (await session.execute(select(func.transaction_timestamp()))).scalar_one())
        session.info["clock"] = known
    clock: Clock = known
    return clock
