"""Ask to be contacted: with or without signing in, with or without an assessment behind it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.models import AssessmentRun, Case
from app.services.assessing.runs import find_real_run
from app.services.cases.contact_requests import ContactDetails, find_sent, send_contact_request
from app.services.county_rules import ContactTopic, alarm_words, contact_topics
from app.services.submissions import first_result, remember_result
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted, ensure_session
from app.web.components import FieldError
from app.web.forms import Form, LenientId, read_id
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/contact")

MESSAGE_LONGEST = 4000
FIELDS = ("topic", "about", "message", "name", "phone", "reachable")  # as they stand on the page


@dataclass(frozen=True)
class ContactPage:
    """The form. `run` is the assessment whose answers go along; then no topic is asked."""

    run: AssessmentRun | None
    topics: Sequence[ContactTopic]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    alarm: Alarm | None


@dataclass(frozen=True)
class SentPage:
    """The receipt: by when somebody answers, and the reference to say on the phone."""

    case: Case
    alarm: bool


@router.get("", name="contact", dependencies=[SURE_OF_RIGHT])
async def ask(page: PublicPage, session: Session, assessment: LenientId = None) -> Response:
    """The form."""
    run = await find_real_run(session, page.viewer, assessment) if assessment else None
    page.title = _("Ask us to contact you")
    name = page.viewer.name if page.viewer else ""
    return page.show("contact/form.html", ContactPage(run, _topics(page), {"name": name}, {}, (), None))


@router.post("", name="contact_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, form: Submitted) -> Response:
    """Send it: a case opens, the receipt tells by when somebody answers."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    run = await _run(session, page, form)
    details = _details(form, _topics(page), with_topic=run is None, acting=bool(page.acting_for))
    if form.errors:
        page.title = _("Ask us to contact you")
        values = {name: form.value(name) for name in FIELDS}
        summary = [FieldError(name, form.errors[name]) for name in FIELDS if name in form.errors]
        alarm = alarm_words().alarm_in(details.text)
        context = ContactPage(run, _topics(page), values, form.errors, summary, alarm)
        await session.rollback()  # the form was not taken, so its token stays good
        return page.show("contact/form.html", context, block="main", status=422)
    viewer = await ensure_session(page, session)  # the receipt can be read in this browser
    case = await send_contact_request(session, viewer, details, page.language, run)
    path = page.path("contact_sent", case_id=case.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.get("/sent/{case_id}", name="contact_sent", dependencies=[SURE_OF_RIGHT])
async def sent(page: PublicPage, session: Session, case_id: uuid.UUID) -> Response:
    """The receipt. It tells nothing about the matter, so that the address alone gives nothing away."""
    case = await find_sent(session, case_id)
    page.title = _("Sent")
    return page.show("contact/sent.html", SentPage(case, case.urgency in {"emergency", "immediate"}))


async def _run(session: Session, page: PublicPage, form: Form) -> AssessmentRun | None:
    wanted = read_id(form.value("assessment"))
    if wanted is None:
        return None
    return await find_real_run(session, page.viewer, wanted)


def _topics(page: Page) -> Sequence[ContactTopic]:
    """What the reader may write about: all in own matters, what their right covers while acting for another."""
    viewer = page.viewer
    return [topic for topic in contact_topics() if viewer is None or viewer.can_act_in(topic.register)]


def _details(form: Form, topics: Sequence[ContactTopic], *, with_topic: bool, acting: bool) -> ContactDetails:
    too_long = _("Shorten the text")
    known = {topic.code for topic in topics}
    topic = form.value("topic")
    if with_topic and topic not in known:
        form.errors["topic"] = _("Choose what it is about")
    return ContactDetails(
        name=form.text("name", longest=200, required=_("Write your name"), too_long=too_long),
        phone=form.phone("phone", message=_("Write a phone number, such as 040 123 4567")),
        reachable=form.text("reachable", longest=300, too_long=too_long),
        message=form.text(
            "message",
            longest=MESSAGE_LONGEST,
            required=_("Write in a few words what it is about") if with_topic else "",
            too_long=_("Shorten the text to at most 4,000 characters"),
        ),
        topic=topic,
        about=form.text("about", longest=300, too_long=too_long) if with_topic and not acting else "",
    )
