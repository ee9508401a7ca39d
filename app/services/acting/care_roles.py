"""Who helps a person: supporters, interpreters and foster carers, recorded and ended by a clerk."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain import care_roles as rules
from app.domain.clock import Clock
from app.domain.minors import ADULT_YEARS
from app.models import CareRole, Person
from app.services import outbox
from app.services.acting.local_mandates import age_of, first_day, last_day
from app.services.acting.rights import care_roles
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.identity.find_person import is_found
from app.services.viewer import Viewer

PURPOSE = "helpers of a person"
Refusal = Literal[
    "role", "same_person", "not_minor", "helper_unknown", "helper_not_adult", "backwards", "over", "deceased", "overlap"
]


class CareRoleRefused(DomainError):
    """The helper can't be recorded; `reasons` say why, in the order of the form."""

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class HelperDraft:
    """What the clerk has written. `helper` is None where they were not identified; both days are included."""

    subject: Person
    role: str
    helper: Person | None
    name: str
    phone: str
    first: date
    last: date


@dataclass(frozen=True)
class Helper:
    """Somebody beside a person, as pages show them. `phone` is empty where it could tell where somebody under
    non-disclosure is."""

    row: CareRole
    role: rules.CareRole
    phone: str
    state: Literal["now", "coming", "over"]

    @property
    def first(self) -> date:
        return first_day(self.row.during)

    @property
    def last(self) -> date:
        return last_day(self.row.during)


async def record_care_role(session: AsyncSession, viewer: Viewer, draft: HelperDraft) -> CareRole:
    """Keep who helps. Raises CareRoleRefused; the same helper twice at one time is refused by the exclusion
    constraint."""
    clock = await read_clock(session)
    reasons = _refusals(draft, clock.today)
    if reasons:
        raise CareRoleRefused(reasons)
    values = {
        "id": uuid.uuid4(),
        "subject_id": draft.subject.id,
        "helper_id": draft.helper.id if draft.helper else None,
        "helper_name": draft.name,
        "phone": draft.phone,
        "role": draft.role,
        "during": Range(draft.first, draft.last, bounds="[]"),
        "recorded_by": viewer.staff_id,
        "recorded_at": clock.now,
    }
    statement = insert(CareRole).values(values).on_conflict_do_nothing().returning(CareRole)
    made = (await session.execute(statement)).scalar_one_or_none()
    if made is None:
        raise CareRoleRefused(["overlap"])
    await _audit(session, clock, viewer, "record_care_role", made)
    return made


def _refusals(draft: HelperDraft, today: date) -> list[Refusal]:
    role = care_roles().get(draft.role)
    acts = role is not None and bool(role.right)
    helper, subject = draft.helper, draft.subject
    age, helper_age = age_of(subject, today), age_of(helper, today) if helper else None
    checks: list[tuple[Refusal, bool]] = [
        ("role", role is None),
        ("not_minor", role is not None and role.minors_only and (age is None or age >= ADULT_YEARS)),
        ("same_person", helper is not None and helper.id == subject.id),
        ("helper_unknown", acts and helper is None),
        ("helper_not_adult", acts and helper is not None and (helper_age is None or helper_age < ADULT_YEARS)),
        ("deceased", subject.deceased_on is not None or (helper is not None and helper.deceased_on is not None)),
        ("backwards", draft.last < draft.first),
        ("over", draft.last < today),
    ]
    return [reason for reason, holds in checks if holds]


async def end_care_role(session: AsyncSession, viewer: Viewer, role_id: uuid.UUID) -> CareRole:
    """The helper helps no more; whoever is acting by it just now is stopped by a job. Twice is once.

    Raises NotFound, also where the viewer has not found the person whom it is about.
    """
    clock = await read_clock(session)
    row = await session.get(CareRole, role_id, with_for_update=True)
    if row is None or not await is_found(session, viewer, row.subject_id):
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now, viewer.staff_id
        await session.flush()
        await outbox.defer(session, "end_acting", source_id=row.id)
        await _audit(session, clock, viewer, "end_care_role", row)
    return row


async def helpers_of(session: AsyncSession, subject: Person, today: date) -> list[Helper]:
    """Who helps the person now or later, and who has helped: those of today first."""
    query = (
        select(CareRole, Person.non_disclosure)
        .outerjoin(Person, Person.id == CareRole.helper_id)
        .where(CareRole.subject_id == subject.id)
        .order_by(CareRole.during, CareRole.id)
    )
    helpers = []
    for row, hidden in (await session.execute(query)).all():
        role = care_roles().get(row.role)
        if role is not None:
            phone = "" if hidden or subject.non_disclosure else row.phone
            helpers.append(Helper(row, role, phone, _state(row, today)))
    return sorted(helpers, key=lambda helper: ("now", "coming", "over").index(helper.state))


def _state(row: CareRole, today: date) -> Literal["now", "coming", "over"]:
    if row.ended_at is not None or last_day(row.during) < today:
        return "over"
    return "coming" if today < first_day(row.during) else "now"


async def _audit(session: AsyncSession, clock: Clock, viewer: Viewer, action: str, row: CareRole) -> None:
    target = ("care_role", row.id)
    await trail.record(session, clock, viewer, action, target, subject_id=row.subject_id, purpose=PURPOSE)
