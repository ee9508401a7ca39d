"""Publish professionals' weekly hours as availability, day by day; public holidays are off."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock, is_public_holiday, local_instant
from app.models import Availability

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
AHEAD = timedelta(weeks=6)


@dataclass(frozen=True)
class WeeklyHours:
    """One stretch of a professional's ordinary week, in Helsinki wall-clock time."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class WorkingWeek:
    """Who works where, for which services, and when."""

    professional_id: uuid.UUID
    location_id: uuid.UUID
    services: Sequence[str]
    hours: Sequence[WeeklyHours]


def read_week(rows: Sequence[Mapping[str, str]]) -> list[WeeklyHours]:
    """Hours as the content writes them. Raises ValueError for an unknown weekday or a broken time."""
    return [
        WeeklyHours(WEEKDAYS.index(row["weekday"]), time.fromisoformat(row["from"]), time.fromisoformat(row["to"]))
        for row in rows
    ]


async def publish_times(session: AsyncSession, weeks: Sequence[WorkingWeek], clock: Clock) -> int:
    """Publish what is missing of the coming six weeks; returns how many stretches were new.

    A stretch that overlaps one which is there already is left as it is, so publishing again changes nothing but the
    services that those of the same week are for.
    """
    new = 0
    for week in weeks:
        rows = list(_stretches(week, clock.today, clock.today + AHEAD))
        if rows:
            new += await _publish(session, week, rows)
    return new


async def _publish(session: AsyncSession, week: WorkingWeek, rows: Sequence[Mapping[str, Any]]) -> int:
    statement = insert(Availability).on_conflict_do_nothing().returning(Availability.id)
    new = len((await session.execute(statement, rows)).all())
    services = list(week.services)
    there = (Availability.id.in_([row["id"] for row in rows]), Availability.services != services)
    await session.execute(update(Availability).where(*there).values(services=services))
    return new


def _stretches(week: WorkingWeek, first: date, last: date) -> Iterator[dict[str, Any]]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if is_public_holiday(day):
            continue
        for hours in week.hours:
            if hours.weekday == day.weekday():
                name = f"{week.professional_id} {day.isoformat()} {hours.start.isoformat()}"
                yield {
                    "id": uuid.uuid5(uuid.NAMESPACE_OID, name),
                    "resource_id": week.professional_id,
                    "location_id": week.location_id,
                    "services": list(week.services),
                    "during": Range(local_instant(day, hours.start), local_instant(day, hours.end)),
                }
