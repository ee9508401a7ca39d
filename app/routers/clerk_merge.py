"""What a supervisor decides about a person: registered twice, a changed identity code, a death."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.identity_code import InvalidIdentityCode
from app.models import Person
from app.services.identity.find_person import find_person, masked_code, open_person
from app.services.identity.merge_people import BelongsToAnother, ChangeRefused, ask_merge, change_code, mark_deceased
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.clerk_words import MERGE, NOBODY, code_fault, summary_of, values_of
from app.web.components import FieldError
from app.web.days import day_of
from app.web.forms import Form, read_id
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff")

Merger = Annotated[Viewer, Depends(MayStaff("merge_people"))]
CODES = ("one", "other")
REASON_LENGTH = 500
ONE_ALREADY = MERGE["same_person"]


@dataclass(frozen=True)
class ComparePage:
    """The two side by side, with their masked codes; `values` and `errors` of the decision's form."""

    people: Sequence[tuple[Person, str]]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class ChangePage:
    """A form about one person."""

    person: Person
    code: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("/same-person", name="same_person")
async def same(page: StaffDoor, _session: Session, _staff: Merger) -> Response:
    """The form to find the two by."""
    return _show_two(page, None)


@router.post("/same-person", name="same_person_find", dependencies=[limited("form")])
async def find_two(page: StaffDoor, session: Session, staff: Merger, form: StaffSubmitted) -> Response:
    """Look both codes up."""
    found = {name: await _found(page, session, staff, form, name) for name in CODES}
    one, other = found["one"], found["other"]
    if one and other and one.id == other.id:
        form.errors["other"] = _(ONE_ALREADY)
    if form.errors or one is None or other is None:
        return _show_two(page, form)
    return page.go(page.path("compare_people", person_id=one.id, other_id=other.id))


@router.get("/people/{person_id}/same/{other_id}", name="compare_people")
async def compare(
    page: StaffDoor, session: Session, staff: Merger, person_id: uuid.UUID, other_id: uuid.UUID
) -> Response:
    """The two side by side: are they one, and which row stays?"""
    return await _show_compare(page, session, staff, (person_id, other_id), None)


