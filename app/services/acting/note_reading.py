"""Reading in somebody else's name leaves a row: the person whose matters they are can see who looked at them.

Reading one's own matters leaves none: the log tells who else has used or received data (docs/audit.md).
"""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.services.audit import trail
from app.services.clock import read_clock
from app.services.viewer import Viewer

PURPOSE = "acting for another"


async def note_reading(
    session: AsyncSession, viewer: Viewer | None, target: tuple[str, uuid.UUID | str], register: str | None
) -> None:
    """One row where `viewer` acts for another and has been shown `target` (kind and id); else none.

    `register`: the one that the page shows data of; None where it is both or neither.
    """
    if viewer is None or viewer.acting is None:
        return
    clock, subject = await read_clock(session), viewer.acting.subject_id
    await trail.record(session, clock, viewer, "read", target, subject_id=subject, register=register, purpose=PURPOSE)
