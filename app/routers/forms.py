"""The forms there are, beginning to fill one, and the receipt of what was sent."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.clock import HELSINKI
from app.models import Case, FormResponse, FormTask, Questionnaire
from app.services.errors import NotFound
from app.services.forms.concerns import Concern, concern_of
from app.services.forms.drafts import CONCERN, SignInFirst, start_draft, unfinished
from app.services.forms.earlier import begin_with, latest_sent
from app.services.forms.form_tasks import find_task
from app.services.forms.library import current_version, list_forms, read_version
from app.services.forms.sent import open_sent
from app.services.forms.waiting_forms import purpose_of
from app.web.access import (
    SURE_OF_RIGHT,
    Code,
    PublicPage,
    Session,
    SignInNeeded,
    StepUpNeeded,
    Submitted,
    ensure_session,
)
from app.web.errors import show_trouble
from app.web.forms import LenientId, LenientText, read_id
from app.web.forms_view.waiting import due_words, purpose_words
from app.web.i18n import gettext as _
from app.web.limits import hold_back, limited, own_key
from app.web.page import Page
from app.web.receipts import RECEIPT_GONE, open_receipt

router = APIRouter(prefix="/{lang}/forms")

KINDS = ("pre_visit", "application", "concern", "outcome", "other")


@dataclass(frozen=True)
class Group:
    """The forms of one kind, under its title."""

    kind: str
    title: str
    forms: Sequence[Questionnaire]


@dataclass(frozen=True)
class FormsPage:
    groups: Sequence[Group]


@dataclass(frozen=True)
class IntroPage:
    """What the form is, before it is begun. `described`: the form itself says how long it takes; `unfinished`: a draft
    that was left half-way; `must_sign_in`: it is filled in only by somebody who has signed in; `asked`: who asks for it
    and for what; `concern`: what stands before a notice of concern; `earlier`: a form sent before, with whose answers
    this one may be begun, and on which day."""

    form: Questionnaire
    description: str
    described: bool
    minutes: int
    unfinished: FormResponse | None
    must_sign_in: bool
    task: FormTask | None
    asked: str
    concern: Concern | None
    earlier: FormResponse | None
    earlier_on: date | None


@dataclass(frozen=True)
class ReceiptPage:
    """That it arrived, when, and the reference to say on the phone. `response_id`: where the sender reads it again,
    None where nobody can; `due_at`: by when somebody looks at it; `concern` as on the first page, `sender` as whom it
    was made; `told`: ”already” where somebody went on with what had been sent, ”files” where files came along."""

    title: str
    reference: str
    arrived_at: datetime
    due_at: datetime | None
    urgent: bool
    kind: str
    response_id: uuid.UUID | None
    concern: Concern | None
    sender: str = ""
    told: str = ""


@router.get("", name="forms")
async def show_all(page: PublicPage, session: Session) -> Response:
    """The forms that can be filled in here, by kind."""
    forms = await list_forms(session)
    titles = {
        "pre_visit": _("Before a visit"),
        "application": _("Applications"),
        "concern": _("When you are worried about somebody"),
        "outcome": _("After treatment"),
        "other": _("Other forms"),
    }
    groups = [Group(kind, titles[kind], [form for form in forms if form.kind == kind]) for kind in KINDS]
    page.title = _("Fill a form")
    return page.show("forms/list.html", FormsPage([group for group in groups if group.forms]))


@router.get("/received", name="form_received")
async def received(page: PublicPage, session: Session) -> Response:
    """The receipt of a notice of concern, for a quarter of an hour in the browser that sent it; then that it is not
    shown any more."""
    told = open_receipt(page)
    if told is None:
        return show_trouble(page.request, RECEIPT_GONE)
    concern = concern_of(told.code)
    page.title = concern.after["title"].to(page.language) if concern else _("Sent")
    context = ReceiptPage(
        title=await _title_of(page, session, told.code),
        reference=told.reference,
        arrived_at=told.arrived_at,
        due_at=None,
        urgent=told.urgent,
        kind=CONCERN,
        response_id=None,
        concern=concern,
        sender=told.sender,
    )
    response = page.show("forms/sent.html", context)
    response.headers["Cache-Control"] = "no-store"  # also where the browser's session has gone meanwhile
    return response


@router.get("/sent/{response_id}", name="form_sent", dependencies=[SURE_OF_RIGHT])
async def sent(page: PublicPage, session: Session, response_id: uuid.UUID, told: LenientText = "") -> Response:
    """The receipt of a form."""
    found = await open_sent(session, page.viewer, response_id)
    page.title = _("Sent")
    return page.show("forms/sent.html", _receipt(page, found.response, found.case, told))


@router.get("/{code}", name="form_intro", dependencies=[SURE_OF_RIGHT])
async def introduce(page: PublicPage, session: Session, code: Code, task: LenientId = None) -> Response:
    """What the form is for, and going on with one that was left half-way."""
    form = await current_version(session, code)
    read = await read_version(session, form.id)
    asked = await find_task(session, page.viewer, form, task) if task and page.viewer else None
    earlier = await latest_sent(session, page.viewer, form)
    page.title = form.titles.to(page.language)
    context = IntroPage(
        form=form,
        description=read.form.description.to(page.language) or form.summaries.to(page.language),
        described=bool(read.form.description.values),
        minutes=read.form.minutes,
        # Nobody who opens the page after them learns that somebody began a notice.
        unfinished=None if form.kind == CONCERN else await unfinished(session, page.viewer, code),
        must_sign_in=form.who == "signed_in" and not page.signed_in,
        task=asked,
        asked=await _asked_words(page, session, asked) if asked else "",
        concern=concern_of(code) if form.kind == CONCERN else None,
        earlier=earlier,
        earlier_on=earlier.sent_at.astimezone(HELSINKI).date() if earlier and earlier.sent_at else None,
    )
    return page.show("forms/intro.html", context)


@router.post("/{code}", name="form_start", dependencies=[limited("form")])
async def start(page: PublicPage, session: Session, code: Code, form: Submitted) -> Response:
    """Begin: nothing is kept before this. Whoever must sign in first comes back to the form's first page."""
    wanted = await current_version(session, code)
    if not page.signed_in:
        await hold_back(page.request, session, "draft", *own_key(page))
    viewer = await ensure_session(page, session)
    if viewer.person_id is not None and not viewer.is_sure:
        raise StepUpNeeded
    task_id = read_id(form.value("task"))
    task = await find_task(session, viewer, wanted, task_id) if task_id and viewer.person_id else None
    sent_id = read_id(form.value("earlier"))
    try:
        earlier = await begin_with(session, viewer, wanted, sent_id) if sent_id else None
        draft = await start_draft(session, viewer, wanted, page.language, task, earlier)
    except SignInFirst:
        raise SignInNeeded("resident") from None
    return page.go(page.path("form_resume", response_id=draft.id))


async def _asked_words(page: Page, session: Session, task: FormTask) -> str:
    """Who asks for the form, for what, and by when."""
    purpose = purpose_words(await purpose_of(session, task), page.language)
    return f"{purpose} {due_words(task)}." if purpose else ""


async def _title_of(page: Page, session: Session, code: str) -> str:
    """The form's name; that of what it became where nobody can begin the form any more."""
    try:
        return (await current_version(session, code)).titles.to(page.language)
    except NotFound:
        concern = concern_of(code)
        return concern.queue_title.to(page.language) if concern else ""


def _receipt(page: Page, response: FormResponse, case: Case, told: str) -> ReceiptPage:
    return ReceiptPage(
        title=response.titles.to(page.language),
        reference=case.reference,
        arrived_at=response.sent_at or response.changed_at,
        due_at=case.due_at,
        urgent=case.urgency in {"emergency", "immediate"},
        kind=case.kind,
        response_id=response.id if page.signed_in else None,
        concern=None,
        told=told,
    )
