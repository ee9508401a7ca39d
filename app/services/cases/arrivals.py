"""Cases: everything that arrives opens one or joins one."""

import secrets
import uuid
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock, full_years
from app.domain.text import Language, Text
from app.domain.time_limits import RunningLimit
from app.domain.urgency import Urgency
from app.models import AssessmentRun, Case, CaseEvent, ContactRequest, Person, TimeLimit
from app.models.context import context_of, enter
from app.services.assessing.runs import refuse_trial
from app.services.audit import trail
from app.services.cases.tell_case import tell_answers, tell_initiated
from app.services.clock import read_clock
from app.services.county_rules import ContactTopic, contact_topic, contact_topics, time_limits
from app.services.errors import NotFound
from app.services.viewer import Viewer, refuse_without_right

# The county's promise, or the law's, to answer on the same office day: it runs for everything that arrives.
ANSWER = {"patient": "contact-answer", "social": "contact-answer-social", "rescue": "contact-answer-rescue"}
REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no letters that look like figures when read aloud


@dataclass(frozen=True)
class Route:
    """Where a matter belongs: its register, inside social welfare the service task, and the team that answers."""

    register: str
    unit: str
    service_task: str | None = None


@dataclass(frozen=True)
class Arrival:
    """What opens a case.

    `limits` are the ids of the time limits that run from now, in so far as they are in force and meant for the
    subject's age; where none is named, the one to answer on the same office day. `about_viewer` is False where it is
    about another person, whom nobody has identified: the case then has no subject. `nobodys`: it says nothing of who
    sent it either (a notice of concern).
    """

    route: Route
    titles: Text
    language: str
    urgency: Urgency
    kind: str
    limits: tuple[str, ...] = ()
    about_viewer: bool = True
    nobodys: bool = False


def route_of(topic: ContactTopic) -> Route:
    """Where a contact on this topic belongs."""
    return Route(topic.register, topic.unit)


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
        route=route_of(contact_topic("health")),
        titles=run.titles,
        language=run.language,
        urgency=Urgency(run.result["urgency"]),
        kind="assessment",
        limits=("assessment-review",),
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
    clock, target = await read_clock(session), ("case", case.id)
    await trail.record(session, clock, viewer, "claim", target, subject_id=case.subject_id, register=case.register)
    await tell_initiated(session, case)
    await tell_answers(session, case, run)


async def open_booking_case(
    session: AsyncSession, viewer: Viewer, titles: Text, register: str, language: Language
) -> Case:
    """The case of a booking that no assessment led to, where what was written for it can't wait for the visit."""
    arrival = Arrival(
        route=route_of(next(topic for topic in contact_topics() if topic.register == register)),
        titles=titles,
        language=language,
        urgency=Urgency.IMMEDIATE,
        kind="booking",
        limits=(ANSWER[register],),
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
    """Open a case for what the viewer (None: somebody unknown) has sent; its time limits run from now.

    Raises NoRight where the viewer acts for another whose matters of this register are not theirs to write in.
    """
    sender = None if arrival.nobodys else viewer
    refuse_without_right(sender, arrival.route.register)
    clock, case_id = await read_clock(session), uuid.uuid4()
    if arrival.nobodys:
        await enter(session, replace(context_of(session), opening=case_id))
    running = await _limits(session, sender if arrival.about_viewer else None, arrival, clock)
    case = Case(
        id=case_id,
        reference=new_reference(),
        subject_id=sender.subject_id if sender and arrival.about_viewer else None,
        actor_id=sender.person_id if sender else None,
        basis=sender.basis if sender and arrival.about_viewer else None,
        session_id=sender.session_id if sender else None,
        register=arrival.route.register,
        service_task=arrival.route.service_task,
        unit_code=arrival.route.unit,
        kind=arrival.kind,
        titles=arrival.titles,
        language=arrival.language,
        urgency=arrival.urgency,
        urgency_rank=arrival.urgency.rank,
        arrived_at=clock.now,
        due_at=min(limit.due_at for limit in running),
    )
    session.add(case)
    await session.flush()
    session.add_all(
        TimeLimit(case_id=case.id, rule=limit.rule, kind=limit.kind, started_at=clock.now, due_at=limit.due_at)
        for limit in running
    )
    await add_event(session, clock, case.id, "arrived", sender, kind=case.kind)
    target = ("case", case.id)
    await trail.record(
        session,
        clock,
        sender,
        "open",
        target,
        subject_id=case.subject_id,
        register=case.register,
        service_task=case.service_task,
    )
    await tell_initiated(session, case)
    return case


async def _limits(
    session: AsyncSession, sender: Viewer | None, arrival: Arrival, clock: Clock
) -> tuple[RunningLimit, ...]:
    """The limits that begin to run; those of an age only where the subject's age is known."""
    subject = await session.get(Person, sender.subject_id) if sender and sender.subject_id else None
    age = full_years(subject.birth_date, clock.today) if subject and subject.birth_date else None
    wanted = arrival.limits or (ANSWER[arrival.route.register],)
    return time_limits().begin(wanted, clock.now, age, arrival.urgency)


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
