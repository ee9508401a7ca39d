"""Who acted in a case for its subject, where they are told what happens in it later."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.right import Basis
from app.models import Case, Representation
from app.services.reaching.notices import Actor


async def actor_of(session: AsyncSession, case: Case) -> Actor | None:
    """Who acted for the subject, where they could still read what waits: not once their right is known to have been
    lost, and not where they may write in the register and no more. Nobody asks Suomi.fi behind their back whether the
    right holds still: the notice names no matter, and at the door the right is asked. For jobs, which see all."""
    if case.actor_id is None or case.actor_id == case.subject_id or case.basis is None:
        return None
    theirs = (Representation.actor_id == case.actor_id) & (Representation.subject_id == case.subject_id)
    last = await session.scalar(select(Representation).where(theirs).order_by(Representation.began_at.desc()).limit(1))
    if last is None or last.ended_why == "lost" or case.register not in last.readable:
        return None
    return Actor(case.actor_id, cast("Basis", case.basis))
