"""Opening a case of another unit for a coded reason."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.services.cases.special_access import find_closed_case, open_with_reason, special_reasons
from app.services.cases.unit_names import unit_names
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/cases/{case_id}")

WORDS_LENGTH = 500
FIELDS = ("reason", "words", "unit")  # as they stand on the page
Opener = Annotated[Viewer, Depends(MayStaff("open_with_reason"))]


@dataclass(frozen=True)
class ReasonPage:
    """The form. `units`: to choose from where the viewer works in several; `minutes`: how long the case stays open."""

    case_id: uuid.UUID
    reasons: Sequence[Choice]
    units: Sequence[Choice]
    minutes: int
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.post("/reason", name="staff_case_reason")
async def give_reason(
    page: StaffDoor, session: Session, staff: Opener, form: StaffSubmitted, case_id: uuid.UUID
) -> Response:
    """Take the reason: the case opens for a while, and the supervisor is told."""
    await find_closed_case(session, staff, case_id)
    unit = _check(form, staff)
    if form.errors:
        return await show_reason_form(page, session, staff, case_id, form)
    here = page.path("staff_case", case_id=case_id)
    earlier = await first_result(session, form.submission)
    if earlier is None:
        reason, words = form.value("reason"), form.value("words")
        await open_with_reason(session, staff, case_id, reason=reason, words=words, unit=unit)
        await remember_result(session, form.submission, here)
    return page.go(here)


async def show_reason_form(
    page: Page, session: AsyncSession, staff: Viewer, case_id: uuid.UUID, form: Form | None = None
) -> Response:
    """The form in place of a case that `staff` doesn't handle: 403, or 422 for what was wrong in it."""
    names = await unit_names(session)
    errors = form.errors if form else {}
    page.title = _("This case is handled by another unit")
    page.own_path = page.path("staff_case", case_id=case_id)
    context = ReasonPage(
        case_id=case_id,
        reasons=[Choice(row.code, row.names.to(page.language)) for row in special_reasons().rows],
        units=[Choice(code, names[code].to(page.language)) for code in staff.units if code in names],
        minutes=special_reasons().open_minutes,
        values={name: form.value(name) if form else "" for name in FIELDS},
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/reason.html", context, status=422 if errors else 403)


def _check(form: Form, staff: Viewer) -> str:
    """The unit whose supervisor is told: the only one, or the chosen one. What is wrong is in `form.errors`."""
    words = form.text("words", longest=WORDS_LENGTH, too_long=_("Shorten the text to at most 500 characters"))
    faults = special_reasons().faults_of(form.value("reason"), words)
    if "unknown_reason" in faults:
        form.errors["reason"] = _("Choose the reason")
    if "text_missing" in faults:
        form.errors["words"] = _("Write in a few words why you open the case")
    unit = form.value("unit") if len(staff.units) > 1 else staff.units[0]
    if unit not in staff.units:
        form.errors["unit"] = _("Choose the unit in which you work now")
    return unit
