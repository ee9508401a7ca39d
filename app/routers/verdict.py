"""A professional's verdict on a minor's capacity to decide, in one case."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.clock import full_years
from app.models import Case, Person
from app.services.acting.capacity_verdicts import GivenVerdict, give_verdict, newest_verdict, read_judged, verdicts
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/cases/{case_id}/verdict")

GROUNDS_LENGTH = 2000
FIELDS = ("verdict", "grounds")  # as they stand on the page
Judge = Annotated[Viewer, Depends(MayStaff("give_verdict"))]


@dataclass(frozen=True)
class VerdictPage:
    """The form, with the verdict that holds now (None before the first one)."""

    case: Case
    subject: Person
    age: int
    current: GivenVerdict | None
    choices: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="staff_verdict")
async def ask(page: StaffDoor, session: Session, staff: Judge, case_id: uuid.UUID) -> Response:
    """The form."""
    return await _show(page, session, staff, case_id)


@router.post("", name="staff_verdict_give")
async def give(page: StaffDoor, session: Session, staff: Judge, form: StaffSubmitted, case_id: uuid.UUID) -> Response:
    """Give the verdict; the case's page then shows it."""
    code = form.value("verdict")
    if verdicts().get(code) is None:
        form.errors["verdict"] = _("Choose what you have assessed")
    grounds = form.text(
        "grounds",
        longest=GROUNDS_LENGTH,
        required=_("Write what your assessment is based on"),
        too_long=_("Shorten the text to at most 2,000 characters"),
    )
    if form.errors:
        return await _show(page, session, staff, case_id, form)
    here = page.path("staff_case", case_id=case_id)
    earlier = await first_result(session, form.submission)
    if earlier is None:
        await give_verdict(session, staff, case_id, code, grounds)
        await remember_result(session, form.submission, here)
    return page.go(here)


async def _show(page: Page, session: Session, staff: Viewer, case_id: uuid.UUID, form: Form | None = None) -> Response:
    case, subject = await read_judged(session, staff, case_id)
    assert subject.birth_date is not None  # noqa: S101 - else nobody knows that they are a minor
    errors = form.errors if form else {}
    page.title = _("Can the minor decide on this matter?")
    page.own_path = page.path("staff_verdict", case_id=case_id)
    context = VerdictPage(
        case=case,
        subject=subject,
        age=full_years(subject.birth_date, page.clock.today),
        current=await newest_verdict(session, case_id),
        choices=[Choice(row.code, row.names.to(page.language)) for row in verdicts().rows],
        values={name: form.value(name) if form else "" for name in FIELDS},
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/verdict.html", context, status=422 if errors else 200)
