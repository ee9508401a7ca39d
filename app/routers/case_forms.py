"""Forms that a professional asks the subject of a case to fill in: asking, and taking it back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.models import Case
from app.services.cases.queue import OpenedCase
from app.services.clock import read_clock
from app.services.errors import AlreadyDecided
from app.services.forms.case_forms import (
    LONGEST,
    Asking,
    CaseTask,
    NotAskable,
    WhyNot,
    ask_in_case,
    can_have_forms,
    due_days,
    forms_to_ask,
    open_task,
    read_asking,
    tasks_of_case,
    why_not,
    withdraw,
)
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.days import read_day
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/cases/{case_id}/forms")

FIELDS = ("form", "due")  # as they stand on the page
Handler = Annotated[Viewer, Depends(MayStaff("handle_cases"))]


@dataclass(frozen=True)
class AskedForms:
    """What was asked for in a case, as its page shows it. `handled`: the viewer may ask for more and take back."""

    tasks: Sequence[CaseTask]
    now: datetime
    handled: bool
    why_not: WhyNot


@dataclass(frozen=True)
class AskPage:
    """What can be asked for in a case, and by when."""

    asking: Asking
    choices: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class WithdrawPage:
    """What would be taken back. `late`: it was filled in while the form was open."""

    case_id: uuid.UUID
    asked: CaseTask
    late: bool


async def forms_asked(session: Session, staff: Viewer, opened: OpenedCase) -> AskedForms | None:
    """What was asked for in the case; None in a register in which residents fill in no forms."""
    if not can_have_forms(opened.case):
        return None
    return AskedForms(
        tasks=await tasks_of_case(session, opened.case.id),
        now=(await read_clock(session)).now,
        handled=opened.handled and staff.may("handle_cases", opened.case.register),
        why_not=why_not(opened.case, opened.subject),
    )


@router.get("", name="staff_form_ask")
async def choose(page: StaffDoor, session: Session, staff: Handler, case_id: uuid.UUID) -> Response:
    """Which form, and by when."""
    return await _show(page, session, staff, case_id)


@router.post("", name="staff_form_asked", dependencies=[limited("form")])
async def ask(page: StaffDoor, session: Session, staff: Handler, form: StaffSubmitted, case_id: uuid.UUID) -> Response:
    """Ask for it; the case's page then shows that it waits."""
    here = f"{page.path('staff_case', case_id=case_id)}#forms"
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    if not form.value("form"):
        form.errors["form"] = _("Choose a form")
    due_on = await _due_on(session, form) if form.value("due") else None
    try:
        if not form.errors:
            await ask_in_case(session, staff, case_id, form.value("form"), due_on)
    except NotAskable as refused:
        form.errors["form"] = _refusal(refused)
    except AlreadyDecided:  # the page tells why nothing can be asked for any more
        await session.rollback()
        return await _show(page, session, staff, case_id, form, status=409)
    if form.errors:
        await session.rollback()  # the form was not taken, so its token stays good
        return await _show(page, session, staff, case_id, form, status=422)
    await remember_result(session, form.submission, here)
    return page.go(here)


@router.get("/{task_id}/withdraw", name="staff_form_withdraw")
async def ask_withdraw(
    page: StaffDoor, session: Session, staff: Handler, case_id: uuid.UUID, task_id: uuid.UUID
) -> Response:
    """Whether it is really not needed any more."""
    return await _show_withdraw(page, session, staff, case_id, task_id)


@router.post("/{task_id}/withdraw", name="staff_form_withdrawn", dependencies=[limited("form")])
async def do_withdraw(
    page: StaffDoor,
    session: Session,
    staff: Handler,
    form: StaffSubmitted,  # noqa: ARG001 - checks the token; taking back twice is taking back once
    case_id: uuid.UUID,
    task_id: uuid.UUID,
) -> Response:
    """Take it back."""
    try:
        await withdraw(session, staff, case_id, task_id)
    except AlreadyDecided:
        return await _show_withdraw(page, session, staff, case_id, task_id, late=True)
    return page.go(f"{page.path('staff_case', case_id=case_id)}#forms")


async def _show(
    page: Page, session: Session, staff: Viewer, case_id: uuid.UUID, form: Form | None = None, *, status: int = 200
) -> Response:
    asking = await read_asking(session, staff, case_id)
    errors = form.errors if form else {}
    page.title = _("Ask for a form")
    page.own_path = page.path("staff_form_ask", case_id=case_id)
    context = AskPage(
        asking=asking,
        choices=() if asking.why_not else await _choices(page, session, asking.case),
        values={name: form.value(name) if form else "" for name in FIELDS},
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/form_ask.html", context, status=status)


async def _choices(page: Page, session: Session, case: Case) -> list[Choice]:
    """The forms by their names in the viewer's language, in their order."""
    forms = await forms_to_ask(session, case)
    return sorted((Choice(one.code, one.titles.to(page.language)) for one in forms), key=lambda one: one.text.lower())


async def _show_withdraw(
    page: Page, session: Session, staff: Viewer, case_id: uuid.UUID, task_id: uuid.UUID, *, late: bool = False
) -> Response:
    asked = await open_task(session, staff, case_id, task_id)
    page.title = _("Take back the request?")
    page.own_path = page.path("staff_form_withdraw", case_id=case_id, task_id=task_id)
    return page.show("staff/form_withdraw.html", WithdrawPage(case_id, asked, late), status=409 if late else 200)


async def _due_on(session: Session, form: Form) -> date | None:
    """The day in the field; what is wrong with it is in `form.errors`."""
    first, last = due_days(await read_clock(session))
    day = read_day(form.value("due"))
    if day is None:
        form.errors["due"] = _("Write the day like this: 8.12.2026")
    elif day < first:
        form.errors["due"] = _("Choose today or a later day")
    elif day > last:
        form.errors["due"] = _("Give at most %(days)s days to answer") % {"days": LONGEST.days}
    return day


def _refusal(refused: NotAskable) -> str:
    if refused.gone:
        return _("This form can't be asked for any more. Choose another.")
    return _("This form has been asked for already, and it waits to be filled in. Choose another.")
