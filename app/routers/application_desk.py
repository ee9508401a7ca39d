"""Applications at the staff's desk: read, taken into handling, more asked."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.services.applications.ask_more import LONGEST, SHORTEST, USUAL, answer_times, ask_for_more
from app.services.applications.desk import DeskApplication, read_at_desk
from app.services.applications.document import Document
from app.services.applications.take import take_into_handling
from app.services.clock import read_clock
from app.services.errors import AlreadyDecided
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.applications_view import Told, state_name, steps_told
from app.web.components import FieldError
from app.web.days import read_day, write_day
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/cases/{case_id}/application")

QUESTION_LENGTH = 2000
ASK_FIELDS = ("question", "answer_by")
Decider = Annotated[Viewer, Depends(MayStaff("decide_applications"))]


@dataclass(frozen=True)
class DeskPage:
    """An application with what was asked and answered. `late`: it was over when the form came."""

    desk: DeskApplication
    state: str
    steps: Sequence[Told]
    document: Document | None
    late: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="staff_application")
async def show(page: StaffDoor, session: Session, staff: Decider, case_id: uuid.UUID) -> Response:
    """One application; the reading is audited."""
    return await show_application(page, session, staff, case_id)


@router.post("/take", name="staff_application_take", dependencies=[limited("form")])
async def take(
    page: StaffDoor,
    session: Session,
    staff: Decider,
    form: StaffSubmitted,  # noqa: ARG001 - checks the token; taking twice is taking once
    case_id: uuid.UUID,
) -> Response:
    """Take it into handling."""
    try:
        await take_into_handling(session, staff, case_id)
    except AlreadyDecided:
        return await show_application(page, session, staff, case_id, late=True)
    return page.go(page.path("staff_application", case_id=case_id))


@router.post("/ask", name="staff_application_ask", dependencies=[limited("form")])
async def ask(page: StaffDoor, session: Session, staff: Decider, form: StaffSubmitted, case_id: uuid.UUID) -> Response:
    """Ask the applicant for more."""
    here = page.path("staff_application", case_id=case_id)
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    question = form.text(
        "question",
        longest=QUESTION_LENGTH,
        required=_("Write what you need to know"),
        too_long=_("Shorten the text to at most 2,000 characters"),
    )
    answer_by = await _answer_by(session, form)
    if form.errors or answer_by is None:
        await session.rollback()  # the form was not taken, so its token stays good
        return await show_application(page, session, staff, case_id, form)
    try:
        await ask_for_more(session, staff, case_id, question, answer_by)
    except AlreadyDecided:
        await session.rollback()
        return await show_application(page, session, staff, case_id, form, late=True)
    await remember_result(session, form.submission, here)
    return page.go(here)


async def show_application(
    page: Page, session: Session, staff: Viewer, case_id: uuid.UUID, form: Form | None = None, *, late: bool = False
) -> Response:
    """The page; `late`: the application was over when the form came, so that nothing of it was done."""
    desk = await read_at_desk(session, staff, case_id)
    errors = form.errors if form else {}
    clock = await read_clock(session)
    page.title = _("Application: %(title)s") % {"title": desk.case.titles.to(page.language)}
    page.own_path = page.path("staff_application", case_id=case_id)
    proposed = {"question": "", "answer_by": write_day(clock.today + USUAL)}
    context = DeskPage(
        desk=desk,
        state=state_name(desk.opened.application.state, page.language),
        steps=steps_told(desk.opened.steps, page.language),
        document=Document.from_data(desk.opened.decision.document) if desk.opened.decision else None,
        late=late,
        values={name: form.value(name) for name in ASK_FIELDS} if form else proposed,
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in ASK_FIELDS if name in errors],
    )
    return page.show("staff/application.html", context, status=409 if late else 422 if errors else 200)


async def _answer_by(session: Session, form: Form) -> date | None:
    """The day in the field; what is wrong with it is in `form.errors`."""
    first, last = answer_times(await read_clock(session))
    day = read_day(form.value("answer_by"))
    if day is None:
        form.errors["answer_by"] = _("Write the day like this: 8.12.2026")
    elif day < first:
        form.errors["answer_by"] = _("Give at least %(days)s days to answer") % {"days": SHORTEST.days}
    elif day > last:
        form.errors["answer_by"] = _("Give at most %(days)s days to answer") % {"days": LONGEST.days}
    return day
