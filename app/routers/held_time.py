"""A held time: fill in the details, check them, keep it longer, let it go, confirm."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.booking import can_extend
from app.models import AssessmentRun
from app.services.assessing.runs import find_run
from app.services.booking.confirm_appointment import confirm_appointment
from app.services.booking.hold_time import hold_again
from app.services.booking.own_appointment import Booking, extend_hold, fill_in_details, find_own, release_hold
from app.services.clock import read_clock
from app.services.county_rules import alarm_words
from app.services.errors import HoldLost
from app.services.submissions import first_result, remember_result
from app.services.viewer import Viewer
from app.web.access import PublicPage, Resident, Session, Submitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/book/held/{appointment_id}")

NOTE_LONGEST = 2000


@dataclass(frozen=True)
class HeldPage:
    """A held time while its details are filled in or checked; `minutes` are left of the hold. `alarm`: the
    note holds alarming words, so the emergency card is shown."""

    booking: Booking
    minutes: int
    can_extend: bool
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    note: str
    phone: str
    run: AssessmentRun | None
    alarm: Alarm | None


@router.get("", name="book_details")
async def details(page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID) -> Response:
    """What the professional should know, and the number to reach the resident at."""
    booking = await find_own(session, resident, appointment_id)
    if not booking.is_held:
        return _elsewhere(page, booking)
    page.title = _("Tell us a little more")
    return page.show("booking/details.html", await _held_page(session, resident, booking))


@router.post("", name="book_fill_in")
async def fill_in(
    page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID, form: Submitted
) -> Response:
    """Keep the details; on to checking them, or the same page with what is to be mended."""
    booking = await find_own(session, resident, appointment_id)
    note, phone = _read_details(form)
    if form.errors:
        page.title = _("Tell us a little more")
        context = await _held_page(session, resident, booking, form)
        return page.show("booking/details.html", context, block="main", status=422)
    await fill_in_details(session, resident, appointment_id, note, phone)
    return page.go(page.path("book_check", appointment_id=appointment_id))


@router.get("/check", name="book_check")
async def check(page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID) -> Response:
    """Everything once more before the time is booked."""
    booking = await find_own(session, resident, appointment_id)
    if not booking.is_held:
        return _elsewhere(page, booking)
    if not _complete(booking):
        return page.go(page.path("book_details", appointment_id=appointment_id))
    page.title = _("Check and confirm")
    return page.show("booking/check.html", await _held_page(session, resident, booking))


@router.post("/confirm", name="book_confirm")
async def confirm(
    page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID, form: Submitted
) -> Response:
    """Book it. Where the hold was lost, the same time is tried again with what was typed."""
    if not _complete(await find_own(session, resident, appointment_id)):
        return page.go(page.path("book_details", appointment_id=appointment_id))
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    try:
        booking = await confirm_appointment(session, resident, appointment_id)
    except HoldLost:
        again = await hold_again(session, resident, appointment_id)
        if not again.phone:
            return page.go(page.path("book_details", appointment_id=again.id))
        booking = await confirm_appointment(session, resident, again.id)
    path = page.path("appointment", appointment_id=booking.appointment.id)
    await remember_result(session, form.submission, path)
    return page.go(path)


@router.post("/extend", name="book_extend")
async def extend(
    page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID, form: Submitted
) -> Response:
    """Ten more minutes; back to the page where it was asked."""
    await _keep_typed(session, resident, appointment_id, form)
    await extend_hold(session, resident, appointment_id)
    where = "book_check" if form.value("where") == "check" else "book_details"
    return page.go(page.path(where, appointment_id=appointment_id))


@router.post("/release", name="book_release")
async def release(
    page: PublicPage,
    session: Session,
    resident: Resident,
    appointment_id: uuid.UUID,
    form: Submitted,
) -> Response:
    """Let the time go and look at others; what was typed goes along."""
    await _keep_typed(session, resident, appointment_id, form)
    return _elsewhere(page, await release_hold(session, resident, appointment_id))


def _read_details(form: Form) -> tuple[str, str]:
    """The note and the phone number; what is to be mended in them goes into the form's errors."""
    too_long = _("Shorten the text to at most 2,000 characters")
    note = form.text("note", longest=NOTE_LONGEST, too_long=too_long)
    return note, form.phone("phone", message=_("Write a phone number, such as 040 123 4567"))


def _complete(booking: Booking) -> bool:
    """Whether the kept details would be taken now: the buttons beside them keep whatever was typed."""
    kept = {"note": (booking.appointment.note,), "phone": (booking.appointment.phone,)}
    form = Form(booking.appointment.id, kept)
    _read_details(form)
    return not form.errors


async def _keep_typed(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID, form: Form) -> None:
    """The buttons beside the details keep what was typed so far; whether it will do is asked on going on."""
    if "note" in form.values:
        await fill_in_details(session, viewer, appointment_id, form.value("note"), form.value("phone"))


async def _held_page(session: AsyncSession, viewer: Viewer, booking: Booking, form: Form | None = None) -> HeldPage:
    clock = await read_clock(session)
    appointment = booking.appointment
    left = appointment.held_until - clock.now
    run_id = appointment.assessment_run_id
    return HeldPage(
        booking=booking,
        minutes=max(0, -(-left // timedelta(minutes=1))),
        can_extend=can_extend(appointment.held_at, appointment.held_until),
        errors=form.errors if form else {},
        summary=[FieldError(name, message) for name, message in form.errors.items()] if form else [],
        note=form.value("note") if form else appointment.note,
        phone=form.value("phone") if form else _own_phone(viewer, booking),
        run=await find_run(session, viewer, run_id) if run_id else None,
        alarm=alarm_words().alarm_in(form.value("note") if form else appointment.note),
    )


def _own_phone(viewer: Viewer, booking: Booking) -> str:
    """A number that somebody else typed is not offered as the reader's own."""
    appointment = booking.appointment
    return appointment.phone if appointment.actor_id == viewer.person_id else ""


def _elsewhere(page: Page, booking: Booking) -> Response:
    """Where a time that is not held any more is to be found: its own page, or the times with the details kept."""
    if booking.appointment.status in {"booked", "cancelled"}:
        return page.go(page.path("appointment", appointment_id=booking.appointment.id))
    run = booking.appointment.assessment_run_id
    query = {"keep": str(booking.appointment.id)} | ({"assessment": str(run)} if run else {})
    return page.go(page.path("book_times", query, service=booking.service.code))
