"""Who hears that something waits in an application: the applicant, and by the usual rules whoever acts for them.

Jobs do it: staff see neither notices nor by which right somebody acts.
"""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case, Decision, InformationRequest
from app.services.reaching.case_actor import actor_of
from app.services.reaching.notices import tell_of_case

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
    await tell_of_case(session, case, kind, of=of, actor=await actor_of(session, case))
