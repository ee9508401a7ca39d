"""The front page, and the way to it in the reader's language."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.models import BookableService
from app.services.booking.bookable import place_names
from app.services.booking.free_times import FreeTime, Wish, first_free_time
from app.services.clock import read_clock
from app.web.access import PublicPage, Session
from app.web.i18n import gettext as _

router = APIRouter()

QUICK_SERVICE = "nurse-visit"
SOON = timedelta(days=3)


@dataclass(frozen=True)
class HomePage:
    """`next_time`: the first free nurse time of the next days with its place, where there is one."""

    next_time: FreeTime | None
    place: str
    examples: tuple[str, ...]


@router.get("/", name="root")
async def root(request: Request) -> Response:
    """On to the front page in the browser's language."""
    response = RedirectResponse(f"/{request.scope['language']}/", 302)
    response.headers["Vary"] = "Accept-Language"
    return response


@router.get("/{lang}/", name="home")
async def home(page: PublicPage, session: Session) -> Response:
    """Search, emergency numbers, the five tasks."""
    clock = await read_clock(session)
    service = await session.get(BookableService, QUICK_SERVICE)
    free = None
    if service is not None:
        free = await first_free_time(session, Wish(service), clock, until=clock.now + SOON)
    places = await place_names(session) if free else {}
    place = places[free.location_id].to(page.language) if free else ""
    page.title = _("How can we help?")
    examples = (_("cancel a time"), _("dental care"), _("flu vaccination"), _("support for informal care"))
    return page.show("home/home.html", HomePage(free, place, examples))


@router.get("/{lang}", include_in_schema=False, name="home_without_slash")
async def home_without_slash(page: PublicPage) -> Response:
    """The address without its last stroke leads to the front page too."""
    return page.go(page.path("home"))
