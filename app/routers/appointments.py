"""A booked time: its page, its calendar file, and cancelling it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.catalogue import ServiceLocation as Place
from app.services.acting.note_reading import note_reading
from app.services.booking.calendar_file import calendar_file
from app.services.booking.own_appointment import Booking, cancel_appointment, find_own, hides_whereabouts
from app.services.booking.video_visit import VideoDoor, resident_door
from app.services.catalogue.entries import read_place
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.forms.form_tasks import AskedForm, forms_for_visit
from app.services.submissions import first_result, remember_result
from app.web.access import PublicPage, Resident, Session, Submitted
from app.web.i18n import format_when
from app.web.i18n import gettext as _
from app.web.outside import concerned
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/appointments/{appointment_id}")


@dataclass(frozen=True)
class AppointmentPage:
    """A booked or cancelled time with its place; `past` once it has ended. `door`: the way into a video visit."""

    booking: Booking
    place: Place
    can_cancel: bool
    past: bool
    door: VideoDoor | None
    forms: Sequence[AskedForm]


@router.get("", name="appointment")
async def show(page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID) -> Response:
    """The confirmation, and later the page of the booked time."""
    context = await _page(page, session, resident, appointment_id)
    if context.door:  # only a coming video visit needs video: its outage is no news for the others
        concerned(page.request).append("video")
    cancelled = context.booking.appointment.status == "cancelled"
    gone = _("Earlier appointment") if context.past else _("Your time is booked")
    page.title = _("The time is cancelled") if cancelled else gone
    return page.show("appointments/show.html", context)


@router.get("/calendar.ics", name="appointment_calendar")
async def calendar(page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID) -> Response:
    """The time for the resident's own calendar; it says nothing about health."""
    booking = await _read(session, resident, appointment_id)
    nowhere = booking.service.way != "visit" or not booking.whereabouts or await hides_whereabouts(session, booking)
    place = None if nowhere else read_place(booking.location).address_line(page.language)
    content = calendar_file(
        booking, title=_("Booked time"), place=place, host=page.settings.public_url, clock=await read_clock(session)
    )
    disposition = 'attachment; filename="aika.ics"'
    return Response(
        content,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


@router.get("/cancel", name="appointment_cancel")
async def ask(page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID) -> Response:
    """Are you sure?"""
    context = await _page(page, session, resident, appointment_id)
    if context.booking.appointment.status == "cancelled":
        return page.go(page.path("appointment", appointment_id=appointment_id))
    page.title = _("Cancel the time on %(when)s?") % {"when": format_when(context.booking.start)}
    return page.show("appointments/cancel.html", context)


@router.post("/cancel", name="appointment_do_cancel")
async def cancel(
    page: PublicPage, session: Session, resident: Resident, appointment_id: uuid.UUID, form: Submitted
) -> Response:
    """Cancel it: the time is free for others at once."""
    earlier = await first_result(session, form.submission)
    path = page.path("appointment", appointment_id=appointment_id)
    if not earlier:
        await cancel_appointment(session, resident, appointment_id)
        await remember_result(session, form.submission, path)
    return page.go(path)


async def _page(page: Page, session: Session, resident: Resident, appointment_id: uuid.UUID) -> AppointmentPage:
    booking = await _read(session, resident, appointment_id)
    clock = await read_clock(session)
    return AppointmentPage(
        booking=booking,
        place=read_place(booking.location),
        can_cancel=booking.can_cancel(clock),
        past=booking.end <= clock.now,
        forms=await forms_for_visit(session, resident, booking.appointment.id),
        door=await resident_door(session, booking, page.request.app.state.vault) if booking.whereabouts else None,
    )


async def _read(session: Session, resident: Resident, appointment_id: uuid.UUID) -> Booking:
    booking = await find_own(session, resident, appointment_id)
    if booking.appointment.status not in {"booked", "cancelled"}:
        raise NotFound
    await note_reading(session, resident, ("appointment", appointment_id), booking.service.register)
    return booking
