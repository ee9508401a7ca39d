"""Cases: everything that arrives opens one or joins one."""

import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.text import Language, Text
from app.domain.urgency import Urgency
from app.models import AssessmentRun, Case, CaseEvent, ContactRequest, TimeLimit
from app.services.assessing.runs import refuse_trial
from app.services.audit import trail
from app.services.cases.tell_case import tell_answers, tell_initiated
from app.services.clock import read_clock
from app.services.county_rules import ContactTopic, contact_topic, contact_topics, time_limits
from app.services.errors import NotFound
from app.services.viewer import Viewer, refuse_without_right

REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no letters that look like figures when read aloud


@dataclass(frozen=True)
class Arrival:
    """What opens a case.

    `limit` names the time limit that runs from now; in the social register its `-social` sister. `about_viewer` is
    False where it is about another person, whom nobody has identified: the case then has no subject.
    """

    topic: ContactTopic
    titles: Text
    language: str
    urgency: Urgency
    kind: str
    limit: str
    about_viewer: bool = True

    @property
    def rule(self) -> str:
        return self.limit if self.topic.register == "patient" else f"{self.limit}-social"


async def case_of_run(session: AsyncSession, viewer: Viewer, run: AssessmentRun) -> Case:
    """The case that an assessment belongs to, opened now where there is none yet, or where it is one about somebody
    else. Raises TryingOnly for a trial."""
    refuse_trial(run)
    case = await session.get(Case, run.case_id) if run.case_id else None
    if case is not None and case.subject_id is not None:
        return case
    if case is not None and await _is_ownerless(session, case):  # sent without signing in; now we know whose it is
        await _claim(session, viewer, case, run)
        return case
    if run.result is None:
        raise NotFound
    arrival = Arrival(
        topic=contact_topic("health"),
        titles=run.titles,
        language=run.language,
        urgency=Urgency(run.result["urgency"]),
        kind="assessment",
        limit="assessment-review",
    )
    case = await open_new_case(session, viewer, arrival)
    run.case_id = case.id
    await session.flush()
    await tell_answers(session, case, run)
    return case


async def _is_ownerless(session: AsyncSession, case: Case) -> bool:
    """Whether nobody is known to have sent the case, and it doesn't say that it is about somebody else."""
    told = select(ContactRequest.id).where(ContactRequest.case_id == case.id, ContactRequest.about != "")
    return case.actor_id is None and await session.scalar(told) is None


async def _claim(session: AsyncSession, viewer: Viewer, case: Case, run: AssessmentRun) -> None:
    case.subject_id, case.actor_id, case.basis = viewer.subject_id, viewer.person_id, viewer.basis
    await session.flush()
    written = update(ContactRequest).where(ContactRequest.case_id == case.id, ContactRequest.actor_id.is_(None))
    await session.execute(written.values(actor_id=viewer.person_id))
    await tell_initiated(session, case)
    await tell_answers(session, case, run)


async def open_booking_case(
    session: AsyncSession, viewer: Viewer, titles: Text, register: str, language: Language
) -> Case:
    """The case of a booking that no assessment led to, where what was written for it can't wait for the visit."""
    arrival = Arrival(
        topic=next(topic for topic in contact_topics() if topic.register == register),
        titles=titles,
        language=language,
        urgency=Urgency.IMMEDIATE,
        kind="booking",
        limit="contact-answer",
    )
    return await open_new_case(session, viewer, arrival)


async def raise_urgency(session: AsyncSession, case: Case, urgency: Urgency) -> None:
    """Make `case` as urgent as `urgency`, and due as soon; a case that is so already stays as it is."""
    if Urgency(case.urgency).at_least(urgency):
        return
    clock = await read_clock(session)
    case.urgency, case.urgency_rank = urgency, urgency.rank
    case.due_at = min(case.due_at, time_limits().answer_due(clock.now, urgency))
    await session.flush()


async def open_new_case(session: AsyncSession, viewer: Viewer | None, arrival: Arrival) -> Case:
    """Open a case for what the viewer (None: somebody unknown) has sent; its time limit runs from now.

    Raises NoRight where the viewer acts for another whose matters of this register are not theirs to write in.
    """
    refuse_without_right(viewer, arrival.topic.register)
    clock = await read_clock(session)
    due = time_limits().answer_due(clock.now, arrival.urgency)
    case = Case(
        id=uuid.uuid4(),
        reference=new_reference(),
        subject_id=viewer.subject_id if viewer and arrival.about_viewer else None,
        actor_id=viewer.person_id if viewer else None,
        basis=viewer.basis if viewer and arrival.about_viewer else None,
        session_id=viewer.session_id if viewer else None,
        register=arrival.topic.register,
        unit_code=arrival.topic.unit,
        kind=arrival.kind,
        titles=arrival.titles,
        language=arrival.language,
        urgency=arrival.urgency,
        urgency_rank=arrival.urgency.rank,
        arrived_at=clock.now,
        due_at=due,
    )
    session.add(case)
    await session.flush()
    limit = time_limits().rule(arrival.rule, clock.today)
    session.add(TimeLimit(case_id=case.id, rule=limit.id, kind=limit.kind, started_at=clock.now, due_at=due))
    await add_event(session, clock, case.id, "arrived", viewer, kind=case.kind)
    target = ("case", case.id)
    await trail.record(session, clock, viewer, "open", target, subject_id=case.subject_id, register=case.register)
    await tell_initiated(session, case)
    return case


async def add_event(
    session: AsyncSession, clock: Clock, case_id: uuid.UUID, event: str, viewer: Viewer | None, **detail: str
) -> None:
    """Add a row to the case's timeline."""
    by_kind = "staff" if viewer and viewer.staff_id else "resident" if viewer and viewer.person_id else "anonymous"
    by_id = (viewer.staff_id or viewer.person_id) if viewer else None
    session.add(CaseEvent(case_id=case_id, at=clock.now, event=event, by_kind=by_kind, by_id=by_id, detail=detail))
    await session.flush()


def new_reference() -> str:
    """A reference to say on the phone, such as `K7M2-Q9RT`; it opens nothing by itself."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
