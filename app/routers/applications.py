"""A resident's applications: how far each is, answering what is asked, withdrawing, and the decision to keep."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.clock import Clock
from app.models import Application, Case, InformationRequest
from app.services.applications.document import Document
from app.services.applications.give_more import give_more
from app.services.applications.read import (
    OpenedApplication,
    OpenedDecision,
    list_applications,
    open_application,
    open_decision,
)
from app.services.applications.withdraw import withdraw
from app.services.county_rules import alarm_words
from app.services.errors import AlreadyDecided, NotFound
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import PublicPage, Resident, Session, Submitted
from app.web.applications_view import Standing, Told, standing, state_name, steps_told
from app.web.components import FieldError
from app.web.forms import Form
from app.web.forms_view.pdf import pdf_of
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/applications")

ANSWER_LENGTH = 4000


@dataclass(frozen=True)
class Line:
    """An application in the list; `state`: its name."""

    application: Application
    case: Case
    state: str


@dataclass(frozen=True)
class ApplicationsPage:
    lines: Sequence[Line]


@dataclass(frozen=True)
class ApplicationPage:
    """One application. `answered`: what was asked and is answered; `late`: it was over, or answered in another tab,
    when the form came. `answering`: to which question the form was, with its `value` and what is wrong in it."""

    opened: OpenedApplication
    now: Standing
    steps: Sequence[Told]
    answered: Sequence[InformationRequest]
    late: bool
    answering: uuid.UUID | None
    value: str
    error: str | None
    summary: Sequence[FieldError]
    alarm: Alarm | None


@dataclass(frozen=True)
class WithdrawPage:
    opened: OpenedApplication


@dataclass(frozen=True)
class DecisionPage:
    """The decision as it was made, and by when its review is asked for."""

    opened: OpenedDecision
    document: Document
    opened_on: date


@router.get("", name="my_applications")
async def show_all(page: PublicPage, session: Session, resident: Resident) -> Response:
    """All applications that the reader may see."""
    found = await list_applications(session, resident)
    page.title = _("Applications and decisions")
    lines = [Line(one, case, state_name(one.state, page.language)) for one, case in found]
    return page.show("my/applications.html", ApplicationsPage(lines))


@router.get("/{case_id}", name="my_application")
async def show(page: PublicPage, session: Session, resident: Resident, case_id: uuid.UUID) -> Response:
    """How far one is, and what waits for the reader."""
    return await _show(page, session, resident, case_id)


@router.post("/{case_id}/answer/{request_id}", name="my_application_answer", dependencies=[limited("form")])
async def answer(
    page: PublicPage, session: Session, resident: Resident, form: Submitted, case_id: uuid.UUID, request_id: uuid.UUID
) -> Response:
    """Answer what was asked."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    text = form.text(
        "answer",
        longest=ANSWER_LENGTH,
        required=_("Write your answer"),
        too_long=_("Shorten the text to at most 4,000 characters"),
    )
    if form.errors:
        await session.rollback()  # the form was not taken, so its token stays good
        return await _show(page, session, resident, case_id, form, request_id=request_id)
    try:
        await give_more(session, resident, case_id, request_id, text)
    except AlreadyDecided:
        await session.rollback()
        return await _show(page, session, resident, case_id, form, request_id=request_id, late=True)
    path = page.path("my_application", case_id=case_id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.get("/{case_id}/withdraw", name="my_application_withdraw")
async def ask_withdraw(page: PublicPage, session: Session, resident: Resident, case_id: uuid.UUID) -> Response:
    """Whether the application is really to be taken back; one that is over leads to its page."""
    opened = await open_application(session, resident, case_id)
    if not opened.under_way:
        return page.go(page.path("my_application", case_id=case_id))
    page.title = _("Withdraw the application?")
    return page.show("my/application_withdraw.html", WithdrawPage(opened))


@router.post("/{case_id}/withdraw", name="my_application_withdrawn", dependencies=[limited("form")])
async def do_withdraw(
    page: PublicPage,
    session: Session,
    resident: Resident,
    form: Submitted,  # noqa: ARG001 - checks the token; withdrawing twice is withdrawing once
    case_id: uuid.UUID,
) -> Response:
    """Take it back."""
    try:
        await withdraw(session, resident, case_id)
    except AlreadyDecided:
        return await _show(page, session, resident, case_id, late=True)
    return page.go(page.path("my_application", case_id=case_id))


@router.get("/{case_id}/decision", name="my_decision")
async def decision(page: PublicPage, session: Session, resident: Resident, case_id: uuid.UUID) -> Response:
    """The decision."""
    return page.show("my/decision.html", await _decision_page(page, session, resident, case_id))


@router.get("/{case_id}/decision/print", name="my_decision_print")
async def decision_print(page: PublicPage, session: Session, resident: Resident, case_id: uuid.UUID) -> Response:
    """The same on a page for the printer."""
    return page.show("my/decision_print.html", await _decision_page(page, session, resident, case_id))


@router.get("/{case_id}/decision/pdf", name="my_decision_pdf")
async def decision_pdf(page: PublicPage, session: Session, resident: Resident, case_id: uuid.UUID) -> Response:
    """The same as a file to keep."""
    context = await _decision_page(page, session, resident, case_id)
    return await pdf_of(page, "my/decision_print.html", context, context.opened.decision.reference)


async def _show(
    page: Page,
    session: Session,
    resident: Viewer,
    case_id: uuid.UUID,
    form: Form | None = None,
    *,
    request_id: uuid.UUID | None = None,
    late: bool = False,
) -> Response:
    opened = await open_application(session, resident, case_id)
    if request_id is not None and not late and request_id not in {one.id for one in opened.waiting}:
        raise NotFound
    errors = form.errors if form else {}
    page.title = opened.case.titles.to(page.language)
    page.own_path = page.path("my_application", case_id=case_id)
    answered = [one for one in opened.requests if one.answered_at is not None]
    context = ApplicationPage(
        opened=opened,
        now=standing(opened, page.language, page.acting_for),
        steps=steps_told(opened.steps, page.language),
        answered=answered,
        late=late,
        answering=request_id,
        value=form.value("answer") if form else "",
        error=errors.get("answer"),
        summary=[FieldError(f"answer-{request_id}", message) for message in errors.values()],
        alarm=alarm_words().alarm_in(form.value("answer") if form else _last_answer(opened, answered)),
    )
    return page.show("my/application.html", context, status=409 if late else 422 if errors else 200)


def _last_answer(opened: OpenedApplication, answered: Sequence[InformationRequest]) -> str:
    """What was answered last, while somebody has still to read it: alarming words show whom to call."""
    return max(answered, key=lambda one: str(one.answered_at)).answer if answered and opened.under_way else ""


async def _decision_page(page: Page, session: Session, resident: Viewer, case_id: uuid.UUID) -> DecisionPage:
    opened = await open_decision(session, resident, case_id)
    page.title = opened.document.title
    read_at = opened.decision.read_at or page.clock.now
    return DecisionPage(opened, opened.document, Clock(read_at).today)
