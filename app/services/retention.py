"""What is deleted when: rows that serve nobody any more. Records of care are not among them."""

from datetime import timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import (
    AssessmentRun,
    BrowserSession,
    ConsentAttempt,
    Delivery,
    OutsideFault,
    SignInAttempt,
    Submission,
    UsedLogoutToken,
    VideoRoom,
)
from app.services import audit
from app.services.clock import read_clock

ANONYMOUS_ANSWERS = timedelta(days=7)
SIGN_INS = timedelta(days=1)
SUBMISSIONS = timedelta(days=7)
SESSIONS = timedelta(days=30)
FAULTS = timedelta(days=14)
DELIVERED = timedelta(days=90)
ROOMS = timedelta(days=7)


async def sweep_old(session: AsyncSession) -> dict[str, int]:
    """Delete what is past its limit; returns how many rows of each kind, and audits the run."""
    clock = await read_clock(session)
    used = select(AssessmentRun.session_id).where(AssessmentRun.session_id.is_not(None))
    statements = {
        "assessment_run": delete(AssessmentRun).where(
            AssessmentRun.subject_id.is_(None),
            AssessmentRun.case_id.is_(None),
            AssessmentRun.changed_at < clock.now - ANONYMOUS_ANSWERS,
        ),
        "sign_in_attempt": delete(SignInAttempt).where(SignInAttempt.created_at < clock.now - SIGN_INS),
        "consent_attempt": delete(ConsentAttempt).where(ConsentAttempt.created_at < clock.now - SIGN_INS),
        "used_logout_token": delete(UsedLogoutToken).where(UsedLogoutToken.used_at < clock.now - SIGN_INS),
        "outside_fault": delete(OutsideFault).where(OutsideFault.at < clock.now - FAULTS),
        "delivery": delete(Delivery).where(
            Delivery.state.in_(("done", "dropped")), Delivery.settled_at < clock.now - DELIVERED
        ),
        "video_room": delete(VideoRoom).where(VideoRoom.valid_until < clock.now - ROOMS),
        "submission": delete(Submission).where(Submission.created_at < clock.now - SUBMISSIONS),
        "browser_session": delete(BrowserSession).where(
            BrowserSession.seen_at < clock.now - SESSIONS, BrowserSession.id.not_in(used)
        ),
    }
    counts = {}
    for kind, statement in statements.items():
        result = await session.execute(statement)
        counts[kind] = result.rowcount if isinstance(result, CursorResult) else 0
    await audit.record_run(session, clock, "sweep", counts)
    return counts
