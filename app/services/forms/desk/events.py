"""Who did what to a version of a form: kept beside it, and in the audit trail (no resident is concerned)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Integer, Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Questionnaire, QuestionnaireEvent, StaffMember
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.viewer import Viewer

PURPOSE = "keeping forms"
EventName = Literal[
    "imported",
    "copied",
    "settings",
    "edited",
    "sent_for_review",
    "approved",
    "returned",
    "published",
    "retired",
]


@dataclass(frozen=True)
class DeskEvent:
    """One thing that was done; `by` is empty where it came with the installation."""

    event: QuestionnaireEvent
    by: str

    @property
    def revision(self) -> int:
        """Of the version, after it was done."""
        return int(self.event.detail.get("revision", 0))


async def note_event(
    session: AsyncSession, viewer: Viewer, form: Questionnaire, event: EventName, **detail: Any
) -> None:
    """Keep what has just been done, with the revision of the version that came of it."""
    await session.flush()
    clock = await read_clock(session)
    told = {**detail, "revision": form.revision}
    session.add(
        QuestionnaireEvent(questionnaire_id=form.id, at=clock.now, staff_id=viewer.staff_id, event=event, detail=told)
    )
    await trail.record(session, clock, viewer, event, ("questionnaire", form.id), purpose=PURPOSE)


async def history(session: AsyncSession, questionnaire_id: uuid.UUID) -> Sequence[DeskEvent]:
    """Everything that was done to a version, the latest first."""
    query = _newest_first().where(QuestionnaireEvent.questionnaire_id == questionnaire_id)
    return [_desk_event(event, member) for event, member in (await session.execute(query)).all()]


async def last_events(session: AsyncSession) -> dict[uuid.UUID, DeskEvent]:
    """What was done last, by version."""
    one, at = QuestionnaireEvent.questionnaire_id, QuestionnaireEvent.at.desc()
    query = _newest_first().ext(distinct_on(one)).order_by(None).order_by(one, at, _revision().desc())
    rows = (await session.execute(query)).all()
    return {event.questionnaire_id: _desk_event(event, member) for event, member in rows}


def _newest_first() -> Select[QuestionnaireEvent, StaffMember]:
    query = select(QuestionnaireEvent, StaffMember).outerjoin(
        StaffMember, StaffMember.id == QuestionnaireEvent.staff_id
    )
    return query.order_by(QuestionnaireEvent.at.desc(), _revision().desc())


def _revision() -> Any:
    """Two things may be done at the same moment, the later one to a higher revision."""
    return QuestionnaireEvent.detail["revision"].astext.cast(Integer)


def _desk_event(event: QuestionnaireEvent, member: StaffMember | None) -> DeskEvent:
    return DeskEvent(event, member.name if member else "")
