"""My window: what the resident has booked."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.services.clock import read_clock
from app.services.own_appointment import Booking, list_own
from app.web.access import PublicPage, Resident, Session
from app.web.i18n import gettext as _

router = APIRouter(prefix="/{lang}/my")


@dataclass(frozen=True)
class MyWindowPage:
    """Coming times, the nearest first; past and cancelled ones, the latest first."""

    coming: Sequence[Booking]
    earlier: Sequence[Booking]


@router.get("", name="my_window")
async def show(page: PublicPage, session: Session, resident: Resident) -> Response:
    """The resident's booked times."""
    clock = await read_clock(session)
    bookings = await list_own(session, resident)
    coming = [one for one in bookings if one.appointment.status == "booked" and one.end > clock.now]
    earlier = [one for one in reversed(bookings) if one not in coming]
    acting = resident.acting
    page.title = _("Matters of %(name)s") % {"name": acting.subject_name} if acting else _("My window")
    return page.show("my/window.html", MyWindowPage(coming, earlier))
