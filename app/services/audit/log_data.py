"""Log data: who has read or changed a person's data in this window, for that person to read.

Client data act 703/2023: free, the last two years, with the law's limits. What row-level security withholds (another
register than a guardian may read) is not here either.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI, Clock, start_of_day
from app.domain.text import Text
from app.models import AuditEvent, Person, StaffMember, Unit
from app.services.audit import trail
from app.services.audit.log_words import log_words, profession_words, special_reason_words
from app.services.clock import read_clock
from app.services.viewer import Viewer

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class Doer:
    """Who it was. `kind`: you · staff · system · browser, or the right by which somebody acted (a basis of
    Representation). `where`: a professional's units."""

    kind: str
    name: str = ""
    profession: Text | None = None
    where: tuple[Text, ...] = ()


@dataclass(frozen=True)
class LogRow:
    """One reading or change. `why` and `reason` (a special one) are in words; `register` None: of no register."""

    at: datetime
    doer: Doer
    what: Text
    why: Text
    reason: Text | None
    register: str | None

    @property
    def day(self) -> date:
        """The day in Helsinki."""
        return self.at.astimezone(HELSINKI).date()


@dataclass(frozen=True)
class LogChoice:
    """What of the log to show: one register and one year, or all; pages count from 1, the newest first."""

    register: str = ""
    year: int | None = None
    page: int = 1


async def read_log(session: AsyncSession, viewer: Viewer, choice: LogChoice) -> tuple[list[LogRow], bool]:
    """A page of the log of whose matters `viewer` looks at, and whether there is more. The look is recorded too."""
    clock, subject = await read_clock(session), subject_of(viewer)
    rows = await _rows(session, subject, choice, clock)
    units = await _unit_names(session)
    found = [_row(event, person, staff, viewer, units) for event, person, staff in rows[:ROWS_A_PAGE]]
    await trail.record(session, clock, viewer, "read_log", ("log", subject), subject_id=subject)
    return found, len(rows) > ROWS_A_PAGE


def first_day(clock: Clock) -> date:
    """The day from which the log is shown; never less than the years that are promised."""
    today = clock.today
    return date(today.year - log_words().years, today.month, min(today.day, 28))


def shown(subject: uuid.UUID, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Which rows the person may read: their own, from `since` on, without those that the law lets us withhold. Rows of
    a time when they were registered twice are theirs too."""
    withheld = AuditEvent.purpose.not_in(log_words().withheld)
    own = select(Person.id).where((Person.id == subject) | (Person.merged_into_id == subject))
    return AuditEvent.subject_id.in_(own), AuditEvent.at >= since, withheld


async def _rows(
    session: AsyncSession, subject: uuid.UUID, choice: LogChoice, clock: Clock
) -> Sequence[tuple[AuditEvent, Person | None, StaffMember | None]]:
    query = (
        select(AuditEvent, Person, StaffMember)
        .outerjoin(Person, (Person.id == AuditEvent.actor_id) & (AuditEvent.actor_kind == "resident"))
        .outerjoin(StaffMember, (StaffMember.id == AuditEvent.actor_id) & (AuditEvent.actor_kind == "staff"))
        .where(*shown(subject, start_of_day(first_day(clock))), *_chosen(choice))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(ROWS_A_PAGE + 1)
        .offset((choice.page - 1) * ROWS_A_PAGE)
    )
    return [(event, person, staff) for event, person, staff in (await session.execute(query)).all()]


def _chosen(choice: LogChoice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if choice.register:
        wanted.append(AuditEvent.register == choice.register)
    if choice.year:
        wanted.append(AuditEvent.at >= start_of_day(date(choice.year, 1, 1)))
        wanted.append(AuditEvent.at < start_of_day(date(choice.year + 1, 1, 1)))
    return wanted


def _row(
    event: AuditEvent, person: Person | None, staff: StaffMember | None, viewer: Viewer, units: Mapping[str, Text]
) -> LogRow:
    words = log_words()
    return LogRow(
        at=event.at,
        doer=_staff(staff, units) if staff else _doer(event, person, viewer),
        what=words.action(event.action, event.target_kind),
        why=words.purpose(event.purpose),
        reason=special_reason_words().get(event.reason) if event.reason else None,
        register=event.register,
    )


def _staff(staff: StaffMember, units: Mapping[str, Text]) -> Doer:
    where = tuple(units[code] for code in staff.units if code in units)
    return Doer("staff", staff.name, profession_words().get(staff.profession), where)


def _doer(event: AuditEvent, person: Person | None, viewer: Viewer) -> Doer:
    if event.actor_kind != "resident":
        return Doer({"browser": "browser", "staff": "staff"}.get(event.actor_kind, "system"))
    if event.actor_id in {viewer.person_id, event.subject_id}:
        return Doer("you")
    name = person.name if person else ""
    return Doer(str((event.mandate or {}).get("basis", "another")), name)


async def _unit_names(session: AsyncSession) -> dict[str, Text]:
    rows = await session.execute(select(Unit.code, Unit.names))
    return {row.code: row.names for row in rows}


def subject_of(viewer: Viewer) -> uuid.UUID:
    """Whose matters are looked at; pages of residents have one."""
    if viewer.subject_id is None:
        raise ValueError("a viewer without matters of their own")
    return viewer.subject_id
