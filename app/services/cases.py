"""Cases: everything that arrives opens one or joins one."""

import secrets
import uuid
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.alarm_words import AlarmWords
from app.domain.clock import Clock
from app.domain.text import Language, Text
from app.domain.time_limits import TimeLimits
from app.domain.urgency import Urgency
from app.models import AssessmentRun, Case, CaseEvent, ContactRequest, TimeLimit
from app.services import audit
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.sessions import Viewer

REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no letters that look like figures when read aloud


@dataclass(frozen=True)
class ContactTopic:
    """What a contact is about, and the register and team that answer it."""

    code: str
    names: Text
    register: str
    unit: str


@dataclass(frozen=True)
class ContactDetails:
    """A wish to be contacted, as it was typed."""

    name: str
    phone: str
    reachable: str
    message: str
    topic: str = ""

    @property
    def text(self) -> str:
        """All that was written freely, each field on a line of its own."""
        return "\n".join((self.message, self.reachable, self.name))


@cache
def contact_topics() -> tuple[ContactTopic, ...]:
    """The topics of content/contact_topics.json, in their order on the page."""
    return tuple(
        ContactTopic(row["code"], Text(row["names"]), row["register"], row["unit"])
        for row in load("contact_topics.json")
    )


@cache
def alarm_words() -> AlarmWords:
    """The words that show the emergency card wherever a resident writes them."""
    return AlarmWords.from_data(load("alarm_words.json"))


@cache
def time_limits() -> TimeLimits:
    """The limits of content/time_limits.json."""
    return TimeLimits.from_data(load("time_limits.json"))


async def case_of_run(session: AsyncSession, viewer: Viewer, run: AssessmentRun) -> Case:
    """The case that an assessment belongs to, opened now where there is none yet."""
    if run.case_id is not None:
        return await session.get_one(Case, run.case_id)
    if run.result is None:
        raise NotFound
    topic = _topic("health")
    urgency = Urgency(run.result["urgency"])
    case = await _open(
        session,
        viewer,
        topic,
        titles=run.titles,
        language=run.language,
        urgency=urgency,
        kind="assessment",
        rule="assessment-review",
    )
    run.case_id = case.id
    await session.flush()
    return case


async def send_contact_request(
    session: AsyncSession,
    viewer: Viewer | None,
    details: ContactDetails,
    language: Language,
    run: AssessmentRun | None = None,
) -> Case:
    """Send a wish to be contacted; it may come without sign-in, and with the answers of an assessment, whose case it
    then joins: a booking made from the same answers stays with them.

    Alarming words raise the urgency to immediate, whatever the topic. Raises NotFound for an unknown topic.
    """
    urgency = Urgency(run.result["urgency"]) if run and run.result else Urgency.ROUTINE
    if alarm_words().alarm_in(details.text):
        urgency = Urgency.most_urgent([urgency, Urgency.IMMEDIATE])
    topic = _topic("health" if run else details.topic)
    titles = run.titles if run else topic.names
    case = await _join(session, viewer, run, urgency) or await _open(
        session,
        viewer,
        topic,
        titles=titles,
        language=language,
        urgency=urgency,
        kind="contact_request",
        rule="contact-answer",
    )
    if run is not None and run.case_id is None:
        run.case_id = case.id
    request = ContactRequest(
        case_id=case.id,
        name=details.name,
        phone=details.phone,
        reachable=details.reachable,
        message=details.message,
    )
    session.add(request)
    await session.flush()
    return case


async def _join(
    session: AsyncSession, viewer: Viewer | None, run: AssessmentRun | None, urgency: Urgency
) -> Case | None:
    """The open case that the assessment belongs to, now with a contact request; None where it has none, or one with
    a contact request already (a second one is a case of its own)."""
    asked = select(ContactRequest.id).where(ContactRequest.case_id == Case.id).exists()
    wanted = Case.id == (run.case_id if run else None)
    case = await session.scalar(select(Case).where(wanted, Case.state == "open", ~asked))
    if case is None:
        return None
    await raise_urgency(session, case, urgency)
    clock = await read_clock(session)
    await add_event(session, clock, case.id, "arrived", viewer, kind="contact_request")
    target = ("case", case.id)
    await audit.record(session, clock, viewer, "join", target, subject_id=case.subject_id, register=case.register)
    return case


async def open_booking_case(
    session: AsyncSession, viewer: Viewer, titles: Text, register: str, language: Language
) -> Case:
    """The case of a booking that no assessment led to, where what was written for it can't wait for the visit."""
    topic = next(topic for topic in contact_topics() if topic.register == register)
    return await _open(
        session,
        viewer,
        topic,
        titles=titles,
        language=language,
        urgency=Urgency.IMMEDIATE,
        kind="booking",
        rule="contact-answer",
    )


async def raise_urgency(session: AsyncSession, case: Case, urgency: Urgency) -> None:
    """Make `case` as urgent as `urgency`, and due as soon; a case that is so already stays as it is."""
    if Urgency(case.urgency).at_least(urgency):
        return
    clock = await read_clock(session)
    case.urgency, case.urgency_rank = urgency, urgency.rank
    case.due_at = min(case.due_at, time_limits().answer_due(clock.now, urgency))
    await session.flush()


async def find_sent(session: AsyncSession, case_id: uuid.UUID) -> Case:
    """The case that a contact request opened, for its receipt. Raises NotFound."""
    query = select(Case).join(ContactRequest, ContactRequest.case_id == Case.id).where(Case.id == case_id)
    case = await session.scalar(query)
    if case is None:
        raise NotFound
    return case


def _topic(code: str) -> ContactTopic:
    found = next((topic for topic in contact_topics() if topic.code == code), None)
    if found is None:
        raise NotFound
    return found


async def _open(
    session: AsyncSession,
    viewer: Viewer | None,
    topic: ContactTopic,
    *,
    titles: Text,
    language: str,
    urgency: Urgency,
    kind: str,
    rule: str,
) -> Case:
    clock = await read_clock(session)
    limits = time_limits()
    due = limits.answer_due(clock.now, urgency)
    person_id = viewer.person_id if viewer else None
    case = Case(
        id=uuid.uuid4(),
        reference=new_reference(),
        subject_id=person_id,
        actor_id=person_id,
        register=topic.register,
        unit_code=topic.unit,
        kind=kind,
        titles=titles,
        language=language,
        urgency=urgency,
        urgency_rank=urgency.rank,
        arrived_at=clock.now,
        due_at=due,
    )
    session.add(case)
    await session.flush()
    limit = limits.rule(rule if topic.register == "patient" else f"{rule}-social", clock.today)
    session.add(TimeLimit(case_id=case.id, rule=limit.id, kind=limit.kind, started_at=clock.now, due_at=due))
    await add_event(session, clock, case.id, "arrived", viewer, kind=kind)
    await audit.record(session, clock, viewer, "open", ("case", case.id), subject_id=person_id, register=topic.register)
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
