"""Wishes to be contacted."""

import uuid
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Language
from app.domain.urgency import Urgency
from app.models import AssessmentRun, Case, ContactRequest
from app.services.assessing.runs import is_for_another, refuse_trial
from app.services.audit import trail
from app.services.cases.arrivals import ANSWER, Arrival, add_event, open_new_case, raise_urgency, route_of
from app.services.cases.tell_case import tell_answers, tell_professionals
from app.services.clock import read_clock
from app.services.county_rules import alarm_words, contact_topic
from app.services.errors import NotFound
from app.services.own_data.needs import Needs
from app.services.viewer import Viewer

Way = Literal["phone", "written", "video"]


@dataclass(frozen=True)
class ContactDetails:
    """A wish to be contacted, as it was typed. `about`: who it is about, where that is somebody for whom the sender
    has no right to act: they can tell, and read nothing. `way`: how they want to be answered, by phone at `phone`
    (which may be empty for the other ways). `needs`: what they need, as told with this request."""

    name: str
    phone: str
    reachable: str
    message: str
    topic: str = ""
    about: str = ""
    way: Way = "phone"
    needs: Needs = field(default_factory=Needs)

    @property
    def text(self) -> str:
        """All that was written freely, each field on a line of its own."""
        needs = (self.needs.accessibility, self.needs.interpreter)
        return "\n".join((self.message, self.reachable, self.name, self.about, *needs))


async def send_contact_request(
    session: AsyncSession,
    viewer: Viewer | None,
    details: ContactDetails,
    language: Language,
    run: AssessmentRun | None = None,
    *,
    code_hash: bytes | None = None,
) -> Case:
    """Send a wish to be contacted; it may come without sign-in, and with the answers of an assessment, whose case it
    then joins: a booking made from the same answers stays with them. `code_hash`: of the code by which somebody unknown
    comes back to it.

    Alarming words raise the urgency to immediate, whatever the topic. Raises NotFound for an unknown topic, TryingOnly
    where the run is a trial.
    """
    refuse_trial(run)
    urgency = Urgency(run.result["urgency"]) if run and run.result else Urgency.ROUTINE
    if alarm_words().alarm_in(details.text):
        urgency = Urgency.most_urgent([urgency, Urgency.IMMEDIATE])
    topic = contact_topic("health" if run else details.topic)
    arrival = Arrival(
        route=route_of(topic),
        titles=run.titles if run else topic.names,
        language=language,
        urgency=urgency,
        kind="contact_request",
        limits=(ANSWER[topic.register],),
        about_viewer=not (is_for_another(run) or details.about),
    )
    case = await _join(session, viewer, run, urgency) or await open_new_case(session, viewer, arrival)
    if run is not None and run.case_id is None:
        run.case_id = case.id
        await tell_answers(session, case, run)
    request = ContactRequest(
        case_id=case.id,
        actor_id=viewer.person_id if viewer else None,
        name=details.name,
        phone=details.phone,
        reachable=details.reachable,
        message=details.message,
        about=details.about,
        way=details.way,
        interpreter=details.needs.interpreter,
        accessibility=details.needs.accessibility,
    )
    session.add(request)
    if code_hash and case.subject_id is None and case.actor_id is None:
        case.return_code_hash = code_hash
    await session.flush()
    if run is not None:
        await tell_professionals(session, run)
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
    await trail.record(session, clock, viewer, "join", target, subject_id=case.subject_id, register=case.register)
    return case


async def find_sent(session: AsyncSession, case_id: uuid.UUID) -> tuple[Case, ContactRequest]:
    """The case that a contact request opened, and the request, for its receipt. Raises NotFound."""
    query = select(Case, ContactRequest).join(ContactRequest, ContactRequest.case_id == Case.id)
    found = (await session.execute(query.where(Case.id == case_id))).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]
