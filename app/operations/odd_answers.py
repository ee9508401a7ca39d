"""Looking into an answer of an outside system that did not validate."""

import uuid

from app.database import Database
from app.models import OutsideFault
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault
from app.settings import Settings


async def read_odd_answer(settings: Settings, fault: str) -> bytes | None:
    """The body that came, None where none is kept under that id; the reading is audited."""
    try:
        wanted = uuid.UUID(fault)
    except ValueError:
        return None
    database = Database.for_worker(settings)
    try:
        async with database.transaction() as session:
            kept = await session.get(OutsideFault, wanted)
            if kept is None or kept.body_sealed is None:
                return None
            clock = await read_clock(session)
            target = ("outside_fault", kept.id)
            await trail.record(session, clock, None, "read_odd_answer", target, purpose="operations")
            return IdentityVault.of(settings).open_bytes(kept.body_sealed)
    finally:
        await database.close()
