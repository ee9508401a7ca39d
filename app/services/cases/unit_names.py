"""The names of units, for pages."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Text
from app.models import Unit


async def unit_names(session: AsyncSession) -> Mapping[str, Text]:
    """The name of each unit by its code."""
    return {unit.code: unit.names for unit in await session.scalars(select(Unit))}
