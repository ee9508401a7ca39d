"""Opening a case without a care or customer relation: for a coded reason, for an hour, and told to the supervisor.

Client data act 703/2023: whoever handles neither the person's care nor their service needs a special reason, and the
use is followed up. The reasons and the minutes are data (app/content/special_reasons.json).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.special_reasons import SpecialReasons
from app.domain.staff_roles import may
from app.models import Case, SpecialAccess
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.viewer import Viewer

PURPOSE = "special reason"


@cache
def special_reasons() -> SpecialReasons:
    """The reasons of content/special_reasons.json."""
    return SpecialReasons.from_data(load("special_reasons.json"))


@dataclass(frozen=True)
class ClosedCase:
    """A case that the viewer doesn't handle and may open with a reason: no more of it is known to them."""

    id: uuid.UUID
    subject_id: uuid.UUID
    register: str


async def find_closed_case(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> ClosedCase:
    """The case that `viewer` may open with a reason. Raises NotFound where there is none, where it is in another
    register or service task, and for somebody without a unit: nobody would be told of the opening."""
    asked = func.case_directory(case_id).table_valued("subject_id", "register")
    row = (await session.execute(select(asked.c.subject_id, asked.c.register))).one_or_none()
    if row is None or not viewer.units or not may(viewer.roles, "open_with_reason", row.register):
        raise NotFound
    return ClosedCase(case_id, row.subject_id, row.register)


async def open_with_reason(
    session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, *, reason: str, words: str, unit: str
) -> SpecialAccess:
    """Let `viewer`, at work in `unit`, read the case and the same person's others in its register for a while.

    Raises NotFound as `find_closed_case` does, and DomainError for a reason that the page would not have let through.
    """
    closed = await find_closed_case(session, viewer, case_id)
    if unit not in viewer.units or special_reasons().faults_of(reason, words):
        raise DomainError
    clock = await read_clock(session)
    access = SpecialAccess(
        staff_id=viewer.staff_id,
        unit_code=unit,
        subject_id=closed.subject_id,
        case_id=closed.id,
        register=closed.register,
        reason=reason,
        words=words.strip(),
        at=clock.now,
        until=clock.now + timedelta(minutes=special_reasons().open_minutes),
    )
    session.add(access)
    await trail.record(
        session,
        clock,
        viewer,
        "open_with_reason",
        ("case", case_id),
        subject_id=closed.subject_id,
        register=closed.register,
        purpose=PURPOSE,
        reason=reason,
    )
    return access


def opened_by_reason(viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    """Cases that `viewer` has opened with a reason and that are still open at `now`."""
    return (
        select(SpecialAccess.id)
        .where(
            SpecialAccess.staff_id == viewer.staff_id,
            SpecialAccess.subject_id == Case.subject_id,
            SpecialAccess.register == Case.register,
            SpecialAccess.until > now,
        )
        .exists()
    )


async def live_access(session: AsyncSession, viewer: Viewer, case: Case, now: datetime) -> SpecialAccess | None:
    """By what `viewer` reads a case that they don't handle: the opening that lasts longest."""
    query = select(SpecialAccess).where(
        SpecialAccess.staff_id == viewer.staff_id,
        SpecialAccess.subject_id == case.subject_id,
        SpecialAccess.register == case.register,
        SpecialAccess.until > now,
    )
    return await session.scalar(query.order_by(SpecialAccess.until.desc()).limit(1))
