"""The staff side of requests for correction: what waits, and the decision."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.services.errors import AlreadyDecided
from app.services.own_data.correction_requests import answered_by
from app.services.own_data.decide_corrections import (
    CorrectionLine,
    Decision,
    complaint_words,
    decide_correction,
    list_corrections,
    read_correction,
)
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/corrections")

REASONS_LENGTH = 4000
FIELDS = ("decision", "reasons")  # as they stand on the page
DECISIONS: Mapping[str, Decision] = {"corrected": "corrected", "refused": "refused"}
Decider = Annotated[Viewer, Depends(MayStaff("decide_corrections"))]


@dataclass(frozen=True)
class CorrectionsPage:
    """The requests, those that wait first; `due`: the day by which each is answered, in the same order."""

    lines: Sequence[CorrectionLine]
    due: Sequence[date]


@dataclass(frozen=True)
class CorrectionPage:
    """One request with its form, or with the decision that stands. `complaint` is what a refusal adds for the
    resident; `late`: somebody else decided while this form was open."""

    line: CorrectionLine
    due: date
    complaint: str
    late: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="staff_corrections")
async def corrections(page: StaffDoor, session: Session, staff: Decider) -> Response:
    """Requests in the registers where the viewer decides."""
    page.title = _("Requests for correction")
    lines = await list_corrections(session, staff)
    context = CorrectionsPage(lines, [answered_by(line.request) for line in lines])
    return page.show("staff/corrections.html", context, block="main")


@router.get("/{request_id}", name="staff_correction")
async def correction(page: StaffDoor, session: Session, staff: Decider, request_id: uuid.UUID) -> Response:
    """One request."""
    return await _show(page, session, staff, request_id)


@router.post("/{request_id}", name="staff_correction_decide")
async def decide(
    page: StaffDoor, session: Session, staff: Decider, form: StaffSubmitted, request_id: uuid.UUID
) -> Response:
    """Decide: the resident gets the decision and a notice that it is there."""
    decision = DECISIONS.get(form.value("decision"))
    reasons = form.text(
        "reasons",
        longest=REASONS_LENGTH,
        required=_("Write the reasons for the resident") if decision == "refused" else "",
        too_long=_("Shorten the text to at most 4,000 characters"),
    )
    if decision is None:
        form.errors["decision"] = _("Choose the decision")
    if decision is None or form.errors:
        return await _show(page, session, staff, request_id, form)
    try:
        await decide_correction(session, staff, request_id, decision, reasons)
    except AlreadyDecided:
        return await _show(page, session, staff, request_id, late=True)
    return page.go(page.path("staff_correction", request_id=request_id))


async def _show(
    page: Page, session: Session, staff: Viewer, request_id: uuid.UUID, form: Form | None = None, *, late: bool = False
) -> Response:
    line = await read_correction(session, staff, request_id)
    errors = form.errors if form else {}
    page.title = _("Request for correction %(reference)s") % {"reference": line.request.reference}
    page.own_path = page.path("staff_correction", request_id=request_id)
    context = CorrectionPage(
        line=line,
        due=answered_by(line.request),
        complaint=complaint_words().to(page.language),
        late=late,
        values={name: form.value(name) if form else "" for name in FIELDS},
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/correction.html", context, status=409 if late else 422 if errors else 200)
