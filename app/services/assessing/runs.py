"""Runs of self-assessments: whose they are, and what may be done with what they say.

A trial (”I am only trying this”) is for looking only. Whoever wants to act on a run gets it by `find_real_run`, or
asks `refuse_trial` first: nothing of a trial is sent, booked or opened as a case, and it gives nobody priority.
"""

import uuid

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.urgency import Urgency
from app.models import AssessmentRun
from app.services.errors import NotFound, TryingOnly
from app.services.viewer import Viewer


async def find_run(session: AsyncSession, viewer: Viewer | None, run_id: uuid.UUID) -> AssessmentRun:
    """The viewer's own run. Raises NotFound for anybody else's."""
    if viewer is None:
        raise NotFound
    mine = AssessmentRun.session_id == viewer.session_id
    if viewer.subject_id is not None:
        mine = or_(mine, AssessmentRun.subject_id == viewer.subject_id)
    run = await session.scalar(select(AssessmentRun).where(AssessmentRun.id == run_id, mine))
    if run is None:
        raise NotFound
    return run


async def unfinished_run(session: AsyncSession, viewer: Viewer | None, assessment_id: str) -> AssessmentRun | None:
    """The newest run of this assessment, other than a trial, that the viewer left half-way for the same subject; also
    in an earlier session of theirs."""
    if viewer is None:
        return None
    mine = AssessmentRun.session_id == viewer.session_id
    if viewer.person_id is not None:
        own = and_(AssessmentRun.subject_id == viewer.subject_id, AssessmentRun.actor_id == viewer.person_id)
        mine = or_(mine, own)
    query = (
        select(AssessmentRun)
        .where(
            mine,
            AssessmentRun.assessment_id == assessment_id,
            AssessmentRun.finished_at.is_(None),
            AssessmentRun.trying.is_(False),
            AssessmentRun.answers != {},
        )
        .order_by(AssessmentRun.changed_at.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def find_real_run(session: AsyncSession, viewer: Viewer | None, run_id: uuid.UUID) -> AssessmentRun:
    """The viewer's own run, to act on. Raises NotFound for anybody else's, TryingOnly for a trial."""
    run = await find_run(session, viewer, run_id)
    refuse_trial(run)
    return run


def refuse_trial(run: AssessmentRun | None) -> None:
    """Raises TryingOnly where the run is a trial."""
    if run is not None and run.trying:
        raise TryingOnly(run.assessment_id)


def urgency_of(run: AssessmentRun | None) -> Urgency | None:
    """The urgency that a finished run came to; None without one, and for a trial."""
    if run is None or run.trying or run.result is None:
        return None
    return Urgency(run.result["urgency"])


def is_for_another(run: AssessmentRun | None) -> bool:
    """True where the answers are about somebody else than whose run it is: nothing can be booked in their name.

    Whoever acts for another says so in the answers too ("somebody else has the symptoms"): that is the run's subject.
    """
    if run is None or run.result is None or run.actor_id != run.subject_id:
        return False
    return bool(run.result["for_another"])


def version_of(run: AssessmentRun) -> str:
    """Names the result that a run came to: answers that are changed later lead to another one."""
    return run.finished_at.isoformat() if run.finished_at else ""
