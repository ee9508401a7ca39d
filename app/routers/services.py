"""The service catalogue: all services, and the page of one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.catalogue import ServiceLocation
from app.services.catalogue.entries import ServicePage, find_service, list_services
from app.services.catalogue.sync import SOURCE, last_sync
from app.web.access import PublicPage, Session
from app.web.i18n import gettext as _
from app.web.opening import place_today
from app.web.page import Page

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
    """A service. `other_language`: the page is shown in this language because the reader's own is missing.
    `as_of`: when it was last compared with the national catalogue, told only while that is away."""

    found: ServicePage
    places: Sequence[PlaceCard]
    other_language: str | None
    as_of: datetime | None


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
    as_of = await _as_of(page, session)
    return page.show("services/service.html", OneServicePage(found, places, other, as_of))


async def _as_of(page: Page, session: AsyncSession) -> datetime | None:
    if SOURCE not in page.request.app.state.outside.watch.failing:
        return None
    sync = await last_sync(session)
    return sync.changed_until if sync else None
