"""What can be booked, by whom, and when it is first free."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.text import Text
from app.domain.urgency import Urgency
from app.models import BookableService, ServiceLocation
from app.services.booking.free_times import FreeTime, Wish, find_free_times, first_free_time, rule_of
from app.services.clock import read_clock
from app.services.errors import NotFound

FEW = 3


@dataclass(frozen=True)
class Offer:
    """A bookable service with its first free times and the name of their place (None where nothing is free)."""

    service: BookableService
    times: Sequence[FreeTime]
    place: Text | None
    refusal: str | None = None


async def find_bookable(session: AsyncSession, code: str) -> BookableService:
    """The bookable service `code`. Raises NotFound."""
    service = await session.get(BookableService, code)
    if service is None:
        raise NotFound
    return service


async def list_offers(session: AsyncSession) -> list[Offer]:
    """All bookable services with their first free time."""
    clock = await read_clock(session)
    services = (await session.scalars(select(BookableService).order_by(BookableService.code))).all()
    places = await place_names(session)
    offers = []
    for service in services:
        refusal = rule_of(service).refusal(None)
        free = None if refusal else await first_free_time(session, Wish(service), clock)
        offers.append(Offer(service, [free] if free else [], places.get(free.location_id) if free else None, refusal))
    return offers


async def offers_for(session: AsyncSession, codes: Sequence[str], urgency: Urgency) -> list[Offer]:
    """The services among `codes` that may be booked at this urgency, each with its first times soon enough."""
    clock = await read_clock(session)
    services = (await session.scalars(select(BookableService).where(BookableService.code.in_(codes)))).all()
    places = await place_names(session) if services else {}
    offers = []
    for service in sorted(services, key=lambda one: list(codes).index(one.code)):
        if rule_of(service).refusal(urgency) is None:
            times = await _first_at_one_place(session, Wish(service, urgency), clock)
            offers.append(Offer(service, times, places.get(times[0].location_id) if times else None))
    return offers


async def _first_at_one_place(session: AsyncSession, wish: Wish, clock: Clock) -> list[FreeTime]:
    """The first times of the place that is free first: three at one place tell more than one at each of three."""
    first = await first_free_time(session, wish, clock)
    if first is None:
        return []
    there = replace(wish, location=first.location_id)
    return await find_free_times(session, there, clock, since=first.start, most=FEW)


async def place_names(session: AsyncSession) -> dict[uuid.UUID, Text]:
    """The names of all service locations, by id."""
    return {row[0]: row[1] for row in await session.execute(select(ServiceLocation.id, ServiceLocation.names))}
