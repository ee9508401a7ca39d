"""A resident's own sessions: where they are signed in, and ending it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import BrowserSession
from app.services.audit import trail
from app.services.errors import NotFound
from app.services.identity.sessions import end_session, is_alive
from app.services.viewer import Viewer

ENDED = "by_owner"


@dataclass(frozen=True)
class OwnSession:
    """One browser in which the resident is signed in. `device` is empty where the browser names nothing we know;
    `here`: it is this one."""

    id: uuid.UUID
    device: str
    begun_at: datetime
    seen_at: datetime
    here: bool


async def list_sessions(session: AsyncSession, viewer: Viewer, clock: Clock) -> Sequence[OwnSession]:
    """The viewer's sessions that can still be used: this one first, then by when they were last seen."""
    found = [_line(one, viewer) for one in await _alive(session, viewer, clock)]
    return sorted(found, key=lambda one: (one.here, one.seen_at), reverse=True)


async def end_own_session(session: AsyncSession, viewer: Viewer, session_id: uuid.UUID, clock: Clock) -> None:
    """End one of the viewer's own sessions; one that has ended already is well. Raises NotFound for anybody else's."""
    found = await session.get(BrowserSession, session_id)
    if found is None or found.person_id is None or found.person_id != viewer.person_id:
        raise NotFound
    await _end(session, viewer, found.id, clock)


async def end_other_sessions(session: AsyncSession, viewer: Viewer, clock: Clock) -> None:
    """End all of the viewer's sessions but this one."""
    for one in await _alive(session, viewer, clock):
        if one.id != viewer.session_id:
            await _end(session, viewer, one.id, clock)


async def _end(session: AsyncSession, viewer: Viewer, session_id: uuid.UUID, clock: Clock) -> None:
    await end_session(session, session_id, clock, ENDED)
    target = ("browser_session", session_id)
    await trail.record(session, clock, viewer, "end_session", target, subject_id=viewer.person_id)


async def _alive(session: AsyncSession, viewer: Viewer, clock: Clock) -> Sequence[BrowserSession]:
    if viewer.person_id is None:
        raise NotFound
    mine = (BrowserSession.person_id == viewer.person_id, BrowserSession.ended_at.is_(None))
    return [one for one in await session.scalars(select(BrowserSession).where(*mine)) if is_alive(one, clock.now)]


def _line(one: BrowserSession, viewer: Viewer) -> OwnSession:
    return OwnSession(one.id, one.device, one.created_at, one.seen_at, one.id == viewer.session_id)