@router.post("/people/{person_id}/same/{other_id}", name="merge_people", dependencies=[limited("form")])
async def merge(
    page: StaffDoor, session: Session, staff: Merger, form: StaffSubmitted, person_id: uuid.UUID, other_id: uuid.UUID
) -> Response:
    """Decide that they are one; the joining itself is done at once after this, by the worker."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    pair = (person_id, other_id)
    kept, reason = _decision(form, pair)
    if kept and not form.errors:
        try:
            await ask_merge(session, staff, kept, person_id if kept == other_id else other_id, reason)
        except ChangeRefused as refused:
            form.errors["keep"] = _(MERGE[refused.reason])
    if form.errors:
        return await _show_compare(page, session, staff, pair, form)
    path = page.path("staff_person", person_id=kept)
    await remember_result(session, form.submission, path)
    return page.go(path)


def _decision(form: Form, pair: tuple[uuid.UUID, uuid.UUID]) -> tuple[uuid.UUID | None, str]:
    kept = read_id(form.value("keep"))
    if kept not in pair:
        form.errors["keep"] = _("Choose which one is kept.")
    told = _("Write how you know that they are one person.")
    return kept, form.text("reason", longest=REASON_LENGTH, required=told, too_long=_("Shorten the text"))


@router.get("/people/{person_id}/code", name="person_code")
async def code(page: StaffDoor, session: Session, staff: Merger, person_id: uuid.UUID) -> Response:
    """The form for a changed identity code."""
    return await _show_code(page, session, staff, person_id, None)


@router.post("/people/{person_id}/code", name="person_code_change", dependencies=[limited("form")])
async def change(
    page: StaffDoor, session: Session, staff: Merger, form: StaffSubmitted, person_id: uuid.UUID
) -> Response:
    """The code has changed. Where somebody is registered by the new one, the two are compared."""
    try:
        await change_code(session, staff, page.request.app.state.vault, person_id, form.value("code"))
    except InvalidIdentityCode as invalid:
        form.errors["code"] = code_fault(invalid.fault)
    except ChangeRefused as refused:
        form.errors["code"] = _(MERGE[refused.reason])
    except BelongsToAnother as taken:
        return page.go(page.path("compare_people", person_id=taken.other, other_id=person_id))
    if form.errors:
        return await _show_code(page, session, staff, person_id, form)
    return page.go(page.path("staff_person", person_id=person_id))


@router.get("/people/{person_id}/deceased", name="person_deceased")
async def deceased(page: StaffDoor, session: Session, staff: Merger, person_id: uuid.UUID) -> Response:
    """The form for a death."""
    return await _show_deceased(page, session, staff, person_id, None)


@router.post("/people/{person_id}/deceased", name="person_deceased_mark")
async def mark(
    page: StaffDoor, session: Session, staff: Merger, form: StaffSubmitted, person_id: uuid.UUID
) -> Response:
    """Mark the person deceased, or take a mistake back."""
    mistake = form.value("mistake") == "yes"
    day = None if mistake else day_of(form, "day", _("Write the day like this: 5.3.2027."))
    if not form.errors:
        try:
            await mark_deceased(session, staff, person_id, day)
        except ChangeRefused as refused:
            form.errors["day"] = _(MERGE[refused.reason])
    if form.errors:
        return await _show_deceased(page, session, staff, person_id, form)
    return page.go(page.path("staff_person", person_id=person_id))


async def _found(page: Page, session: Session, staff: Viewer, form: Form, name: str) -> Person | None:
    try:
        person = await find_person(session, staff, page.request.app.state.vault, form.value(name))
    except InvalidIdentityCode as invalid:
        form.errors[name] = code_fault(invalid.fault)
        return None
    if person is None:
        form.errors[name] = _(NOBODY)
    return person


def _show_two(page: Page, form: Form | None) -> Response:
    page.title, page.own_path = _("The same person twice"), page.path("same_person")
    errors = form.errors if form else {}
    values, summary = values_of(form, CODES), summary_of(form, CODES)
    status = 422 if errors else 200
    return page.show("staff/clerk/same_person.html", values=values, errors=errors, summary=summary, status=status)


async def _show_compare(
    page: Page, session: Session, staff: Viewer, pair: tuple[uuid.UUID, uuid.UUID], form: Form | None
) -> Response:
    people = [await open_person(session, staff, person_id) for person_id in pair]
    page.title = _("Are these one person?")
    page.own_path = page.path("compare_people", person_id=pair[0], other_id=pair[1])
    vault = page.request.app.state.vault
    errors = form.errors if form else {}
    fields = ("keep", "reason")
    shown = [(person, masked_code(vault, person)) for person in people]
    context = ComparePage(shown, values_of(form, fields), errors, summary_of(form, fields))
    return page.show("staff/clerk/compare.html", context, status=422 if errors else 200)


async def _show_code(page: Page, session: Session, staff: Viewer, person_id: uuid.UUID, form: Form | None) -> Response:
    page.title, page.own_path = _("A changed identity code"), page.path("person_code", person_id=person_id)
    return await _show_change(page, session, staff, person_id, form, "code")


async def _show_deceased(
    page: Page, session: Session, staff: Viewer, person_id: uuid.UUID, form: Form | None
) -> Response:
    page.title, page.own_path = _("The person has died"), page.path("person_deceased", person_id=person_id)
    return await _show_change(page, session, staff, person_id, form, "day")


async def _show_change(
    page: Page, session: Session, staff: Viewer, person_id: uuid.UUID, form: Form | None, field: str
) -> Response:
    person = await open_person(session, staff, person_id)
    errors = form.errors if form else {}
    values, summary = values_of(form, (field,)), summary_of(form, (field,))
    context = ChangePage(person, masked_code(page.request.app.state.vault, person), values, errors, summary)
    template = "staff/clerk/code.html" if field == "code" else "staff/clerk/deceased.html"
    return page.show(template, context, status=422 if errors else 200)
