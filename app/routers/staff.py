"""The staff desk: the queue, and one case opened."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.clock import full_years
from app.domain.urgency import Urgency
from app.integrations.omaolo.port import Result
from app.models import Attachment, FormResponse, Person
from app.routers.case_forms import AskedForms, forms_asked
from app.routers.special_access import show_reason_form
from app.services.acting.capacity_verdicts import GivenVerdict, can_judge, is_minor, newest_verdict
from app.services.assessing.answers import Answer, answers_of
from app.services.assessing.assess import RESULT
from app.services.booking.video_visit import VideoDoor, professional_doors
from app.services.cases.queue import OpenedCase, QueueRow, list_queue, open_case
from app.services.cases.special_access import special_reasons
from app.services.clock import read_clock
from app.services.county import municipality_names
from app.services.errors import ReasonNeeded
from app.services.forms.drafts import is_for_another
from app.services.forms.sent import SentForm, attachments_of, sent_in_case
from app.services.viewer import Viewer
from app.web.access import Session, Staff, StaffDoor
from app.web.forms_view.asking import Asking
from app.web.forms_view.review import Section, review_all
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff")


@dataclass(frozen=True)
class Row:
    """A case in the queue, as the table shows it."""

    urgency: Urgency
    href: str
    title: str
    detail: str
    subject: str
    subject_detail: str
    arrived: datetime
    due: datetime
    late: bool
    handler: str | None = None
    current: bool = False
    non_disclosure: bool = False


@dataclass(frozen=True)
class QueuePage:
    rows: Sequence[Row]


@dataclass(frozen=True)
class CaseForm:
    """A form that has arrived in a case, with all that was asked and answered."""

    response: FormResponse
    sections: Sequence[Section]
    files: Sequence[Attachment]


@dataclass(frozen=True)
class CasePage:
    """A case: whose, why, what was promised, what is booked, and what has not been done yet. `doors`: the ways into
    its video visits, by appointment. `verdict`: the one that counts on a minor's capacity; `can_judge`: the viewer may
    give another. `reason`: for which special one the viewer reads it. `asked`: None where no forms are
    asked for at all."""

    opened: OpenedCase
    result: Result | None
    answers: Sequence[Answer]
    age: int | None
    municipality: str
    late: bool
    doors: Mapping[uuid.UUID, VideoDoor]
    verdict: GivenVerdict | None
    minor: bool
    can_judge: bool
    reason: str
    asked: AskedForms | None
    forms: Sequence[CaseForm]


@router.get("", name="staff_queue")
async def queue(page: StaffDoor, session: Session, staff: Staff) -> Response:
    """Open cases of the viewer's units, most urgent first; the look is audited."""
    clock = await read_clock(session)
    rows = [_row(page, row, clock.now) for row in await list_queue(session, staff)]
    page.title = _("Team queue")
    return page.show("staff/queue.html", QueuePage(rows), block="main")


@router.get("/cases/{case_id}", name="staff_case")
async def case(page: StaffDoor, session: Session, staff: Staff, case_id: uuid.UUID) -> Response:
    """One case with everything that has arrived in it; the reading is audited. Another unit's: the form for a special
    reason, for those who may give one."""
    try:
        opened = await open_case(session, staff, case_id)
    except ReasonNeeded:
        return await show_reason_form(page, session, staff, case_id)
    page.title = opened.case.titles.to(page.language)
    return page.show("staff/case.html", await _case_page(page, session, staff, opened))


async def _case_page(page: Page, session: Session, staff: Viewer, opened: OpenedCase) -> CasePage:
    clock, run, special = await read_clock(session), opened.run, opened.special
    born = opened.subject.birth_date if opened.subject else None
    vault = page.request.app.state.vault
    reason = special_reasons().get(special.reason) if special else None
    return CasePage(
        opened=opened,
        result=RESULT.validate_python(run.result) if run and run.result else None,
        answers=answers_of(run) if run else (),
        age=full_years(born, clock.today) if born else None,
        municipality=_municipality(page, opened.subject),
        late=opened.case.due_at < clock.now,
        doors=await professional_doors(session, opened, vault) if opened.handled else {},
        verdict=await newest_verdict(session, opened.case.id),
        minor=is_minor(opened.subject, clock),
        can_judge=can_judge(staff, opened, clock),
        reason=reason.names.to(page.language) if reason else "",
        asked=await forms_asked(session, staff, opened),
        forms=[await _case_form(page, session, sent) for sent in await sent_in_case(session, opened.case.id)],
    )


async def _case_form(page: Page, session: Session, sent: SentForm) -> CaseForm:
    response = sent.response
    asking = Asking(sent.state, page.language, is_for_another(response))
    return CaseForm(response, review_all(asking), await attachments_of(session, response.id))


def _municipality(page: Page, subject: Person | None) -> str:
    """The home municipality in words; never told under non-disclosure, whatever is stored from before."""
    if subject and subject.non_disclosure:
        return _("not shown")
    code = subject.municipality_code if subject else None
    if code is None:
        return _("not told")
    known = municipality_names().get(code)
    return known.to(page.language) if known else _("outside this county")


def _row(page: Page, row: QueueRow, now: datetime) -> Row:
    found = row.case
    told = (row.contact.about or row.contact.name) if row.contact else _("Anonymous")
    subject = row.subject.name if row.subject else told
    kind = {
        "assessment": _("symptom assessment"),
        "contact_request": _("contact request"),
        "booking": _("booking"),
        "form": _("form"),
        "application": _("application"),
        "concern": _("notice of concern"),
    }.get(found.kind, "")
    booked = _("time booked") if row.booked else ""
    wants = {"written": _("wants a written answer"), "video": _("wants a video visit")}
    way = wants.get(row.contact.way, "") if row.contact else ""
    interpreter = _("needs an interpreter") if row.contact and row.contact.interpreter else ""
    return Row(
        urgency=Urgency(found.urgency),
        href=page.path("staff_case", case_id=found.id),
        title=found.titles.to(page.language),
        detail=" · ".join(part for part in (kind, way, interpreter, booked) if part),
        subject=subject,
        subject_detail=_("not signed in") if row.subject is None else "",
        arrived=found.arrived_at,
        due=found.due_at,
        late=found.due_at < now,
        non_disclosure=row.subject is not None and row.subject.non_disclosure,
    )
