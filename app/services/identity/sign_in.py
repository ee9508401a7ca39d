"""Signing in and out: what is remembered between leaving for the identification service and coming back."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.suomifi.identification.port import LoggedOut, PendingSignIn
from app.models import BrowserSession, SignInAttempt, UsedLogoutToken
from app.services.acting.end import end_acting_in
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.identity.sessions import BY_PROVIDER

Audience = Literal["resident", "staff"]
LONGEST_SIGN_IN = timedelta(minutes=15)


class SignInLost(DomainError):
    """The way back from the identification service is unknown, used already, too late, or another browser's."""


class LogoutRepeated(DomainError):
    """This logout token has been acted on already."""


@dataclass(frozen=True)
class Remembered:
    """An attempt that came back: what to check the answer against, and where the person was."""

    pending: PendingSignIn
    return_to: str


async def remember_attempt(
    session: AsyncSession,
    audience: Audience,
    pending: PendingSignIn,
    state_hash: bytes,
    binding_hash: bytes,
    return_to: str,
) -> None:
    """Keep what the way back needs; `binding_hash` ties it to the browser that left."""
    clock = await read_clock(session)
    session.add(
        SignInAttempt(
            state_hash=state_hash,
            audience=audience,
            binding_hash=binding_hash,
            nonce=pending.nonce,
            code_verifier=pending.code_verifier,
            return_to=return_to,
            created_at=clock.now,
            forced_at=pending.forced_at,
        )
    )
    await session.flush()


async def recall_attempt(
    session: AsyncSession, audience: Audience, state: str, state_hash: bytes, binding_hash: bytes, redirect_uri: str
) -> Remembered:
    """The attempt that `state` names, used up by this call. Raises SignInLost."""
    clock = await read_clock(session)
    statement = (
        update(SignInAttempt)
        .where(
            SignInAttempt.state_hash == state_hash,
            SignInAttempt.audience == audience,
            SignInAttempt.used_at.is_(None),
            SignInAttempt.created_at > clock.now - LONGEST_SIGN_IN,
        )
        .values(used_at=clock.now)
        .returning(SignInAttempt)
    )
    attempt = (await session.execute(statement)).scalar_one_or_none()
    if attempt is None or not hmac.compare_digest(attempt.binding_hash, binding_hash):
        raise SignInLost
    pending = PendingSignIn(
        state=state,
        nonce=attempt.nonce,
        code_verifier=attempt.code_verifier,
        redirect_uri=redirect_uri,
        forced_at=attempt.forced_at,
    )
    return Remembered(pending, attempt.return_to)


async def end_sessions(session: AsyncSession, told: LoggedOut) -> int:
    """End what began with the session, or with the sessions of the subject, that has ended at the provider.

    Returns how many sessions ended; none is no error, they may have ended here first. Raises LogoutRepeated.
    """
    clock = await read_clock(session)
    used = insert(UsedLogoutToken).values(issuer=told.issuer, jti=told.jti, used_at=clock.now)
    first = await session.execute(used.on_conflict_do_nothing().returning(UsedLogoutToken.jti))
    session.info["written"] = True
    if first.one_or_none() is None:
        raise LogoutRepeated
    column = BrowserSession.provider_session if told.sid else BrowserSession.provider_subject
    statement = update(BrowserSession).where(
        BrowserSession.issuer == told.issuer, column == (told.sid or told.sub), BrowserSession.ended_at.is_(None)
    )
    ended = statement.values(ended_at=clock.now, ended_why=BY_PROVIDER).returning(BrowserSession.id)
    ids = (await session.scalars(ended.execution_options(synchronize_session=False))).all()
    for session_id in ids:
        await end_acting_in(session, session_id, clock, BY_PROVIDER)
    return len(ids)
