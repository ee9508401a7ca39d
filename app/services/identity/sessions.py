"""Browser sessions: anonymous and signed in, from their beginning to their end.

A session's row is never given to somebody else: signing in, stepping up and changing whom one acts for begin a new one
with a new cookie, and the earlier one ends. Limits by OWASP ASVS 5.0, 7.3: 15 minutes idle, 12 hours in all.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.representation import Basis
from app.models import BrowserSession, FormResponse, Person, Representation, StaffMember
from app.models.context import Context, context_of, enter
from app.services.acting.end import end_acting_in
from app.services.errors import DomainError
from app.services.viewer import Acting, Viewer, context_for

__all__ = ["Acting", "AtProvider", "Viewer", "end_session", "find_viewer", "renew_session", "start_session"]

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
ANONYMOUS = timedelta(days=7)
# Seeing a session again is written down at most this often: a page read should rarely cost a write.
SEEN_STEP = timedelta(minutes=1)
BY_PROVIDER, IDLE_HERE = "provider", "idle"
# What a session that takes the place of an earlier one has from it.
RENEWED = (
    *("person_id", "staff_id", "sign_in_id", "created_at", "acr", "assurance", "device"),
    *("issuer", "provider_session", "provider_subject", "id_token_sealed"),
)

# Nothing was done for long · the longest time was up · the identification service ended it
EndedWhy = Literal["idle", "longest", "provider"]


# Made once: every page of somebody with a session asks these.
_SESSION = (
    select(BrowserSession, StaffMember, Representation)
    .outerjoin(StaffMember, StaffMember.id == BrowserSession.staff_id)
    .outerjoin(Representation, Representation.session_id == BrowserSession.id)
    .where(BrowserSession.token_hash == bindparam("token"))
    .order_by(Representation.ended_at.desc().nulls_first())
    .limit(1)
)
_PEOPLE = select(Person).where(or_(Person.id == bindparam("person"), Person.id == bindparam("subject")))


class SessionGone(DomainError):
    """The session has ended meanwhile, perhaps in another tab: nothing goes on from it."""


@dataclass(frozen=True)
class AtProvider:
    """The session at an identification service that one of ours begins with: `sid` is its name, `subject` whose."""

    issuer: str
    sid: str | None
    subject: str
    id_token_sealed: bytes
    acr: str | None = None
    assurance: str = ""


async def find_viewer(session: AsyncSession, token_hash: bytes, clock: Clock) -> Viewer | None:
    """The viewer whose cookie hashes to `token_hash`; None where there is none or the session has ended.

    From here on the transaction sees what the viewer may see. A session in which somebody acts for another never
    becomes one of own matters: where the acting has ended, its viewer has a right to nothing.
    """
    await enter(session, Context("browser", token=token_hash))
    row = (await session.execute(_SESSION, {"token": token_hash})).one_or_none()
    if row is None or not is_alive(row[0], clock.now):
        return None
    found, staff, representation = row
    if clock.now - found.seen_at >= SEEN_STEP:
        # To the minute: what is sent now says to the microsecond when it arrived, and must not lead to who sent it.
        found.seen_at = clock.now.replace(second=0, microsecond=0)
        await session.flush()
    viewer = _staff_viewer(found, staff) if staff else _viewer(found, representation)
    await enter(session, context_for(viewer, token_hash))
    return await _named(session, viewer)


def _staff_viewer(found: BrowserSession, staff: StaffMember) -> Viewer:
    claims = (tuple(staff.roles), tuple(staff.units), tuple(staff.tasks))
    return Viewer(found.id, None, staff.id, staff.name, *claims, idle_until=runs_out(found), ends_at=last_end(found))


def _viewer(found: BrowserSession, representation: Representation | None) -> Viewer:
    """A resident, or an anonymous browser; names are read when the context allows it."""
    if found.person_id is None:
        return Viewer(found.id)
    return Viewer(
        found.id,
        found.person_id,
        acting=_acting(representation) if representation else None,
        assurance=found.assurance,
        idle_until=runs_out(found),
        ends_at=last_end(found),
    )


def _acting(representation: Representation) -> Acting:
    basis: Basis = representation.basis  # type: ignore[assignment]
    holds = representation.ended_at is None
    return Acting(
        representation.id,
        representation.subject_id,
        "",
        basis,
        frozenset(representation.registers if holds else ()),
        frozenset(representation.readable if holds else ()),
        representation.asked_at,
    )


async def _named(session: AsyncSession, viewer: Viewer) -> Viewer:
    """A resident with their name, and that of whom they act for."""
    if viewer.person_id is None:
        return viewer
    found = await session.scalars(_PEOPLE, {"person": viewer.person_id, "subject": viewer.subject_id})
    names = {person.id: person.called for person in found}
    acting = replace(viewer.acting, subject_name=names[viewer.acting.subject_id]) if viewer.acting else None
    return replace(viewer, name=names[viewer.person_id], acting=acting)


def is_alive(found: BrowserSession, now: datetime) -> bool:
    """Whether the session can still be used at `now`."""
    if found.ended_at is not None:
        return False
    if found.person_id is None and found.staff_id is None:
        return now - found.created_at < ANONYMOUS
    return now < runs_out(found)


def runs_out(found: BrowserSession) -> datetime:
    """When a signed-in session ends by itself if nothing more is done in it."""
    return min(found.seen_at + IDLE, last_end(found))


def last_end(found: BrowserSession) -> datetime:
    """When a signed-in session ends whatever is done in it."""
    return found.created_at + LONGEST


@dataclass(frozen=True)
class EndedSession:
    """A resident's session that has run out, or was ended by the identification service, while a page was open.

    `subject_id`: whose matters it was about. What is typed into its forms may still be kept for that person.
    """

    session_id: uuid.UUID
    person_id: uuid.UUID
    subject_id: uuid.UUID
    why: EndedWhy


async def find_ended(session: AsyncSession, token_hash: bytes, clock: Clock) -> EndedSession | None:
    """The ended session of the cookie; None where it is alive, was signed out or renewed, or was nobody's.

    Who has signed out has done so on purpose; a session that was ended from another device may be in strange hands.
    """
    query = (
        select(BrowserSession, Representation.subject_id)
        .outerjoin(Representation, Representation.session_id == BrowserSession.id)
        .where(BrowserSession.token_hash == token_hash, BrowserSession.person_id.is_not(None))
        .order_by(Representation.began_at.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or is_alive(row[0], clock.now) or row[0].ended_why not in {"", BY_PROVIDER, IDLE_HERE}:
        return None
    found: BrowserSession = row[0]
    assert found.person_id is not None  # noqa: S101 - asked for
    return EndedSession(found.id, found.person_id, row[1] or found.person_id, _why(found))


def _why(found: BrowserSession) -> EndedWhy:
    if found.ended_why == BY_PROVIDER:
        return "provider"
    return "idle" if runs_out(found) < last_end(found) else "longest"


async def start_session(
    session: AsyncSession,
    token_hash: bytes,
    clock: Clock,
    *,
    person: Person | None = None,
    staff: StaffMember | None = None,
    at_provider: AtProvider | None = None,
    device: str = "",
) -> BrowserSession:
    """A new session for the cookie that hashes to `token_hash`; anonymous where neither person nor staff is given."""
    await _may_write(session, token_hash)
    started = BrowserSession(
        id=uuid.uuid4(),
        token_hash=token_hash,
        person_id=person.id if person else None,
        staff_id=staff.id if staff else None,
        sign_in_id=uuid.uuid4() if person or staff else None,
        device=device,
        created_at=clock.now,
        seen_at=clock.now,
    )
    if at_provider is not None:
        started.issuer, started.acr, started.assurance = at_provider.issuer, at_provider.acr, at_provider.assurance
        started.provider_session, started.provider_subject = at_provider.sid, at_provider.subject
        started.id_token_sealed = at_provider.id_token_sealed
    session.add(started)
    await session.flush()
    return started


async def renew_session(
    session: AsyncSession, session_id: uuid.UUID, token_hash: bytes, clock: Clock
) -> BrowserSession:
    """A new session in place of `session_id`, with a new cookie: forms of the earlier one are no good in it.

    It goes on as the same sign-in: the longest time counts from there. Raises SessionGone where it has ended, as it
    has for the second of two that begin at once.
    """
    query = select(BrowserSession).where(BrowserSession.id == session_id).with_for_update()
    earlier = await session.scalar(query.execution_options(populate_existing=True))
    if earlier is None or earlier.ended_at is not None:
        raise SessionGone
    await _may_write(session, token_hash)
    values = {name: getattr(earlier, name) for name in RENEWED}
    renewed = BrowserSession(id=uuid.uuid4(), token_hash=token_hash, seen_at=clock.now, **values)
    session.add(renewed)
    earlier.ended_at, earlier.ended_why = clock.now, "renewed"
    await session.flush()
    return renewed


async def _may_write(session: AsyncSession, token_hash: bytes) -> None:
    """Whoever makes a session holds its token; that is what the policy on sessions asks for."""
    await enter(session, replace(context_of(session), token=token_hash))


async def end_session(
    session: AsyncSession, session_id: uuid.UUID, clock: Clock, why: str = "signed_out"
) -> BrowserSession | None:
    """End a session, and whatever else has come from the same sign-in: also the one that has taken its place meanwhile,
    and the acting for another.

    Returns it (for signing out at the identification service too), or None if there is none.
    """
    found = await session.get(BrowserSession, session_id)
    if found is None:
        return None
    same = BrowserSession.sign_in_id == found.sign_in_id if found.sign_in_id else BrowserSession.id == found.id
    running = update(BrowserSession).where(same, BrowserSession.ended_at.is_(None))
    statement = running.values(ended_at=clock.now, ended_why=why).returning(BrowserSession.id)
    ended = await session.scalars(statement.execution_options(synchronize_session=False))
    session.info["written"] = True
    for ended_id in ended.all() if found.person_id else ():
        await _drop_notices(session, ended_id)
        await end_acting_in(session, ended_id, clock, why, Viewer(ended_id, found.person_id))
    return found


async def _drop_notices(session: AsyncSession, session_id: uuid.UUID) -> None:
    """What is nobody's in a session of somebody signed in is an unfinished notice of concern: nobody can go on with it.
    One whose session runs out by itself goes by its retention, within a day."""
    before = context_of(session)
    await enter(session, replace(before, session=session_id))
    mine = (FormResponse.session_id == session_id, FormResponse.subject_id.is_(None), FormResponse.state == "draft")
    await session.execute(delete(FormResponse).where(*mine).execution_options(synchronize_session=False))
    await enter(session, before)
