"""What a resident sees of applications: how far each is, what is asked of them, and the decision."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.review_time import last_day_for_review, received_on
from app.domain.time_limits import LimitRule
from app.models import Application, Case, CaseEvent, Decision, FormResponse, InformationRequest, TimeLimit
from app.services.acting.note_reading import note_reading
from app.services.applications.document import Document
from app.services.applications.find import UNDER_WAY, find_own, may_read
from app.services.applications.limits import REVIEW, review_limit, running_limits
from app.services.applications.words import application_words
from app.services.clock import read_clock
from app.services.county_rules import time_limits
from app.services.errors import NotFound
from app.services.viewer import Viewer

# What the timeline calls a step, and the step of content/applications.json.
STEPS = {
    "arrived": "received",
    "pending": "pending",
    "in_handling": "in-handling",
    "more_asked": "more-asked",
    "more_given": "more-given",
    "decided": "decided",
    "withdrawn": "closed",
}


@dataclass(frozen=True)
class Step:
    """A step that was taken, by its code in content/applications.json."""

    code: str
    at: datetime


@dataclass(frozen=True)
class OpenedApplication:
    """One application. Who may act but not read sees how far it is, and neither what was asked (`requests`) nor the
    `decision`: `reads` says so. `limits`: those that run and that a resident reads of. `response`: what was sent."""

    application: Application
    case: Case
    steps: Sequence[Step]
    limits: Sequence[TimeLimit]
    requests: Sequence[InformationRequest]
    decision: Decision | None
    response: FormResponse | None
    reads: bool

    @property
    def under_way(self) -> bool:
        """Whether it can still be answered and withdrawn."""
        return self.application.state in UNDER_WAY

    @property
    def waiting(self) -> Sequence[InformationRequest]:
        """What waits for the applicant's answer."""
        return [one for one in self.requests if one.answered_at is None] if self.under_way else []


@dataclass(frozen=True)
class OpenedDecision:
    """A decision. `received`: the day from which the time for a review is counted, `review_until` its last day."""

    decision: Decision
    document: Document
    case: Case
    received: date
    review_until: date


async def list_applications(session: AsyncSession, viewer: Viewer) -> Sequence[tuple[Application, Case]]:
    """The applications of the one whose matters the viewer looks at, as far as they may see them; the latest first."""
    query = select(Application, Case).join(Case, Case.id == Application.case_id)
    query = query.where(Case.subject_id == viewer.subject_id).order_by(Application.pending_since.desc())
    await note_reading(session, viewer, ("applications", "list"), "social")
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def open_application(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> OpenedApplication:
    """One application. Raises NotFound."""
    application, case = await find_own(session, viewer, case_id)
    await note_reading(session, viewer, ("application", case_id), case.register)
    return await gather(session, application, case, reads=may_read(viewer, case))


async def gather(session: AsyncSession, application: Application, case: Case, *, reads: bool) -> OpenedApplication:
    """An application with what belongs to it; who may see it and that it was read is the caller's."""
    requests = select(InformationRequest).where(InformationRequest.case_id == case.id)
    response = select(FormResponse).where(FormResponse.case_id == case.id, FormResponse.state == "sent")
    return OpenedApplication(
        application=application,
        case=case,
        steps=await _steps(session, case),
        limits=await _limits(session, case),
        requests=(await session.scalars(requests.order_by(InformationRequest.asked_at))).all() if reads else (),
        decision=await decision_of(session, case.id) if reads else None,
        response=await session.scalar(response.order_by(FormResponse.sent_at.desc()).limit(1)),
        reads=reads,
    )


async def decision_of(session: AsyncSession, case_id: uuid.UUID) -> Decision | None:
    """The decision on an application, where there is one."""
    return await session.scalar(select(Decision).where(Decision.case_id == case_id))


async def open_decision(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> OpenedDecision:
    """The decision, as it was made. The first time that it is opened is written down: from then on its receiving is
    known, and the time for a review runs. Raises NotFound, also for who may act but not read."""
    _application, case = await find_own(session, viewer, case_id)
    decision = await decision_of(session, case_id) if may_read(viewer, case) else None
    if decision is None:
        raise NotFound
    await note_reading(session, viewer, ("decision", decision.id), case.register)
    clock = await read_clock(session)
    if decision.read_at is None:
        await _first_opened(session, decision, clock)
    received = received_on(Clock(decision.at).today, Clock(decision.read_at or clock.now).today)
    until = last_day_for_review(received, _review_rule(received))
    return OpenedDecision(decision, Document.from_data(decision.document), case, received, until)


async def _first_opened(session: AsyncSession, decision: Decision, clock: Clock) -> None:
    """Two tabs that open it at once write the first moment only."""
    locked = select(Decision).where(Decision.id == decision.id).with_for_update()
    await session.execute(locked.execution_options(populate_existing=True))
    if decision.read_at is not None:
        return
    decision.read_at = clock.now
    received = received_on(Clock(decision.at).today, clock.today)
    until = last_day_for_review(received, _review_rule(received))
    session.add(review_limit(decision.case_id, received, until))
    await session.flush()


def _review_rule(day: date) -> LimitRule:
    return time_limits().rule(REVIEW, day)


async def _steps(session: AsyncSession, case: Case) -> list[Step]:
    query = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.event.in_(STEPS))
    rows = (await session.scalars(query.order_by(CaseEvent.at))).all()
    first = next((row for row in rows if row.event == "arrived"), None)  # later arrivals are corrections of the form
    told = [row for row in rows if row.event != "arrived" or row is first]
    order = list(STEPS)
    return [Step(STEPS[row.event], row.at) for row in sorted(told, key=lambda row: (row.at, order.index(row.event)))]


async def _limits(session: AsyncSession, case: Case) -> list[TimeLimit]:
    """Limits of which the content has words for residents; the county's own targets are for staff."""
    return [one for one in await running_limits(session, case.id) if one.rule in application_words().limits]
