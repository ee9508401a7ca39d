"""The trail as an auditor reads it: about a person, of a member of staff, in a range of days. Auditors are watched too:
each look leaves its own row."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import start_of_day
from app.domain.identity_code import IdentityCode
from app.models import AuditEvent, FormerIdentity, Person, StaffMember
from app.models.context import also_find
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

PURPOSE = "audit"
TRAIL_PAGE = 50


@dataclass(frozen=True)
class Search:
    """What of the trail is looked for; empty fields narrow nothing.

    `person_id` also finds what was recorded of the same person before two rows were joined. `since` and `until` are
    days in Helsinki, both included. `before`: only rows with a smaller id (the next page).
    """

    person_id: uuid.UUID | None = None
    staff: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None

    def __bool__(self) -> bool:
        return bool(self.person_id or self.staff or self.since or self.until)

    def __str__(self) -> str:
        """What was looked for, for the row about the look; the person is its subject."""
        told = {"staff": self.staff, "since": self.since, "until": self.until, "before": self.before}
        return ", ".join(f"{name}: {value}" for name, value in told.items() if value)


@dataclass(frozen=True)
class TrailLine:
    """A row with names in place of ids, where they are known."""

    event: AuditEvent
    actor: str
    subject: str


@dataclass(frozen=True)
class Trail:
    """One page of what was found, the newest first. `older`: where the next page begins; `person`: who was asked
    for."""

    lines: Sequence[TrailLine]
    older: int | None
    person: Person | None


async def find_in_trail(
    session: AsyncSession, viewer: Viewer, vault: IdentityVault, code: IdentityCode
) -> Person | None:
    """The person of an identity code, also of an earlier one; None where nobody here has it. The asking is audited."""
    lookup = vault.lookup(code.value)
    await also_find(session, lookup)
    former = select(FormerIdentity.person_id).where(FormerIdentity.lookup == lookup)
    query = select(Person).where(or_(Person.identity_lookup == lookup, Person.id.in_(former)))
    person = await session.scalar(query.order_by(Person.merged_into_id.is_not(None)).limit(1))
    subject = person.id if person else None
    target = ("person", "found" if person else "not found")
    await trail.record(
        session, await read_clock(session), viewer, "look_up", target, subject_id=subject, purpose=PURPOSE
    )
    return person


async def read_trail(session: AsyncSession, viewer: Viewer, search: Search) -> Trail:
    """The rows that `search` finds; the look itself is audited after it."""
    query = select(AuditEvent).where(*_narrowed(search)).order_by(AuditEvent.id.desc()).limit(TRAIL_PAGE + 1)
    found = (await session.scalars(query)).all()
    events, more = found[:TRAIL_PAGE], len(found) > TRAIL_PAGE
    people, staff = await _people(session, events, search.person_id), await _staff(session, events)
    target = ("audit_trail", str(search))
    clock = await read_clock(session)
    await trail.record(session, clock, viewer, "read", target, subject_id=search.person_id, purpose=PURPOSE)
    lines = [TrailLine(event, *_names(event, people, staff)) for event in events]
    return Trail(lines, events[-1].id if more else None, people.get(search.person_id) if search.person_id else None)


def _narrowed(search: Search) -> Iterable[ColumnElement[bool]]:
    if search.person_id:
        merged = select(Person.id).where(Person.merged_into_id == search.person_id)
        yield or_(AuditEvent.subject_id == search.person_id, AuditEvent.subject_id.in_(merged))
    if search.staff:
        named = select(StaffMember.id).where(StaffMember.name.icontains(search.staff, autoescape=True))
        yield AuditEvent.actor_kind == "staff"
        yield AuditEvent.actor_id.in_(named)
    if search.since:
        yield AuditEvent.at >= start_of_day(search.since)
    if search.until:
        yield AuditEvent.at < start_of_day(search.until + timedelta(days=1))
    if search.before:
        yield AuditEvent.id < search.before


async def _people(
    session: AsyncSession, events: Sequence[AuditEvent], also: uuid.UUID | None
) -> Mapping[uuid.UUID | None, Person]:
    wanted = {event.subject_id for event in events} | {also}
    wanted |= {event.actor_id for event in events if event.actor_kind == "resident"}
    found = await session.scalars(select(Person).where(Person.id.in_(wanted - {None})))
    return {person.id: person for person in found}


async def _staff(session: AsyncSession, events: Sequence[AuditEvent]) -> Mapping[uuid.UUID | None, StaffMember]:
    wanted = {event.actor_id for event in events if event.actor_kind == "staff"}
    found = await session.scalars(select(StaffMember).where(StaffMember.id.in_(wanted - {None})))
    return {member.id: member for member in found}


def _names(
    event: AuditEvent, people: Mapping[uuid.UUID | None, Person], staff: Mapping[uuid.UUID | None, StaffMember]
) -> tuple[str, str]:
    """Who did it and about whom; an id where the row of that id is gone, empty where nobody is known."""
    actor = (staff if event.actor_kind == "staff" else people).get(event.actor_id)
    subject = people.get(event.subject_id)
    return (
        actor.name if actor else str(event.actor_id or ""),
        subject.name if subject else str(event.subject_id or ""),
    )
