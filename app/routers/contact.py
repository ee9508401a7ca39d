"""Ask to be contacted: with or without signing in, with or without an assessment behind it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.return_code import grouped
from app.models import AssessmentRun, Case, ContactRequest
from app.services.assessing.runs import find_real_run
from app.services.cases.contact_requests import ContactDetails, find_sent, send_contact_request
from app.services.cases.return_codes import ReturnCode, new_return_code
from app.services.clock import read_clock
from app.services.county_rules import ContactTopic, alarm_words, contact_topics
from app.services.identity.set_aside import drop_typed_here, keep_before_sign_in, typed_here
from app.services.own_data.needs import can_remember, remember_needs, remembered_needs
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted, ensure_session
from app.web.contact_form import TypedContact, as_typed, read_details
from app.web.cookies import RETURN_CODE, SIGN_IN_SECONDS, read_cookie
from app.web.forms import Form, LenientId, read_id
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.needs_form import NeedsFields, needs_values
from app.web.page import Page

router = APIRouter(prefix="/{lang}/contact")


@dataclass(frozen=True)
class ContactPage:
    """The form. `run` is the assessment whose answers go along; then no topic is asked."""

    run: AssessmentRun | None
    topics: Sequence[ContactTopic]
    typed: TypedContact
    needs: NeedsFields
    alarm: Alarm | None


@dataclass(frozen=True)
class SentPage:
    """The receipt: by when somebody answers and how, the reference to say on the phone. `code`: the return code in
    groups, empty where it is not shown any more; `by_code`: the sender comes back by it."""

    case: Case
    contact: ContactRequest
    alarm: bool
    code: str
    by_code: bool


@router.get("", name="contact", dependencies=[SURE_OF_RIGHT])
async def ask(page: PublicPage, session: Session, assessment: LenientId = None) -> Response:
    """The form; with what was typed before leaving to sign in, where the reader has come back without."""
    typed = await _typed_before(page, session)
    run = await _run(session, page, assessment or read_id(next(iter(typed.get("assessment", ())), "")))
    if typed:
        return _show(page, run, as_typed(typed))
    needs = await remembered_needs(session, page.viewer)
    name = page.viewer.name if page.viewer else ""
    return _show(page, run, TypedContact({"name": name, **needs_values(needs)}), saved=bool(needs))


@router.post("", name="contact_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, form: Submitted) -> Response:
    """Send it: a case opens, the receipt tells by when somebody answers."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    run = await _run(session, page, read_id(form.value("assessment")))
    details = read_details(form, _topics(page), with_topic=run is None, acting=bool(page.acting_for))
    alarm = alarm_words().alarm_in(details.text)
    if details.way == "video" and not page.signed_in:
        if alarm is None and not form.errors:
            return await _sign_in_first(page, session, form)
        if alarm is not None:
            form.errors["way"] = _("Choose a call. A video visit takes longer to arrange.")
    if form.errors:
        await session.rollback()  # the form was not taken, so its token stays good
        run = await _run(session, page, read_id(form.value("assessment")))
        return _show(page, run, as_typed(form.values, form.errors), alarm)
    return page.go(await _take(page, session, form, details, run))


@router.get("/sent/{case_id}", name="contact_sent", dependencies=[SURE_OF_RIGHT])
async def sent(page: PublicPage, session: Session, case_id: uuid.UUID) -> Response:
    """The receipt. It tells nothing about the matter, so that the address alone gives nothing away."""
    case, contact = await find_sent(session, case_id)
    code = read_cookie(page.request, page.settings, RETURN_CODE)
    fits = bool(code) and page.request.app.state.vault.lookup_return_code(code) == case.return_code_hash
    by_code = case.return_code_hash is not None and case.subject_id is None
    alarm = case.urgency in {"emergency", "immediate"}
    page.title = _("Sent")
    return page.show("contact/sent.html", SentPage(case, contact, alarm, grouped(code) if fits else "", by_code))


def _show(
    page: Page,
    run: AssessmentRun | None,
    typed: TypedContact,
    alarm: Alarm | None = None,
    *,
    saved: bool = False,
) -> Response:
    page.title = _("Ask us to contact you")
    needs = NeedsFields(typed.values, typed.errors, saved, can_remember(page.viewer))
    context = ContactPage(run, _topics(page), typed, needs, alarm)
    return page.show("contact/form.html", context, block="main", status=422 if typed.errors else 200)


async def _take(page: Page, session: Session, form: Form, details: ContactDetails, run: AssessmentRun | None) -> str:
    """Where to go on from what has now been sent."""
    viewer = await ensure_session(page, session)  # the receipt can be read in this browser
    code = None if viewer.signed_in else new_return_code(page.request.app.state.vault)
    code_hash = code.hash if code else None
    case = await send_contact_request(session, viewer, details, page.language, run, code_hash=code_hash)
    await _tidy(page, session, viewer, form, details, code)
    path = page.path("contact_sent", case_id=case.id)
    await remember_result(session, form.submission, path)
    return path


async def _tidy(
    page: Page, session: Session, viewer: Viewer, form: Form, details: ContactDetails, code: ReturnCode | None
) -> None:
    """What goes with the sending: the code is told, the needs are remembered where that was ticked."""
    if code is not None:
        await drop_typed_here(session, viewer.session_id)
        page.keep_cookie(RETURN_CODE, code.code, SIGN_IN_SECONDS)
    elif form.value("remember") and can_remember(viewer):
        await remember_needs(session, viewer, details.needs)


async def _sign_in_first(page: Page, session: Session, form: Form) -> Response:
    """Off to sign in, which a video visit needs; what was typed waits on the other side."""
    viewer, vault = await ensure_session(page, session), page.request.app.state.vault
    back = page.path("contact")
    await keep_before_sign_in(session, vault, viewer.session_id, back, form.values, await read_clock(session))
    return page.go(page.path("sign_in", {"next": back, "told": "video"}))


async def _typed_before(page: Page, session: Session) -> dict[str, tuple[str, ...]]:
    if page.viewer is None or page.signed_in:
        return {}
    vault, clock = page.request.app.state.vault, await read_clock(session)
    return dict(await typed_here(session, vault, page.viewer.session_id, page.path("contact"), clock))


async def _run(session: Session, page: Page, wanted: uuid.UUID | None) -> AssessmentRun | None:
    return await find_real_run(session, page.viewer, wanted) if wanted else None


def _topics(page: Page) -> Sequence[ContactTopic]:
    """What the reader may write about: all in own matters, what their right covers while acting for another."""
    viewer = page.viewer
    return [topic for topic in contact_topics() if viewer is None or viewer.can_act_in(topic.register)]
