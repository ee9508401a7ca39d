"""The audit trail from the command line: verified as a whole, its newest seal to be kept elsewhere."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.domain.audit_verdict import Verdict
from app.services.audit.seal import newest_seal
from app.services.audit.verify import exported, verify
from app.settings import Settings


async def verify_trail(settings: Settings, since: Mapping[str, Any] | None = None) -> Verdict:
    """What a verification of the whole trail finds; `since` is a seal that `export_seal` gave earlier."""
    async with _worker_session(settings) as session:
        return await verify(session, since)


async def export_seal(settings: Settings) -> dict[str, Any] | None:
    """The newest seal as JSON keeps it; None before the first one."""
    async with _worker_session(settings) as session:
        seal = await newest_seal(session)
        return exported(seal) if seal else None


@asynccontextmanager
async def _worker_session(settings: Settings) -> AsyncIterator[AsyncSession]:
    database = Database.for_worker(settings)
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()
