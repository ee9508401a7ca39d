"""Who hears that something waits in an application: the applicant, and by the usual rules whoever acts for them.

Jobs do it: staff see neither notices nor by which right somebody acts.
"""

import uuid
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.right import Basis
from app.models import Case, Decision, InformationRequest, Representation
from app.services.reaching.notices import Actor, tell_of_case

ASKED, DECIDED = "application_more_asked", "application_decided"


async def tell_more_asked(session: AsyncSession, request_id: uuid.UUID) -> None:
    """Notices that an answer is waited for; told once, however often it is called."""
    request = await session.get_one(InformationRequest, request_id)
    await _tell(session, request.case_id, ASKED, request_id)


async def tell_application_decided(session: AsyncSession, decision_id: uuid.UUID) -> None:
    """Notices that a decision is there; told once, however often it is called."""
    decision = await session.get_one(Decision, decision_id)
    await _tell(session, decision.case_id, DECIDED, decision_id)


async def _tell(session: AsyncSession, case_id: uuid.UUID, kind: str, of: uuid.UUID) -> None:
    case = await session.get_one(Case, case_id)
    await tell_of_case(session, case, kind, of=of, actor=await _actor(session, case))


async def _actor(session: AsyncSession, case: Case) -> Actor | None:
    """Who applied for the subject, where they could still read what waits: not once their right is known to have been
    lost, and not where they may write in the register and no more. Nobody asks Suomi.fi behind their back whether the
    right holds still: the notice names no matter, and at the door the right is asked."""
    if case.actor_id is None or case.actor_id == case.subject_id or case.basis is None:
        return None
    theirs = (Representation.actor_id == case.actor_id) & (Representation.subject_id == case.subject_id)
    last = await session.scalar(select(Representation).where(theirs).order_by(Representation.began_at.desc()).limit(1))
    if last is None or last.ended_why == "lost" or case.register not in last.readable:
        return None
    return Actor(case.actor_id, cast("Basis", case.basis))
