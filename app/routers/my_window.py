"""My window: what the resident has booked."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.services.acting.note_reading import note_reading
from app.services.booking.own_appointment import Booking, list_own
from app.services.clock import read_clock
from app.services.forms.waiting_forms import waiting_forms
from app.web.access import PublicPage, Resident, Session
from app.web.i18n import gettext as _

router = APIRouter(prefix="/{lang}/my")


@dataclass(frozen=True)
class MyWindowPage:
    """Coming times, the nearest first; past and cancelled ones, the latest first; how many forms are waited for."""

    coming: Sequence[Booking]
    earlier: Sequence[Booking]
    waiting: int


@router.get("", name="my_window")
async def show(page: PublicPage, session: Session, resident: Resident) -> Response:
    """The resident's booked times."""
    clock = await read_clock(session)
    bookings = await list_own(session, resident)
    await note_reading(session, resident, ("appointments", "list"), _register_of(bookings))
    coming = [one for one in bookings if one.appointment.status == "booked" and one.end > clock.now]
    earlier = [one for one in reversed(bookings) if one not in coming]
    acting = resident.acting
    page.title = _("Matters of %(name)s") % {"name": acting.subject_name} if acting else _("My window")
    return page.show("my/window.html", MyWindowPage(coming, earlier, len(await waiting_forms(session, resident))))


def _register_of(bookings: Sequence[Booking]) -> str | None:
    """The register that all of them are in; None where they are in both, or there are none."""
    registers = {one.service.register for one in bookings}
    return registers.pop() if len(registers) == 1 else None
