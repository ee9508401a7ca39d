"""What the supervisor goes through afterwards: who opened whose matters without a relation, and why."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.models import Person, SpecialAccess, StaffMember
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import AlreadyDecided, NotFound
from app.services.viewer import Viewer

PURPOSE = "supervision"
REPORT_PAGE = 50
_Reviewer = aliased(StaffMember)


@dataclass(frozen=True)
class AccessLine:
    """One opening: who, whose matters, and who has gone through it."""

    access: SpecialAccess
    staff: StaffMember
    subject: Person
    reviewer: StaffMember | None


@dataclass(frozen=True)
class Report:
    """Openings in the viewer's units, those to be gone through first; `more`: there is another page of them."""

    lines: Sequence[AccessLine]
    more: bool


async def read_report(session: AsyncSession, viewer: Viewer, page: int = 1) -> Report:
    """The openings in the viewer's units, unreviewed first, then the newest; the reading is audited once a look."""
    query = (
        _lines()
        .where(_of_units(viewer))
        .order_by(SpecialAccess.reviewed_at.is_not(None), SpecialAccess.at.desc(), SpecialAccess.id)
        .limit(REPORT_PAGE + 1)
        .offset((page - 1) * REPORT_PAGE)
    )
    lines = [AccessLine(*row) for row in (await session.execute(query)).all()]
    target = ("special_access_report", ", ".join(sorted(viewer.units)))
    await trail.record(session, await read_clock(session), viewer, "read", target, purpose=PURPOSE)
    return Report(lines[:REPORT_PAGE], len(lines) > REPORT_PAGE)


async def review_access(session: AsyncSession, viewer: Viewer, access_id: uuid.UUID, words: str) -> None:
    """Note that `viewer` has gone through an opening and what they found.

    Raises NotFound for another unit's and for one's own, which somebody else goes through; AlreadyDecided.
    """
    query = select(SpecialAccess).where(
        SpecialAccess.id == access_id, _of_units(viewer), SpecialAccess.staff_id != viewer.staff_id
    )
    access = await session.scalar(query.with_for_update())
    if access is None:
        raise NotFound
    if access.reviewed_at is not None:
        raise AlreadyDecided
    clock = await read_clock(session)
    access.reviewed_by, access.reviewed_at, access.review = viewer.staff_id, clock.now, words
    await trail.record(
        session,
        clock,
        viewer,
        "review",
        ("special_access", access.id),
        subject_id=access.subject_id,
        register=access.register,
        purpose=PURPOSE,
    )


def _lines() -> Select[SpecialAccess, StaffMember, Person, StaffMember]:
    return (
        select(SpecialAccess, StaffMember, Person, _Reviewer)
        .join(StaffMember, StaffMember.id == SpecialAccess.staff_id)
        .join(Person, Person.id == SpecialAccess.subject_id)
        .outerjoin(_Reviewer, _Reviewer.id == SpecialAccess.reviewed_by)
    )


def _of_units(viewer: Viewer) -> ColumnElement[bool]:
    """The filter stands beside the row-level policy, which also lets everybody see their own openings."""
    return SpecialAccess.unit_code.in_(viewer.units)
