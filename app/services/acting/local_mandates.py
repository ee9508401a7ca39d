"""Paper mandates at the desk: recorded by one clerk, valid once another has checked them, revoked by either."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, case, or_, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.clock import Clock, full_years
from app.domain.local_mandates import Fault, LocalMandateDraft, faults_of
from app.models import LocalMandate, Person, StaffMember
from app.services import outbox
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.county_rules import local_mandate_rules
from app.services.errors import DomainError, NotFound
from app.services.viewer import Viewer

PURPOSE = "a paper mandate"
LIST_LENGTH = 200
State = Literal["waiting", "valid", "coming", "over", "revoked"]
# Why a mandate can't hold that the paper itself doesn't tell.
Refusal = Fault | Literal["deceased", "overlap", "settled"]


class MandateRefused(DomainError):
    """The mandate can't be recorded or checked; `reasons` say why, in the order of the form."""

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class MandateLine:
    """A mandate with the people in it, as pages show it. `checker` is None until a second clerk has checked it."""

    mandate: LocalMandate
    principal: Person
    mandatee: Person
    recorder: StaffMember
    checker: StaffMember | None
    state: State

    @property
    def valid_from(self) -> date:
        return first_day(self.mandate.during)

    @property
    def valid_to(self) -> date:
        return last_day(self.mandate.during)


def first_day(during: Range[date]) -> date:
    """The first day of a validity."""
    return during.lower or date.min


def last_day(during: Range[date]) -> date:
    """The last day of a validity, itself included."""
    return date.fromordinal(during.upper.toordinal() - 1) if during.upper else date.max


def age_of(person: Person, today: date) -> int | None:
    """Full years; None where the birth date is not known."""
    return full_years(person.birth_date, today) if person.birth_date else None


async def record_mandate(session: AsyncSession, viewer: Viewer, draft: LocalMandateDraft) -> LocalMandate:
    """Keep a mandate that the viewer has taken; it waits for another clerk's check.

    Raises MandateRefused: for the faults of the paper, where either person is dead, and where the same two have a
    mandate at the same time already. Two clerks who record at once: the exclusion constraint lets one through.
    """
    reasons = await refusals_of(session, draft)
    if reasons:
        raise MandateRefused(reasons)
    clock = await read_clock(session)
    values = _values(draft) | {"id": uuid.uuid4(), "recorded_at": clock.now, "revoke_reason": ""}
    statement = insert(LocalMandate).values(values).on_conflict_do_nothing().returning(LocalMandate)
    mandate = (await session.execute(statement)).scalar_one_or_none()
    if mandate is None:
        raise MandateRefused(["overlap"])
    await _audit(session, clock, viewer, "record_local_mandate", mandate)
    return mandate


async def refusals_of(session: AsyncSession, draft: LocalMandateDraft) -> list[Refusal]:
    """Why the mandate can't be recorded, in the order of the form; empty: it can, unless it overlaps another."""
    clock = await read_clock(session)
    reasons: list[Refusal] = [fault for fault in _faults(draft, clock) if fault != "not_checked"]
    people = await session.scalars(select(Person).where(Person.id.in_((draft.principal, draft.mandatee))))
    return [*reasons, "deceased"] if any(person.deceased_on for person in people) else reasons


def _faults(draft: LocalMandateDraft, clock: Clock) -> list[Fault]:
    return faults_of(draft, local_mandate_rules(), clock.today)


def _values(draft: LocalMandateDraft) -> dict[str, Any]:
    return {
        "principal_id": draft.principal,
        "mandatee_id": draft.mandatee,
        "registers": sorted(draft.registers),
        "during": Range(draft.valid_from, draft.valid_to, bounds="[]"),
        "competence": draft.competence,
        "document_type": draft.document_type,
        "document": draft.document_place,
        "signed_on": draft.signed_on,
        "recorded_by": draft.recorded_by,
    }


async def check_mandate(session: AsyncSession, viewer: Viewer, mandate_id: uuid.UUID) -> MandateLine:
    """The second clerk's check: from here on the mandate holds. Twice is once.

    Raises NotFound, and MandateRefused: for the same clerk, and for what has changed since it was recorded.
    """
    clock = await read_clock(session)
    line = await open_mandate(session, viewer, mandate_id, lock=True)
    mandate = line.mandate
    if mandate.checked_by == viewer.staff_id and mandate.revoked_at is None:
        return line
    if mandate.checked_by is not None or mandate.revoked_at is not None:
        raise MandateRefused(["settled"])
    reasons: list[Refusal] = [*_faults(_draft_of(line, viewer, clock), clock)]
    if line.principal.deceased_on or line.mandatee.deceased_on:
        reasons.append("deceased")
    if reasons:
        raise MandateRefused(reasons)
    mandate.checked_by, mandate.checked_at = viewer.staff_id, clock.now
    await session.flush()
    await _audit(session, clock, viewer, "check_local_mandate", mandate)
    return line


