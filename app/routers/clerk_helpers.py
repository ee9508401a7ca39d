"""Supporters, interpreters and foster carers: recorded for a person, and ended."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.clock import Clock
from app.domain.identity_code import InvalidIdentityCode
from app.models import Person
from app.services.acting.care_roles import CareRoleRefused, HelperDraft, end_care_role, record_care_role
from app.services.acting.rights import care_roles
from app.services.clock import read_clock
from app.services.identity.find_person import find_person, open_person
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.clerk_words import HELPER, NOBODY, add_errors, code_fault, summary_of, values_of
from app.web.components import Choice, FieldError
from app.web.days import day_of, write_day
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff")

Recorder = Annotated[Viewer, Depends(MayStaff("record_care_role"))]
DAYS = ("first", "last")
FIELDS = ("role", "helper", "name", "phone", *DAYS)
NAME_LENGTH = 200


@dataclass(frozen=True)
class HelperForm:
    person: Person
    roles: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("/people/{person_id}/helpers/new", name="helper_new")
async def new(page: StaffDoor, session: Session, staff: Recorder, person_id: uuid.UUID) -> Response:
    """The form."""
    clock = await read_clock(session)
    return _show(page, clock, await open_person(session, staff, person_id), None)


@router.post("/people/{person_id}/helpers", name="helper_record", dependencies=[limited("form")])
async def record(
    page: StaffDoor, session: Session, staff: Recorder, form: StaffSubmitted, person_id: uuid.UUID
) -> Response:
    """Record somebody beside a person. The same form twice records one."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    clock = await read_clock(session)
    subject = await open_person(session, staff, person_id)
    draft = await _draft(page, session, staff, form, subject, clock)
    conflict = False
    if not form.errors:
        try:
            await record_care_role(session, staff, draft)
        except CareRoleRefused as refused:
            conflict = "overlap" in refused.reasons
            add_errors(form, refused.reasons, HELPER)
    if form.errors:
        return _show(page, clock, subject, form, conflict=conflict)
    path = page.path("staff_person", person_id=subject.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.post("/helpers/{role_id}/end", name="helper_end")
async def end(
    page: StaffDoor, session: Session, staff: Recorder, _form: StaffSubmitted, role_id: uuid.UUID
) -> Response:
    """End a record: from now on this person helps no more."""
    row = await end_care_role(session, staff, role_id)
    return page.go(page.path("staff_person", person_id=row.subject_id))


async def _draft(
    page: Page, session: AsyncSession, staff: Viewer, form: Form, subject: Person, clock: Clock
) -> HelperDraft:
    message = _("Write the day like this: 5.3.2027.")
    first, last = (day_of(form, name, message) or clock.today for name in DAYS)
    helper = await _helper(page, session, staff, form) if form.value("helper") else None
    too_long = _("Shorten the text")
    required = "" if helper else _("Write the helper's name")
    name = form.text("name", longest=NAME_LENGTH, required=required, too_long=too_long)
    phone = form.phone("phone", message=_("Write a phone number, such as 040 123 4567")) if form.value("phone") else ""
    return HelperDraft(subject, form.value("role"), helper, name or (helper.name if helper else ""), phone, first, last)


async def _helper(page: Page, session: AsyncSession, staff: Viewer, form: Form) -> Person | None:
    try:
        helper = await find_person(session, staff, page.request.app.state.vault, form.value("helper"))
    except InvalidIdentityCode as invalid:
        form.errors["helper"] = code_fault(invalid.fault)
        return None
    if helper is None:
        form.errors["helper"] = _(NOBODY)
    return helper


def _show(page: Page, clock: Clock, person: Person, form: Form | None, *, conflict: bool = False) -> Response:
    page.title = _("Record a helper")
    page.own_path = page.path("helper_new", person_id=person.id)
    values = values_of(form, FIELDS) | ({} if form else {"first": write_day(clock.today)})
    language = page.language
    roles = [Choice(row.code, row.names.to(language), hint=row.about.to(language)) for row in care_roles().rows]
    errors = form.errors if form else {}
    context = HelperForm(person, roles, values, errors, summary_of(form, FIELDS))
    return page.show("staff/clerk/helper_new.html", context, status=(409 if conflict else 422) if errors else 200)
