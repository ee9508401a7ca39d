"""Requests for correction: what is wrong in my data, and what was decided about it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.clock import HELSINKI
from app.domain.text import Text
from app.models import Case, CorrectionRequest
from app.services.county_rules import alarm_words
from app.services.own_data.correction_requests import (
    Wrong,
    answered_by,
    find_correction,
    own_cases,
    own_corrections,
    send_correction,
)
from app.services.own_data.decide_corrections import complaint_words
from app.services.submissions import first_result, remember_result
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.components import Choice, FieldError
from app.web.forms import Form
from app.web.i18n import format_day
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/corrections")

LONGEST = 2000
FIELDS = ("register", "case", "wrong", "right")  # as they stand on the page
REGISTERS = ("patient", "social")


@dataclass(frozen=True)
class FormPage:
    """What was typed, and what is to be mended in it. `matters`: what it may be about."""

    matters: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    alarm: Alarm | None


@dataclass(frozen=True)
class RequestPage:
    """A request: by when it is decided, or how it was; `complaint`: what to do about a refusal."""

    request: CorrectionRequest
    by: date
    complaint: Text
    alarm: Alarm | None


@router.get("", name="own_corrections")
async def show_all(page: PublicPage, session: Session, own: Own) -> Response:
    """All requests."""
    page.title = _("Requests for correction")
    return page.show("my/corrections.html", requests=await own_corrections(session, own))


@router.get("/new", name="own_correction_new")
async def ask(page: PublicPage, session: Session, own: Own) -> Response:
    """The form."""
    page.title = _("Ask us to correct your data")
    return page.show(
        "my/correction_form.html", FormPage(_matters(page, await own_cases(session, own)), {}, {}, (), None)
    )


@router.post("", name="own_correction_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Send it: a receipt with a reference comes at once."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    cases = await own_cases(session, own)
    wrong, matters = _wrong(form, cases), _matters(page, cases)
    if form.errors:
        page.title = _("Ask us to correct your data")
        page.own_path = page.path("own_correction_new")
        values = {name: form.value(name) for name in FIELDS}
        summary = [FieldError(name, form.errors[name]) for name in FIELDS if name in form.errors]
        await session.rollback()  # the form was not taken, so its token stays good
        context = FormPage(matters, values, form.errors, summary, _alarm(wrong.wrong, wrong.right))
        return page.show("my/correction_form.html", context, block="main", status=422)
    request = await send_correction(session, own, wrong, page.language)
    path = page.path("own_correction", request_id=request.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.get("/{request_id}", name="own_correction")
async def show(page: PublicPage, session: Session, own: Own, request_id: uuid.UUID) -> Response:
    """The receipt, and later the decision."""
    request = await find_correction(session, own, request_id)
    page.title = _("Request for correction %(reference)s") % {"reference": request.reference}
    alarm = _alarm(request.wrong, request.right) if request.state == "open" else None
    return page.show("my/correction.html", RequestPage(request, answered_by(request), complaint_words(), alarm))


def _alarm(*texts: str) -> Alarm | None:
    return alarm_words().alarm_in("\n".join(texts))


def _matters(page: Page, cases: Sequence[Case]) -> Sequence[Choice]:
    """The reader's own matters, each with its day and register; none to choose from where there are none."""
    words = {"patient": _("Health"), "social": _("Social welfare")}
    named = [
        Choice(str(one.id), f"{one.titles.to(page.language)}, {_day_of(one)}, {words[one.register]}") for one in cases
    ]
    return [Choice("", _("Something else")), *named] if named else []


def _day_of(case: Case) -> str:
    return format_day(case.arrived_at.astimezone(HELSINKI).date())


def _wrong(form: Form, cases: Sequence[Case]) -> Wrong:
    too_long = _("Shorten the text to at most 2,000 characters")
    register = form.value("register")
    if register not in REGISTERS:
        form.errors["register"] = _("Choose which data it is about")
    case = next((one for one in cases if str(one.id) == form.value("case")), None)
    if case and register in REGISTERS and case.register != register:
        form.errors["case"] = _(
            "This matter is in the other register. Choose another matter, or change what you chose above"
        )
    return Wrong(
        register=register,
        wrong=form.text("wrong", longest=LONGEST, required=_("Write what is wrong"), too_long=too_long),
        right=form.text("right", longest=LONGEST, required=_("Write how it should be"), too_long=too_long),
        case_id=case.id if case else None,
    )
