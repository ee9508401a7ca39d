"""Paper mandates at the desk: the list, recording, the second clerk's check, revoking."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.clock import Clock
from app.domain.identity_code import InvalidIdentityCode
from app.domain.local_mandates import LocalMandateDraft, LocalMandateRules
from app.domain.minors import ADULT_YEARS
from app.models import Person
from app.services.acting.local_mandates import (
    MandateLine,
    MandateRefused,
    age_of,
    check_mandate,
    list_mandates,
    open_mandate,
    record_mandate,
    refusals_of,
    revoke_mandate,
)
from app.services.clock import read_clock
from app.services.county_rules import local_mandate_rules
from app.services.identity.find_person import find_person
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.clerk_words import MANDATE, NOBODY, add_errors, code_fault, summary_of, values_of
from app.web.components import Choice, FieldError
from app.web.days import day_of, write_day
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/mandates")

Recorder = Annotated[Viewer, Depends(MayStaff("record_local_mandate"))]
Checker = Annotated[Viewer, Depends(MayStaff("check_local_mandate"))]
Either = Annotated[Viewer, Depends(MayStaff("record_local_mandate", "check_local_mandate"))]
DAYS = ("signed_on", "valid_from", "valid_to")
# As they stand on the page.
FIELDS = (
    *("principal", "mandatee", "registers", "competence", "statements"),
    *("document_type", "document_place", *DAYS),
)
PLACE_LENGTH, REASON_LENGTH = 300, 300
# Refusals of the days are told only where all days could be read.
OF_DAYS = frozenset(
    {"signed_in_future", "validity_backwards", "validity_before_signing", "validity_over", "validity_too_long"}
)


@dataclass(frozen=True)
class MandatesPage:
    lines: Sequence[MandateLine]


@dataclass(frozen=True)
class MandateForm:
    """The form. `ticked`: what was ticked, by field."""

    rules: LocalMandateRules
    choices: Mapping[str, Sequence[Choice]]
    values: Mapping[str, str]
    ticked: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class MandatePage:
    """One mandate. `own`: the reader recorded it, so that another must check it."""

    line: MandateLine
    competence: str
    document: str
    own: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="mandates")
async def mandates(page: StaffDoor, session: Session, staff: Either) -> Response:
    """Those that wait for the second check, then the viewer's own."""
    page.title = _("Paper mandates")
    return page.show("staff/clerk/mandates.html", MandatesPage(await list_mandates(session, staff)))


@router.get("/new", name="mandate_new")
async def new(page: StaffDoor, session: Session, _staff: Recorder) -> Response:
    """The form."""
    return _show_form(page, await read_clock(session), None)