def _draft_of(line: MandateLine, viewer: Viewer, clock: Clock) -> LocalMandateDraft:
    """What was recorded, as the rules read it. All statements were given then, or it would not have been kept."""
    mandate = line.mandate
    return LocalMandateDraft(
        principal=mandate.principal_id,
        mandatee=mandate.mandatee_id,
        principal_age=age_of(line.principal, clock.today),
        mandatee_age=age_of(line.mandatee, clock.today),
        registers=frozenset(mandate.registers),
        competence=mandate.competence,
        statements=frozenset(row.code for row in local_mandate_rules().statements),
        document_type=mandate.document_type,
        document_place=mandate.document,
        signed_on=mandate.signed_on or line.valid_from,
        valid_from=line.valid_from,
        valid_to=line.valid_to,
        recorded_by=mandate.recorded_by,
        checked_by=viewer.staff_id,
    )


async def revoke_mandate(session: AsyncSession, viewer: Viewer, mandate_id: uuid.UUID, reason: str) -> MandateLine:
    """The mandate holds no more, or never will: the second clerk refuses it, or the principal takes it back.

    Whoever is acting by it just now is stopped by a job. Raises NotFound. Twice is once.
    """
    clock = await read_clock(session)
    line = await open_mandate(session, viewer, mandate_id, lock=True)
    mandate = line.mandate
    if mandate.revoked_at is not None:
        return line
    mandate.revoked_by, mandate.revoked_at, mandate.revoke_reason = viewer.staff_id, clock.now, reason
    await session.flush()
    await outbox.defer(session, "end_acting", source_id=mandate.id)
    await _audit(session, clock, viewer, "revoke_local_mandate", mandate)
    return line


async def open_mandate(
    session: AsyncSession, viewer: Viewer, mandate_id: uuid.UUID, *, lock: bool = False
) -> MandateLine:
    """One mandate, the reading audited. Raises NotFound."""
    clock = await read_clock(session)
    query = _lines().where(LocalMandate.id == mandate_id)
    if lock:
        query = query.with_for_update(of=LocalMandate)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    line = _line(row, clock.today)
    if not lock:
        await _audit(session, clock, viewer, "read", line.mandate)
    return line


async def list_mandates(session: AsyncSession, viewer: Viewer) -> list[MandateLine]:
    """Those that wait for the second check first, then what `viewer` has recorded or checked, the newest on top.

    Others' mandates are found by finding the person. The look is one row without a subject (docs/audit.md).
    """
    clock = await read_clock(session)
    waiting = LocalMandate.checked_by.is_(None) & LocalMandate.revoked_at.is_(None)
    own = or_(LocalMandate.recorded_by == viewer.staff_id, LocalMandate.checked_by == viewer.staff_id)
    order = (case((waiting, 0), else_=1), LocalMandate.recorded_at.desc(), LocalMandate.id)
    rows = (await session.execute(_lines().where(or_(waiting, own)).order_by(*order).limit(LIST_LENGTH))).all()
    await trail.record(session, clock, viewer, "read", ("local_mandates", "list"), purpose=PURPOSE)
    return [_line(row, clock.today) for row in rows]


async def mandates_of(session: AsyncSession, person_id: uuid.UUID, today: date) -> list[MandateLine]:
    """The mandates that the person has given or received, the newest first."""
    concerned: ColumnElement[bool] = or_(LocalMandate.principal_id == person_id, LocalMandate.mandatee_id == person_id)
    rows = (await session.execute(_lines().where(concerned).order_by(LocalMandate.recorded_at.desc()))).all()
    return [_line(row, today) for row in rows]


def _lines() -> Select[LocalMandate, Person, Person, StaffMember, StaffMember]:
    principal, mandatee = aliased(Person), aliased(Person)
    recorder, checker = aliased(StaffMember), aliased(StaffMember)
    return (
        select(LocalMandate, principal, mandatee, recorder, checker)
        .join(principal, principal.id == LocalMandate.principal_id)
        .join(mandatee, mandatee.id == LocalMandate.mandatee_id)
        .join(recorder, recorder.id == LocalMandate.recorded_by)
        .outerjoin(checker, checker.id == LocalMandate.checked_by)
    )


def _line(row: Row[LocalMandate, Person, Person, StaffMember, StaffMember], today: date) -> MandateLine:
    mandate, principal, mandatee, recorder, checker = row
    return MandateLine(mandate, principal, mandatee, recorder, checker, _state(mandate, today))


def _state(mandate: LocalMandate, today: date) -> State:
    if mandate.revoked_at is not None:
        return "revoked"
    if mandate.checked_at is None:
        return "waiting"
    if today < first_day(mandate.during):
        return "coming"
    return "valid" if today <= last_day(mandate.during) else "over"


async def _audit(session: AsyncSession, clock: Clock, viewer: Viewer, action: str, mandate: LocalMandate) -> None:
    target = ("local_mandate", mandate.id)
    await trail.record(session, clock, viewer, action, target, subject_id=mandate.principal_id, purpose=PURPOSE)
