"""Those who watch: the supervisor's report on special reasons, and the trail as auditors read it."""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator
from starlette.responses import Response

from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.domain.text import Text
from app.services.audit.log_words import LogWords, log_words, special_reason_words
from app.services.audit.reading import Search, Trail, find_in_trail, read_trail
from app.services.cases.special_access_report import Report, read_report, review_access
from app.services.cases.unit_names import unit_names
from app.services.errors import AlreadyDecided, NotFound
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import FieldError
from app.web.forms import Form, LenientId, LenientText
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff")

REVIEW_LENGTH = 500
FIELDS = ("code", "staff", "since", "until")  # as they stand on the page
_WRITTEN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_BIGGEST = 2**63 - 1
Supervisor = Annotated[Viewer, Depends(MayStaff("see_special_access_report"))]
Auditor = Annotated[Viewer, Depends(MayStaff("read_audit"))]


def read_number(value: object) -> int | None:
    """A whole number from 1 on that a query parameter holds; None for anything else."""
    text = str(value or "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return number if 0 < number <= _BIGGEST else None


def read_day(value: object) -> date | None:
    """A day as people write it here (24.11.2026) or as addresses hold it (2026-11-24); None for anything else."""
    written = _WRITTEN_DAY.fullmatch(str(value or "").strip())
    try:
        day = date(*(int(part) for part in reversed(written.groups()))) if written else date.fromisoformat(str(value))
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


Number = Annotated[int | None, BeforeValidator(read_number)]
Day = Annotated[date | None, BeforeValidator(read_day)]


def read_search(
    person: LenientId = None, by: LenientText = "", since: Day = None, until: Day = None, before: Number = None
) -> Search:
    """The search that an address holds; `by`: a member of staff's name, `person`: an id, never an identity code."""
    return Search(person, by, since, until, before)


Asked = Annotated[Search, Depends(read_search)]


@dataclass(frozen=True)
class ReportPage:
    """The report; `number` of this page, from 1 on. What was wrong in the words for the opening `wrong` is in
    `summary`."""

    report: Report
    number: int
    reasons: Mapping[str, Text]
    units: Mapping[str, Text]
    wrong: uuid.UUID | None
    typed: str
    error: str
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class TrailPage:
    """The search, and what it found (None before anything is searched for)."""

    trail: Trail | None
    older: str
    words: LogWords
    reasons: Mapping[str, Text]
    person: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("/special-access", name="special_access_report")
async def report(page: StaffDoor, session: Session, staff: Supervisor, number: Number = None) -> Response:
    """Who has opened whose matters with a special reason in the viewer's units."""
    return await _show_report(page, session, staff, number or 1)


@router.post("/special-access/{access_id}/review", name="special_access_review")
async def review(
    page: StaffDoor, session: Session, staff: Supervisor, form: StaffSubmitted, access_id: uuid.UUID
) -> Response:
    """Note that an opening has been gone through, and what was found. One that was gone through already stays."""
    required, too_long = _("Write what you found"), _("Shorten the text to at most 500 characters")
    words = form.text("review", longest=REVIEW_LENGTH, required=required, too_long=too_long)
    number = read_number(form.value("number")) or 1
    if form.errors:
        return await _show_report(page, session, staff, number, form, access_id)
    with suppress(AlreadyDecided):  # the report shows who has, and what they found
        await review_access(session, staff, access_id, words)
    return page.go(page.path("special_access_report", {"number": str(number)} if number > 1 else None))


@router.get("/audit", name="staff_audit")
async def trail(page: StaffDoor, session: Session, staff: Auditor, search: Asked) -> Response:
    """The rows that are searched for; without a search only the form."""
    found = await read_trail(session, staff, search) if search else None
    return _show_trail(page, search, found)


@router.post("/audit", name="staff_audit_search")
async def search_trail(page: StaffDoor, session: Session, staff: Auditor, form: StaffSubmitted) -> Response:
    """Look up the person of an identity code, which stays out of every address, and go to what is found."""
    code, since, until = _code(page, form), _day(form, "since"), _day(form, "until")
    by = form.text("staff", longest=200, too_long=_("Shorten the text"))
    person = None
    if code and not form.errors:
        person = await find_in_trail(session, staff, page.request.app.state.vault, code)
        if person is None:
            form.errors["code"] = _("Nobody with this identity code is known here")
    search = Search(person.id if person else None, by, since, until)
    if not search and not form.errors:
        form.errors["code"] = _("Write an identity code, a name or a day")
    if form.errors:
        return _show_trail(page, search, None, form)
    return page.go(_found_path(page, search))


async def _show_report(
    page: Page,
    session: Session,
    staff: Viewer,
    number: int,
    form: Form | None = None,
    wrong: uuid.UUID | None = None,
) -> Response:
    found = await read_report(session, staff, min(number, 1000))
    if wrong and wrong not in {line.access.id for line in found.lines}:
        raise NotFound
    page.title = _("Opened for a special reason")
    page.own_path = page.path("special_access_report")
    error = form.errors["review"] if form else ""
    context = ReportPage(
        report=found,
        number=number,
        reasons=special_reason_words(),
        units=await unit_names(session),
        wrong=wrong,
        typed=form.value("review") if form else "",
        error=error,
        summary=[FieldError(f"review-{wrong}", error)] if error else [],
    )
    return page.show("staff/special_access.html", context, status=422 if error else 200)


def _show_trail(page: Page, search: Search, found: Trail | None, form: Form | None = None) -> Response:
    page.title = _("Use of data")
    errors = form.errors if form else {}
    told = {"staff": search.staff, "since": str(search.since or ""), "until": str(search.until or "")}
    context = TrailPage(
        trail=found,
        older=_found_path(page, search, found.older) if found and found.older else "",
        words=log_words(),
        reasons=special_reason_words(),
        person=found.person.name if found and found.person else "",
        values={name: form.value(name) if form else told.get(name, "") for name in FIELDS},
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/audit.html", context, status=422 if errors else 200)


def _found_path(page: Page, search: Search, before: int | None = None) -> str:
    query = {
        "person": search.person_id,
        "by": search.staff,
        "since": search.since,
        "until": search.until,
        "before": before,
    }
    return page.path("staff_audit", {name: str(value) for name, value in query.items() if value})


def _code(page: Page, form: Form) -> IdentityCode | None:
    typed = form.value("code")
    if not typed:
        return None
    try:
        return IdentityCode.parse(typed, page.clock.today)
    except InvalidIdentityCode:
        form.errors["code"] = _("Write the identity code like this: 120488-902S")
        return None


def _day(form: Form, name: str) -> date | None:
    day = read_day(form.value(name))
    if day is None and form.value(name):
        form.errors[name] = _("Write the day like this: 24.11.2026")
    return day