@router.post("", name="mandate_record", dependencies=[limited("form")])
async def record(page: StaffDoor, session: Session, staff: Recorder, form: StaffSubmitted) -> Response:
    """Record a mandate; it waits for another clerk's check. The same form twice records one."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    clock = await read_clock(session)
    draft = await _draft(page, session, staff, form, clock)
    if form.errors:
        days_read = not form.errors.keys() & set(DAYS)
        reasons = await refusals_of(session, draft)
        add_errors(form, (one for one in reasons if days_read or one not in OF_DAYS), MANDATE)
        return _show_form(page, clock, form)
    try:
        mandate = await record_mandate(session, staff, draft)
    except MandateRefused as refused:
        add_errors(form, refused.reasons, MANDATE)
        return _show_form(page, clock, form, conflict="overlap" in refused.reasons)
    path = page.path("mandate", mandate_id=mandate.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.get("/{mandate_id}", name="mandate")
async def mandate(page: StaffDoor, session: Session, staff: Either, mandate_id: uuid.UUID) -> Response:
    """One mandate; the reading is audited."""
    return _show(page, staff, await open_mandate(session, staff, mandate_id), None)


@router.post("/{mandate_id}/check", name="mandate_check")
async def check(
    page: StaffDoor, session: Session, staff: Checker, form: StaffSubmitted, mandate_id: uuid.UUID
) -> Response:
    """The second clerk has compared the paper with what was recorded: the mandate holds from now on."""
    if not form.value("compared"):
        form.errors["check"] = _("Tick that you have compared the paper with this page.")
    else:
        try:
            await check_mandate(session, staff, mandate_id)
        except MandateRefused as refused:
            form.errors["check"] = " ".join(_(MANDATE[reason][1]) for reason in refused.reasons)
    if form.errors:
        return _show(page, staff, await open_mandate(session, staff, mandate_id), form)
    return page.go(page.path("mandate", mandate_id=mandate_id))


@router.post("/{mandate_id}/revoke", name="mandate_revoke")
async def revoke(
    page: StaffDoor, session: Session, staff: Either, form: StaffSubmitted, mandate_id: uuid.UUID
) -> Response:
    """Refuse a mandate that waits, or revoke one that holds; a reason is asked for."""
    told = _("Write why, in a few words.")
    reason = form.text("reason", longest=REASON_LENGTH, required=told, too_long=told)
    if form.errors:
        return _show(page, staff, await open_mandate(session, staff, mandate_id), form)
    await revoke_mandate(session, staff, mandate_id, reason)
    return page.go(page.path("mandate", mandate_id=mandate_id))


async def _draft(page: Page, session: AsyncSession, staff: Viewer, form: Form, clock: Clock) -> LocalMandateDraft:
    """What was written. Errors of its own are in the form; unreadable parts are filled with what gives no other
    error, so that all is told at once."""
    principal = await _person(page, session, staff, form, "principal")
    mandatee = await _person(page, session, staff, form, "mandatee")
    message = _("Write the day like this: 5.3.2027.")
    days = {name: day_of(form, name, message) or clock.today for name in DAYS}
    too_long = _("Shorten the text")
    return LocalMandateDraft(
        principal=principal.id if principal else uuid.uuid4(),
        mandatee=mandatee.id if mandatee else uuid.uuid4(),
        principal_age=age_of(principal, clock.today) if principal else ADULT_YEARS,
        mandatee_age=age_of(mandatee, clock.today) if mandatee else ADULT_YEARS,
        registers=frozenset(form.many("registers")),
        competence=form.value("competence"),
        statements=frozenset(form.many("statements")),
        document_type=form.value("document_type"),
        document_place=form.text("document_place", longest=PLACE_LENGTH, too_long=too_long),
        signed_on=days["signed_on"],
        valid_from=days["valid_from"],
        valid_to=days["valid_to"],
        recorded_by=staff.staff_id or uuid.uuid4(),
    )


async def _person(page: Page, session: AsyncSession, staff: Viewer, form: Form, name: str) -> Person | None:
    try:
        person = await find_person(session, staff, page.request.app.state.vault, form.value(name))
    except InvalidIdentityCode as invalid:
        form.errors[name] = code_fault(invalid.fault)
        return None
    if person is None:
        form.errors[name] = _(NOBODY)
    return person


def _show_form(page: Page, clock: Clock, form: Form | None, *, conflict: bool = False) -> Response:
    page.title, page.own_path = _("Record a paper mandate"), page.path("mandate_new")
    values = values_of(form, FIELDS)
    if form is None:
        values |= {"signed_on": write_day(clock.today), "valid_from": write_day(clock.today)}
        values["valid_to"] = write_day(_year_from(clock.today))
    rules, language = local_mandate_rules(), page.language
    named = {"competence": rules.competence, "statements": rules.statements, "document_type": rules.document_types}
    choices = {name: [Choice(row.code, row.names.to(language)) for row in rows] for name, rows in named.items()}
    choices["registers"] = [Choice("patient", _("Health care")), Choice("social", _("Social welfare"))]
    ticked = {name: form.many(name) if form else () for name in ("registers", "statements")}
    errors = form.errors if form else {}
    context = MandateForm(rules, choices, values, ticked, errors, summary_of(form, FIELDS))
    return page.show("staff/clerk/mandate_new.html", context, status=(409 if conflict else 422) if errors else 200)


def _year_from(today: date) -> date:
    return today + timedelta(days=364)


def _show(page: Page, staff: Viewer, line: MandateLine, form: Form | None) -> Response:
    mandate, rules = line.mandate, local_mandate_rules()
    page.title, page.own_path = _("Paper mandate"), page.path("mandate", mandate_id=mandate.id)
    words = {row.code: row.names.to(page.language) for row in (*rules.competence, *rules.document_types)}
    errors = form.errors if form else {}
    context = MandatePage(
        line=line,
        competence=words.get(mandate.competence, mandate.competence),
        document=words.get(mandate.document_type, ""),
        own=mandate.recorded_by == staff.staff_id,
        values=values_of(form, ("reason",)),
        errors=errors,
        summary=summary_of(form, ("check", "reason")),
    )
    return page.show("staff/clerk/mandate.html", context, status=422 if errors else 200)
