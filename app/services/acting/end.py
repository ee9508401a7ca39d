"""Acting for another ends where its session or its right does: the row says when and why, the audit trail too."""

import uuid
from dataclasses import replace

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import Representation
from app.models.context import context_of, enter
from app.services.audit import trail
from app.services.viewer import Viewer


async def end_acting(
    session: AsyncSession, which: ColumnElement[bool], clock: Clock, why: str, viewer: Viewer | None = None
) -> None:
    """End what runs of the acting that `which` means; `viewer` is the one by whose act, where that is known."""
    running = update(Representation).where(which, Representation.ended_at.is_(None))
    statement = running.values(ended_at=clock.now, ended_why=why).returning(
        Representation.id, Representation.subject_id, Representation.basis
    )
    ended = await session.execute(statement.execution_options(synchronize_session=False))
    for representation_id, subject_id, basis in ended.all():
        right = {"basis": basis, "representation": str(representation_id)}
        target = ("representation", representation_id)
        await trail.record(session, clock, viewer, "stop_acting", target, subject_id=subject_id, mandate=right)


async def end_acting_in(
    session: AsyncSession, session_id: uuid.UUID, clock: Clock, why: str, viewer: Viewer | None = None
) -> None:
    """End the acting in a browser session that has ended. Also for the door, which otherwise sees nobody's."""
    before = context_of(session)
    await enter(session, replace(before, role="door", session=session_id))
    await end_acting(session, Representation.session_id == session_id, clock, why, viewer)
    await enter(session, before)
