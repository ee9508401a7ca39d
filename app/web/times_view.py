"""Free times as a page lists them: by day, by place, each a button with a full spoken label."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from app.domain.clock import HELSINKI
from app.services.booking.free_times import FreeTime


@dataclass(frozen=True)
class Slot:
    """A time as it travels in a form: start (UTC), place, and the professional where one was asked for by name."""

    start: datetime
    location: uuid.UUID
    professional: uuid.UUID | None = None

    @property
    def value(self) -> str:
        return f"{self.start.isoformat()}|{self.location}|{self.professional or ''}"


class UnreadableSlot(ValueError):
    """The value is none that a page of ours made."""


def read_slot(value: str) -> Slot:
    """The slot of a form's value. Raises UnreadableSlot for anything else, also times without a zone."""
    try:
        start, location, professional = value.split("|")
        at = datetime.fromisoformat(start)
        slot = Slot(at, uuid.UUID(location), uuid.UUID(professional) if professional else None)
    except ValueError as error:
        raise UnreadableSlot from error
    if at.tzinfo is None or not 2000 < at.year < 2200:
        raise UnreadableSlot
    return slot


@dataclass(frozen=True)
class TimeButton:
    value: str
    starts: datetime
    who: str | None = None


@dataclass(frozen=True)
class PlaceTimes:
    name: str
    times: Sequence[TimeButton]
    distance: str | None = None


@dataclass(frozen=True)
class DayTimes:
    day: date
    places: Sequence[PlaceTimes]

    @property
    def count(self) -> int:
        return sum(len(place.times) for place in self.places)


def by_day(
    times: Sequence[FreeTime], place_names: Mapping[uuid.UUID, str], professional: uuid.UUID | None = None
) -> list[DayTimes]:
    """`times` (earliest first) by Helsinki day, and within it by place, the place with the earliest time first."""
    return [
        DayTimes(day, _by_place(list(of_day), place_names, professional))
        for day, of_day in groupby(times, key=lambda time: time.start.astimezone(HELSINKI).date())
    ]


def _by_place(
    times: Sequence[FreeTime], place_names: Mapping[uuid.UUID, str], professional: uuid.UUID | None
) -> list[PlaceTimes]:
    places: dict[uuid.UUID, list[TimeButton]] = {}
    for time in times:
        slot = Slot(time.start, time.location_id, professional)
        places.setdefault(time.location_id, []).append(TimeButton(slot.value, time.start))
    return [PlaceTimes(place_names.get(place, ""), buttons) for place, buttons in places.items()]
