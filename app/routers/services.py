"""The service catalogue: all services, and the page of one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.catalogue import ServiceLocation
from app.services.catalogue import ServicePage, find_service, list_services
from app.web.access import PublicPage, Session
from app.web.i18n import gettext as _
from app.web.opening import place_today

router = APIRouter(prefix="/{lang}/services")


@dataclass(frozen=True)
class Letter:
    """The services whose names begin with the same letter: id, name, summary."""

    letter: str
    services: Sequence[tuple[uuid.UUID, str, str]]


@dataclass(frozen=True)
class ListPage:
    letters: Sequence[Letter]
    count: int


@dataclass(frozen=True)
class PlaceCard:
    """A place with today's hours in words."""

    place: ServiceLocation
    hours_today: str
    open_now: bool


@dataclass(frozen=True)
class OneServicePage:
    """A service. `other_language`: the page is shown in this language because the reader's own is missing."""

    found: ServicePage
    places: Sequence[PlaceCard]
    other_language: str | None


@router.get("", name="services")
async def list_all(page: PublicPage, session: Session) -> Response:
    """Every service, by the alphabet."""
    services = await list_services(session, page.language)
    letters = [Letter(letter, list(group)) for letter, group in groupby(services, key=lambda row: row[1][:1].upper())]
    page.title = _("All services")
    return page.show("services/list.html", ListPage(letters, len(services)))


@router.get("/{service_id}", name="service")
async def show(page: PublicPage, session: Session, service_id: uuid.UUID) -> Response:
    """What it is, who gets it, what it costs, how to get it, where and when."""
    found = await find_service(session, service_id)
    places = [PlaceCard(place, *place_today(place.hours, page.clock)) for place in found.places]
    shown_in = found.service.names.language_for(page.language)
    page.title = found.service.names.to(page.language)
    other = shown_in if shown_in != page.language else None
    return page.show("services/service.html", OneServicePage(found, places, other))
