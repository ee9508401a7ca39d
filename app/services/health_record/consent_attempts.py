"""Giving consent at Kanta: what is remembered between leaving for its page and coming back."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.kanta.phr.port import PendingConsent
from app.models import ConsentAttempt
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.viewer import Viewer

LONGEST_CONSENT = timedelta(minutes=15)


class ConsentLost(DomainError):
    """The way back from Kanta is unknown, used already, too late, or another browser's or person's."""


@dataclass(frozen=True)
class RecalledConsent:
    """An attempt that came back: what to check the answer against, and where the person was."""

    pending: PendingConsent
    return_to: str


async def begin_consent(
    session: AsyncSession, viewer: Viewer, pending: PendingConsent, state_hash: bytes, return_to: str
) -> None:
    """Keep what the way back from Kanta needs; it belongs to this person in this browser session."""
    clock = await read_clock(session)
    session.add(
        ConsentAttempt(
            state_hash=state_hash,
            person_id=person_of(viewer),
            session_id=viewer.session_id,
            code_verifier=pending.code_verifier,
            return_to=return_to,
            created_at=clock.now,
        )
    )
    await session.flush()


async def recall_consent_attempt(
    session: AsyncSession, viewer: Viewer | None, state: str, state_hash: bytes, redirect_uri: str
) -> RecalledConsent:
    """The viewer's attempt that `state` names, used up by this call. Raises ConsentLost."""
    if viewer is None or viewer.person_id is None:
        raise ConsentLost
    clock = await read_clock(session)
    statement = (
        update(ConsentAttempt)
        .where(
            ConsentAttempt.state_hash == state_hash,
            ConsentAttempt.person_id == viewer.person_id,
            ConsentAttempt.session_id == viewer.session_id,
            ConsentAttempt.used_at.is_(None),
            ConsentAttempt.created_at > clock.now - LONGEST_CONSENT,
        )
        .values(used_at=clock.now)
        .returning(ConsentAttempt)
    )
    attempt = (await session.execute(statement)).scalar_one_or_none()
    if attempt is None:
        raise ConsentLost
    return RecalledConsent(PendingConsent(state, attempt.code_verifier, redirect_uri), attempt.return_to)


def person_of(viewer: Viewer) -> uuid.UUID:
    """The resident who looks. Raises NotFound where that is nobody."""
    if viewer.person_id is None:
        raise NotFound
    return viewer.person_id
