"""The clerk's desk: find a person by the code that they show, register them, see what the desk may know of them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.clock import Clock, full_years
from app.domain.identity_code import InvalidIdentityCode
from app.domain.staff_roles import Permission, permissions_of
from app.domain.text import LANGUAGES
from app.models import Person, PersonMerge
from app.services.acting.care_roles import Helper, helpers_of
from app.services.acting.local_mandates import MandateLine, mandates_of
from app.services.clock import read_clock
from app.services.county import municipality_names
from app.services.identity.find_person import (
    Names,
    find_person,
    masked_code,
    open_person,
    register_at_desk,
    register_temporary,
)
from app.services.identity.merge_people import merges_of
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.clerk_words import code_fault, summary_of, values_of
from app.web.components import FieldError
from app.web.days import read_day
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/people")

Finder = Annotated[Viewer, Depends(MayStaff("record_local_mandate", "record_care_role", "merge_people"))]
Registrar = Annotated[Viewer, Depends(MayStaff("record_local_mandate"))]
FIELDS = ("code", "given_name", "family_name", "born", "language")
NAME_LENGTH = 100


@dataclass(frozen=True)
class PeoplePage:
    """The form to find by. `unknown`: nobody has been here with the typed code; `may_register`: the reader may change
    that."""

    unknown: bool
    may_register: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class PersonPage:
    """A person as the desk may see them. `code` is masked; `municipality` is empty under non-disclosure."""

    person: Person
    code: str
    age: int | None
    municipality: str
    mandates: Sequence[MandateLine]
    helpers: Sequence[Helper]
    merges: Sequence[PersonMerge]
    powers: frozenset[Permission]


@router.get("", name="people")
async def people(page: StaffDoor, _session: Session, staff: Finder) -> Response:
    """The form to find by."""
    return _show_find(page, staff, None)


@router.post("/find", name="person_find", dependencies=[limited("form")])
async def find(page: StaffDoor, session: Session, staff: Finder, form: StaffSubmitted) -> Response:
    """Look the code up; the person's page has no code in its address."""
    try:
        person = await find_person(session, staff, page.request.app.state.vault, form.value("code"))
    except InvalidIdentityCode as invalid:
        form.errors["code"] = code_fault(invalid.fault)
        return _show_find(page, staff, form)
    if person is None:
        return _show_find(page, staff, form, unknown=True)
    return page.go(page.path("staff_person", person_id=person.id))


@router.post("/register", name="person_register", dependencies=[limited("form")])
async def register(page: StaffDoor, session: Session, staff: Registrar, form: StaffSubmitted) -> Response:
    """Register somebody who has never been here, by the names of their identity document."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    names, language = _names(form), _language(form)
    if not form.errors:
        try:
            vault = page.request.app.state.vault
            person = await register_at_desk(session, staff, vault, form.value("code"), names, language)
        except InvalidIdentityCode as invalid:
            form.errors["code"] = code_fault(invalid.fault)
    if form.errors:
        return _show_find(page, staff, form, unknown="code" not in form.errors)
    path = page.path("staff_person", person_id=person.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.get("/temporary", name="person_temporary")
async def temporary(page: StaffDoor, _session: Session, _staff: Registrar) -> Response:
    """The form for somebody without a Finnish identity code."""
    return _show_temporary(page, None)


@router.post("/temporary", name="person_temporary_register", dependencies=[limited("form")])
async def register_without_code(page: StaffDoor, session: Session, staff: Registrar, form: StaffSubmitted) -> Response:
    """Register them; the identifier that they get is shown on this page and never again."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    names, language = _names(form, with_birth=True), _language(form)
    if form.errors:
        return _show_temporary(page, form)
    vault = page.request.app.state.vault
    person, code = await register_temporary(session, staff, vault, names, language)
    path = page.path("staff_person", person_id=person.id)
    await remember_result(session, form.submission, path)
    page.title, page.own_path = _("Temporary code"), path
    return page.show("staff/clerk/temporary_code.html", person=person, code=code, onward=path)


@router.get("/{person_id}", name="staff_person")
async def person(page: StaffDoor, session: Session, staff: Finder, person_id: uuid.UUID) -> Response:
    """One person: who they are, who acts for them, who helps them. The reading is audited."""
    clock = await read_clock(session)
    found = await open_person(session, staff, person_id)
    powers = permissions_of(staff.roles)
    page.title = found.name
    mandates = await mandates_of(session, found.id, clock.today) if "record_local_mandate" in powers else []
    helpers = await helpers_of(session, found, clock.today) if "record_care_role" in powers else []
    context = PersonPage(
        person=found,
        code=masked_code(page.request.app.state.vault, found),
        age=_age(found, clock),
        municipality=_municipality(page, found),
        mandates=mandates,
        helpers=helpers,
        merges=await merges_of(session, found.id),
        powers=powers,
    )
    return page.show("staff/clerk/person.html", context)


def _age(found: Person, clock: Clock) -> int | None:
    return full_years(found.birth_date, found.deceased_on or clock.today) if found.birth_date else None


def _municipality(page: Page, found: Person) -> str:
    if found.non_disclosure or found.municipality_code is None:
        return ""
    known = municipality_names().get(found.municipality_code)
    return known.to(page.language) if known else _("outside this county")


def _names(form: Form, *, with_birth: bool = False) -> Names:
    too_long = _("Shorten the text")
    given = form.text("given_name", longest=NAME_LENGTH, required=_("Write the given names"), too_long=too_long)
    family = form.text("family_name", longest=NAME_LENGTH, required=_("Write the family name"), too_long=too_long)
    typed = form.value("born") if with_birth else ""
    born = read_day(typed)
    if typed and born is None:
        form.errors["born"] = _("Write the date of birth like this: 5.3.1948.")
    return Names(given, family, born)


def _language(form: Form) -> str:
    language = form.value("language")
    if language not in LANGUAGES:
        form.errors["language"] = _("Choose a language")
    return language


def _show_find(page: Page, staff: Viewer, form: Form | None, *, unknown: bool = False) -> Response:
    page.title, page.own_path = _("Find a person"), page.path("people")
    may_register = "record_local_mandate" in permissions_of(staff.roles)
    errors = form.errors if form else {}
    context = PeoplePage(unknown, may_register, values_of(form, FIELDS), errors, summary_of(form, FIELDS))
    return page.show("staff/clerk/people.html", context, status=422 if errors else 200)


def _show_temporary(page: Page, form: Form | None) -> Response:
    page.title, page.own_path = _("A person without a Finnish identity code"), page.path("person_temporary")
    errors = form.errors if form else {}
    values, summary = values_of(form, FIELDS), summary_of(form, FIELDS)
    status = 422 if errors else 200
    return page.show("staff/clerk/temporary.html", values=values, errors=errors, summary=summary, status=status)
