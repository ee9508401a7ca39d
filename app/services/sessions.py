"""Who is looking: browser sessions, anonymous and signed in."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import AssessmentRun, BrowserSession, Person, StaffMember

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
ANONYMOUS = timedelta(days=7)
# Seeing a session again is written down at most this often: a page read should rarely cost a write.
SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Viewer:
    """The one who looks at a page: an anonymous browser session, a resident, or a member of staff."""

    session_id: uuid.UUID
    person_id: uuid.UUID | None = None
    staff_id: uuid.UUID | None = None
    name: str = ""
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None or self.staff_id is not None


@dataclass(frozen=True)
class AtProvider:
    """The session at an identification service that one of ours begins with: `sid` is its name, `subject` whose."""

    issuer: str
    sid: str | None
    subject: str
    id_token_sealed: bytes
    acr: str | None = None


async def find_viewer(session: AsyncSession, token_hash: bytes, clock: Clock) -> Viewer | None:
    """The viewer whose cookie hashes to `token_hash`; None where there is none or the session has ended."""
    query = (
        select(BrowserSession, Person, StaffMember)
        .outerjoin(Person, Person.id == BrowserSession.person_id)
        .outerjoin(StaffMember, StaffMember.id == BrowserSession.staff_id)
        .where(BrowserSession.token_hash == token_hash)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    found, person, staff = row
    if not _alive(found, clock.now):
        return None
    if clock.now - found.seen_at >= SEEN_STEP:
        found.seen_at = clock.now
        await session.flush()
    if staff is not None:
        return Viewer(found.id, None, staff.id, staff.name, tuple(staff.roles), tuple(staff.units))
    return Viewer(found.id, found.person_id, None, person.name if person else "")


def _alive(found: BrowserSession, now: datetime) -> bool:
    if found.ended_at is not None:
        return False
    if found.person_id is None and found.staff_id is None:
        return now - found.created_at < ANONYMOUS
    return now - found.seen_at < IDLE and now - found.created_at < LONGEST


async def start_session(
    session: AsyncSession,
    token_hash: bytes,
    clock: Clock,
    *,
    person: Person | None = None,
    staff: StaffMember | None = None,
    at_provider: AtProvider | None = None,
) -> BrowserSession:
    """A new session for the cookie that hashes to `token_hash`; anonymous where neither person nor staff is given."""
    started = BrowserSession(
        token_hash=token_hash,
        person_id=person.id if person else None,
        staff_id=staff.id if staff else None,
        created_at=clock.now,
        seen_at=clock.now,
    )
    if at_provider is not None:
        started.issuer, started.acr = at_provider.issuer, at_provider.acr
        started.provider_session, started.provider_subject = at_provider.sid, at_provider.subject
        started.id_token_sealed = at_provider.id_token_sealed
    session.add(started)
    await session.flush()
    return started


async def take_over_anonymous_work(
    session: AsyncSession, earlier: Viewer, new_session: BrowserSession, clock: Clock
) -> None:
    """Give what `earlier` began without signing in to the person who has now signed in in the same browser.

    What a signed-in session began stays its person's, and trials stay nobody's. Either way the earlier session ends.
    """
    if not earlier.signed_in:
        await session.execute(
            update(AssessmentRun)
            .where(AssessmentRun.session_id == earlier.session_id, AssessmentRun.trying.is_(False))
            .values(session_id=new_session.id, person_id=new_session.person_id)
        )
    await end_session(session, earlier.session_id, clock)


async def end_session(session: AsyncSession, session_id: uuid.UUID, clock: Clock) -> BrowserSession | None:
    """End a session; returns it (for signing out at the identification service too), or None if there is none."""
    found = await session.get(BrowserSession, session_id)
    if found is not None and found.ended_at is None:
        found.ended_at = clock.now
        await session.flush()
    return found
