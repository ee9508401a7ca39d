"""A professional's verdict, for one case, on whether a minor decides on it, and what that leaves to the guardians.

Potilaslaki 785/1992, 7 and 9 §; asiakaslaki 812/2000, 10 and 11 §. The newest verdict counts.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.capacity import Verdicts, guardian_access_of
from app.domain.clock import Clock, full_years
from app.domain.minors import ADULT_YEARS
from app.domain.staff_roles import may
from app.domain.text import Text
from app.models import CapacityVerdict, Case, Person, StaffMember
from app.services.audit import trail
from app.services.cases.arrivals import add_event
from app.services.cases.queue import HANDLING, OpenedCase, handled_by, record_reading
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.viewer import Viewer


@cache
def verdicts() -> Verdicts:
    """The verdicts of content/capacity_verdicts.json."""
    return Verdicts.from_data(load("capacity_verdicts.json"))


@dataclass(frozen=True)
class GivenVerdict:
    """A verdict with the name of its meaning (empty for one that is not known any more) and of who gave it."""

    verdict: CapacityVerdict
    names: Text
    staff: StaffMember


def is_minor(person: Person | None, clock: Clock) -> bool:
    """Whether the person is known to be under 18 today."""
    born = person.birth_date if person else None
    return born is not None and full_years(born, clock.today) < ADULT_YEARS


def can_judge(viewer: Viewer, opened: OpenedCase, clock: Clock) -> bool:
    """Whether `viewer` may give a verdict in the case: they handle it, their role in its register judges, and the
    subject is a minor."""
    return (
        opened.handled and is_minor(opened.subject, clock) and may(viewer.roles, "give_verdict", opened.case.register)
    )


async def newest_verdict(session: AsyncSession, case_id: uuid.UUID) -> GivenVerdict | None:
    """The verdict that counts in the case; None before the first one."""
    query = (
        select(CapacityVerdict, StaffMember)
        .join(StaffMember, StaffMember.id == CapacityVerdict.staff_id)
        .where(CapacityVerdict.case_id == case_id)
        .order_by(CapacityVerdict.at.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    known = verdicts().get(row[0].code)
    return GivenVerdict(row[0], known.names if known else Text({}), row[1])


async def read_judged(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> tuple[Case, Person]:
    """The case and the minor whom `viewer` is about to judge; audited. Raises NotFound where they may not."""
    case, subject = await _judged(session, viewer, case_id)
    await record_reading(session, viewer, case)
    return case, subject


async def give_verdict(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, code: str, grounds: str) -> None:
    """Give the verdict `code` on `grounds`; from here on the guardians see of the case what it leaves to them.

    Raises NotFound where `viewer` may not judge in the case, DomainError for an unknown code or no grounds.
    """
    case, _subject = await _judged(session, viewer, case_id, lock=True)
    if verdicts().get(code) is None or not grounds:
        raise DomainError
    clock = await read_clock(session)
    earlier = await newest_verdict(session, case_id)
    # The case is locked, so a later verdict is also the later one where its transaction began before the other's.
    at = max(clock.now, earlier.verdict.at + timedelta(microseconds=1)) if earlier else clock.now
    staff = await session.get_one(StaffMember, viewer.staff_id)
    verdict = CapacityVerdict(
        id=uuid.uuid4(),
        case_id=case_id,
        at=at,
        staff_id=staff.id,
        profession=staff.profession,
        code=code,
        grounds=grounds,
    )
    session.add(verdict)
    case.guardian_access = guardian_access_of(code, verdicts())
    await add_event(session, clock, case_id, "verdict", viewer)  # without the code: guardians may read the timeline
    await trail.record(
        session,
        clock,
        viewer,
        "give_verdict",
        ("case", case_id),
        subject_id=case.subject_id,
        register=case.register,
        service_task=case.service_task,
        purpose=HANDLING,
    )


async def _judged(
    session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, *, lock: bool = False
) -> tuple[Case, Person]:
    query = select(Case, Person).join(Person, Person.id == Case.subject_id)
    query = query.where(Case.id == case_id, handled_by(viewer)).execution_options(populate_existing=True)
    row = (await session.execute(query.with_for_update(of=Case) if lock else query)).one_or_none()
    if row is None or not is_minor(row[1], await read_clock(session)):
        raise NotFound
    if not may(viewer.roles, "give_verdict", row[0].register):
        raise NotFound
    return row[0], row[1]
