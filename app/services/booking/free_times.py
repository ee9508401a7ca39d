"""Free time: availability minus what is held, booked or blocked. Names no person, needs no right to see one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.booking import BookingRule
from app.domain.clock import Clock
from app.domain.urgency import Urgency
from app.models import BookableService

# Starts are cut from each stretch of availability in steps of the visit's length. A hold that has run out counts
# as free: whoever takes the time changes its state first.
FREE = """
select s.start, a.location_id, array_agg(a.resource_id order by a.resource_id)
from availability a
cross join lateral generate_series(lower(a.during), upper(a.during) - :minutes, :minutes) as s(start)
where a.services @> array[:service]::varchar[]
  and a.during && tstzrange(:since, :until)
  and s.start >= :since and s.start < :until
  and (cast(:location as uuid) is null or a.location_id = :location)
  and (cast(:professional as uuid) is null or a.resource_id = :professional)
  and not exists (
    select 1 from allocation t
    where t.resource_id = a.resource_id
      and t.state in ('held', 'booked', 'blocked')
      and t.during && tstzrange(s.start, s.start + :minutes)
      and (t.state <> 'held' or t.held_until > :now)
  )
group by s.start, a.location_id
order by s.start, a.location_id
limit :most
"""


WEEK = timedelta(days=7)


@dataclass(frozen=True)
class FreeTime:
    """A start at a place, and the professionals who are free then."""

    start: datetime
    location_id: uuid.UUID
    professionals: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Wish:
    """What somebody looks for: `location` and `professional` narrow the search where they are given."""

    service: BookableService
    urgency: Urgency | None = None
    location: uuid.UUID | None = None
    professional: uuid.UUID | None = None


def rule_of(service: BookableService) -> BookingRule:
    """The booking rule that the service's row holds."""
    return BookingRule(
        rule=service.rule,  # type: ignore[arg-type]  # the seed checks the content's value
        lead=timedelta(minutes=service.lead_minutes),
        horizon=timedelta(days=service.horizon_days),
        permit_urgencies=frozenset(Urgency(level) for level in service.permit_urgencies),
        age_from=service.age_from,
        age_to=service.age_to,
    )


async def find_free_times(
    session: AsyncSession,
    wish: Wish,
    clock: Clock,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 1000,
) -> list[FreeTime]:
    """The free times that suit `wish`, earliest first, by start and place.

    `since` and `until` narrow the window that the booking rule and the urgency allow; they never widen it.
    """
    first, last = rule_of(wish.service).window(clock, wish.urgency)
    first, last = max(first, since or first), min(last, until or last)
    if first >= last:
        return []
    rows = await session.execute(
        text(FREE),
        {
            "service": wish.service.code,
            "minutes": timedelta(minutes=wish.service.minutes),
            "since": first,
            "until": last,
            "location": wish.location,
            "professional": wish.professional,
            "now": clock.now,
            "most": most,
        },
    )
    return [FreeTime(start, location, tuple(people)) for start, location, people in rows.all()]


async def first_free_time(
    session: AsyncSession, wish: Wish, clock: Clock, *, since: datetime | None = None, until: datetime | None = None
) -> FreeTime | None:
    """The earliest free time that suits `wish`, looked for between `since` and `until`.

    Nearly always it is within a week, so that is looked at first: the whole horizon costs ten times as much.
    """
    soon = (since or clock.now) + WEEK
    for end in (min(soon, until or soon), until):
        found = await find_free_times(session, wish, clock, since=since, until=end, most=1)
        if found or end == until:
            return found[0] if found else None
    return None


@dataclass(frozen=True)
class FreeWeek:
    """The free times of seven days that begin with the first one, and the first time after them."""

    times: Sequence[FreeTime]
    later: FreeTime | None


async def first_free_week(
    session: AsyncSession, wish: Wish, clock: Clock, *, since: datetime | None = None
) -> FreeWeek:
    """A week of free times from the first one (at or after `since`) on."""
    first = await first_free_time(session, wish, clock, since=since)
    if first is None:
        return FreeWeek((), None)
    end = first.start + WEEK
    times = await find_free_times(session, wish, clock, since=first.start, until=end)
    return FreeWeek(times, await first_free_time(session, wish, clock, since=end))
