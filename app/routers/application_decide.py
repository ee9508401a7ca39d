"""The decision on an application at the staff's desk: written, looked at as the applicant will read it, made once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from app.routers.application_desk import Decider, show_application
from app.services.applications.decide import DraftRefused, Fault, decide, preview
from app.services.applications.desk import DeskApplication, read_at_desk
from app.services.applications.document import Document, Draft, law_words, places_of
from app.services.applications.words import application_kind, application_words
from app.services.clock import read_clock
from app.services.errors import AlreadyDecided
from app.services.submissions import first_result, remember_result
from app.web.access import Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.days import read_day, write_day
from app.web.forms import Form
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/cases/{case_id}/application")

DECIDED_LENGTH, REASONS_LENGTH = 4000, 8000
# As they stand on the page.
FIELDS = ("outcome", "decided", "valid_from", "valid_to", "reasons", "law")
FAULTS: Mapping[Fault, tuple[str, str]] = {
    "outcome": ("outcome", N_("Choose the decision")),
    "decided": ("decided", N_("Write what is decided")),
    "reasons": ("reasons", N_("Write the reasons: what is not granted as applied for is always reasoned")),
    "law": ("law", N_("Choose at least one act that was applied")),
    "valid_from": ("valid_from", N_("Write from which day the decision is valid")),
    "valid_order": ("valid_to", N_("The last day is before the first. Check the days.")),
}


@dataclass(frozen=True)
class DecidePage:
    """The form of a decision. `waits_until`: the applicant has still time to answer until then."""

    desk: DeskApplication
    outcomes: Sequence[Choice]
    laws: Sequence[Choice]
    waits_until: date | None
    values: Mapping[str, str]
    ticked: Sequence[str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class CheckPage:
    """The decision as the applicant will read it, before it is made. `sent`: what the form holds, to send again."""

    desk: DeskApplication
    document: Document
    waits_until: date | None
    sent: Sequence[tuple[str, str]]


@router.get("/decide", name="staff_application_decide")
async def begin(page: StaffDoor, session: Session, staff: Decider, case_id: uuid.UUID) -> Response:
    """The form of the decision; one that is over leads to its page."""
    desk = await read_at_desk(session, staff, case_id)
    if not desk.opened.under_way:
        return page.go(page.path("staff_application", case_id=case_id))
    return await _show_form(page, session, desk, None)


@router.post("/decide", name="staff_application_check", dependencies=[limited("form")])
async def check(
    page: StaffDoor, session: Session, staff: Decider, form: StaffSubmitted, case_id: uuid.UUID
) -> Response:
    """The decision as the applicant will read it; or the form again, where something is missing or to be changed."""
    desk = await read_at_desk(session, staff, case_id)
    draft = _draft(form, desk)
    if form.errors or form.value("change"):
        return await _show_form(page, session, desk, form)
    try:
        document = await preview(session, staff, case_id, draft)
    except AlreadyDecided:
        return await show_application(page, session, staff, case_id, late=True)
    except DraftRefused as refused:
        _add_errors(form, refused)
        return await _show_form(page, session, desk, form)
    page.title = _("Check the decision")
    page.own_path = page.path("staff_application_decide", case_id=case_id)
    sent = [(name, value) for name in FIELDS for value in form.many(name)]
    return page.show("staff/application_check.html", CheckPage(desk, document, _waits_until(desk, page), sent))


@router.post("/decision", name="staff_application_decided", dependencies=[limited("form")])
async def make(page: StaffDoor, session: Session, staff: Decider, form: StaffSubmitted, case_id: uuid.UUID) -> Response:
    """Make the decision. Pressed twice it is the same decision; of two who decide, the second is told of the first."""
    here = page.path("staff_application", case_id=case_id)
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    desk = await read_at_desk(session, staff, case_id)
    draft = _draft(form, desk)
    try:
        _refuse_unread(form)
        await decide(session, staff, case_id, draft)
    except AlreadyDecided:
        await session.rollback()  # the form was not taken, so its token stays good
        return await show_application(page, session, staff, case_id, late=True)
    except DraftRefused as refused:
        await session.rollback()
        _add_errors(form, refused)
        return await _show_form(page, session, await read_at_desk(session, staff, case_id), form)
    await remember_result(session, form.submission, here)
    return page.go(here)


async def _show_form(page: Page, session: Session, desk: DeskApplication, form: Form | None) -> Response:
    errors = form.errors if form else {}
    clock, words = await read_clock(session), application_words()
    page.title = _("Decision on the application")
    page.own_path = page.path("staff_application_decide", case_id=desk.case.id)
    blank = dict.fromkeys(FIELDS, "") | {"valid_from": write_day(clock.today)}
    context = DecidePage(
        desk=desk,
        outcomes=[Choice(one.code, one.names.to(page.language)) for one in words.decisions],
        laws=_laws(page, desk),
        waits_until=_waits_until(desk, page),
        values={name: form.value(name) for name in FIELDS} if form else blank,
        ticked=form.many("law") if form else (),
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/application_decide.html", context, status=422 if errors else 200)


def _laws(page: Page, desk: DeskApplication) -> list[Choice]:
    laws = application_kind(desk.opened.application.kind).law
    return [Choice(str(place), law_words(law, page.language)) for place, law in enumerate(laws)]


def _waits_until(desk: DeskApplication, page: Page) -> date | None:
    """The last day on which the applicant still has time to answer; None where nothing is waited for."""
    days = [one.answer_by for one in desk.opened.waiting if one.answer_by >= page.clock.today]
    return max(days, default=None)


def _draft(form: Form, desk: DeskApplication) -> Draft:
    """The decision in a form. What can't be read is in `form.errors`; what is missing, the service says."""
    too_long = {
        "decided": _("Shorten the text to at most 4,000 characters"),
        "reasons": _("Shorten the text to at most 8,000 characters"),
    }
    return Draft(
        outcome=form.value("outcome"),
        decided=form.text("decided", longest=DECIDED_LENGTH, too_long=too_long["decided"]),
        reasons=form.text("reasons", longest=REASONS_LENGTH, too_long=too_long["reasons"]),
        law=places_of(form.many("law"), desk.opened.application.kind),
        valid_from=_day(form, "valid_from"),
        valid_to=_day(form, "valid_to"),
    )


def _day(form: Form, name: str) -> date | None:
    """A day that may be left out."""
    day = read_day(form.value(name))
    if day is None and form.value(name):
        form.errors[name] = _("Write the day like this: 8.12.2026")
    return day


def _refuse_unread(form: Form) -> None:
    """Raises DraftRefused where something in the form could not be read: left out, it would be another decision."""
    if form.errors:
        raise DraftRefused(())


def _add_errors(form: Form, refused: DraftRefused) -> None:
    for fault in refused.faults:
        field, message = FAULTS[fault]
        form.errors.setdefault(field, _(message))
