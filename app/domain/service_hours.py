"""Opening hours as the Finnish Service Catalogue (PTV Open API v11, `serviceHours`) writes them.

Three kinds of entries: DaysOfTheWeek (the ordinary week), OverMidnight (from a weekday's time to another weekday's
time) and Exceptional (one day or a period that replaces the ordinary hours). Wall-clock times are Helsinki times;
what comes out is instants in UTC, so that both clock changes are counted right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, Self, cast, get_args

from app.domain.clock import HELSINKI, is_public_holiday, local_instant, start_of_day

HoursKind = Literal["DaysOfTheWeek", "OverMidnight", "Exceptional"]
_KINDS: tuple[str, ...] = get_args(HoursKind)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOK_BACK = 7  # days: no opening is longer than a week, except "always open"
_LOOK_AHEAD = 60  # days: farther away nobody is told when a place opens next
_DAY = timedelta(days=1)

Opening = tuple[datetime, datetime]


class UnreadableHours(ValueError):
    """An entry of `serviceHours` can't be understood: its place in the list (from 0) and why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"service hours, entry {index}: {reason}")
        self.index = index
        self.reason = reason


@dataclass(frozen=True)
class Span:
    """Hours within an entry. Weekdays count from 0 (Monday); None means every day that the entry is valid."""

    day_from: int | None
    day_to: int | None
    start: time
    end: time

    def covers(self, weekday: int) -> bool:
        """True where `weekday` lies in dayFrom–dayTo, also across Sunday (Saturday–Monday)."""
        if self.day_from is None:
            return True
        last = self.day_from if self.day_to is None else self.day_to
        return (weekday - self.day_from) % 7 <= (last - self.day_from) % 7

    def opening_on(self, day: date) -> Opening:
        """The opening that begins on `day`; an end not after the start is on the next day (22–04, 0–24)."""
        last = day + _DAY if self.end <= self.start else day
        return local_instant(day, self.start), local_instant(last, self.end)

    def overnight_on(self, day: date) -> Opening:
        """The opening from this span's first weekday, `day`, to its last."""
        first = day.weekday() if self.day_from is None else self.day_from
        nights = 1 if self.day_to is None else (self.day_to - first) % 7
        if nights == 0 and self.end <= self.start:
            nights = 7
        return local_instant(day, self.start), local_instant(day + timedelta(days=nights), self.end)


@dataclass(frozen=True)
class HoursEntry:
    """One entry of `serviceHours`; `valid_from` and `valid_to` are inclusive Helsinki days."""

    kind: HoursKind
    valid_from: date | None
    valid_to: date | None
    closed: bool
    always_open: bool
    spans: tuple[Span, ...]

    def valid_on(self, day: date) -> bool:
        """True where the entry is in force on `day`."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    @property
    def length(self) -> int:
        """Days that the entry is in force; the shortest exception decides where several meet."""
        if self.valid_from is None or self.valid_to is None:
            return 1_000_000
        return (self.valid_to - self.valid_from).days

    def openings_on(self, day: date) -> Iterator[Opening]:
        """Openings of this entry that begin on `day`, in no order."""
        if self.closed:
            return
        if self.always_open:
            yield start_of_day(day), start_of_day(day + _DAY)
            return
        for span in self.spans:
            if self.kind == "OverMidnight":
                if span.day_from in (None, day.weekday()):
                    yield span.overnight_on(day)
            elif span.covers(day.weekday()):
                yield span.opening_on(day)


@dataclass(frozen=True)
class HoursNow:
    """Hours as a page shows them: whether it is open, until when, when it opens next (UTC instants or None), and
    today's openings as Helsinki wall-clock times. A place that is always open never closes: `closes_at` is None."""

    open_now: bool
    closes_at: datetime | None
    opens_at: datetime | None
    today: tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class ServiceHours:
    """All hours of one place or phone line. On public holidays it is closed unless always open or an exception
    says otherwise; `open_on_holidays` turns that off for places that keep their weekly hours."""

    entries: tuple[HoursEntry, ...]
    open_on_holidays: bool = False

    @classmethod
    def from_ptv(cls, entries: Sequence[Any], *, open_on_holidays: bool = False) -> Self:
        """Hours from PTV's `serviceHours` list. Raises UnreadableHours naming the first entry that is broken."""
        return cls(tuple(_read_entry(i, entry) for i, entry in enumerate(entries)), open_on_holidays)

    def openings_on(self, day: date) -> list[Opening]:
        """Openings that begin on `day` in Helsinki, as (start, end) in UTC, in order, overlapping ones joined."""
        found = [
            (start, self._clipped(start, end)) for entry in self._deciding(day) for start, end in entry.openings_on(day)
        ]
        return _joined(sorted(opening for opening in found if opening[0] < opening[1]))

    def is_open(self, instant: datetime) -> bool:
        """True where `instant` (any time zone) lies in an opening; the closing moment itself is closed."""
        return any(start <= instant < end for start, end in self._around(instant, 1))

    def state_at(self, instant: datetime) -> HoursNow:
        """What a page tells at `instant`."""
        today = instant.astimezone(HELSINKI).date()
        current = next((opening for opening in self._around(instant, 1) if opening[0] <= instant < opening[1]), None)
        if current and current[1] > start_of_day(today + _DAY):
            current = self._whole(instant)  # it goes on over midnight, perhaps for ever
        endless = current is not None and current[1] >= start_of_day(today + timedelta(days=_LOOK_AHEAD))
        return HoursNow(
            open_now=current is not None,
            closes_at=current[1] if current and not endless else None,
            opens_at=self._next_opening(instant, current),
            today=tuple((_wall(start), _wall(end)) for start, end in self.openings_on(today)),
        )

    def _whole(self, instant: datetime) -> Opening | None:
        """The opening around `instant` with everything that touches it joined."""
        far = self._around(instant, _LOOK_AHEAD)
        return next((opening for opening in far if opening[0] <= instant < opening[1]), None)

    def _next_opening(self, instant: datetime, current: Opening | None) -> datetime | None:
        """The first start after `instant` that does not belong to the `current` opening."""
        today, after = instant.astimezone(HELSINKI).date(), current[1] if current else instant
        days = (today + timedelta(days=offset) for offset in range(_LOOK_AHEAD + 1))
        return next((start for day in days for start, _ in self.openings_on(day) if start > after), None)

    def _deciding(self, day: date) -> list[HoursEntry]:
        """The entries that decide about `day`: its shortest exceptions, else the ordinary ones."""
        valid = [entry for entry in self.entries if entry.valid_on(day)]
        exceptions = [entry for entry in valid if entry.kind == "Exceptional"]
        if exceptions:
            shortest = min(entry.length for entry in exceptions)
            return [entry for entry in exceptions if entry.length == shortest]
        if is_public_holiday(day) and not self.open_on_holidays:
            return [entry for entry in valid if entry.always_open]
        return valid

    def _clipped(self, start: datetime, end: datetime) -> datetime:
        """`end`, or the midnight before it that begins a day closed by an exception."""
        day = start.astimezone(HELSINKI).date() + _DAY
        while (midnight := start_of_day(day)) < end:
            if any(entry.kind == "Exceptional" and entry.closed for entry in self._deciding(day)):
                return midnight
            day += _DAY
        return end

    def _around(self, instant: datetime, days_ahead: int) -> list[Opening]:
        today = instant.astimezone(HELSINKI).date()
        days = (today + timedelta(days=offset) for offset in range(-_LOOK_BACK, days_ahead + 1))
        return _joined([opening for day in days for opening in self.openings_on(day)])


def _joined(openings: list[Opening]) -> list[Opening]:
    """Sorted openings with touching and overlapping ones made one."""
    result: list[Opening] = []
    for start, end in openings:
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _wall(instant: datetime) -> time:
    return instant.astimezone(HELSINKI).time()


def _read_entry(index: int, entry: Any) -> HoursEntry:
    if not isinstance(entry, Mapping):
        raise UnreadableHours(index, "not an object")
    kind = entry.get("serviceHourType")
    if kind not in _KINDS:
        raise UnreadableHours(index, f"unknown type {str(kind)[:40]!r}")
    try:
        return _entry_of(cast(HoursKind, kind), entry)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableHours(index, str(error)) from error


def _entry_of(kind: HoursKind, entry: Mapping[str, Any]) -> HoursEntry:
    valid_from, valid_to = _read_day(entry.get("validFrom")), _read_day(entry.get("validTo"))
    if kind == "Exceptional":
        if valid_from is None:
            raise ValueError("an exception without a day")
        valid_to = valid_to or valid_from
    elif entry.get("validForNow") is True:
        valid_to = None
    if valid_from and valid_to and valid_to < valid_from:
        raise ValueError("validTo is before validFrom")
    return HoursEntry(
        kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
        closed=entry.get("isClosed") is True,
        always_open=entry.get("isAlwaysOpen") is True,
        spans=tuple(_read_span(span) for span in entry.get("openingHour") or ()),
    )


def _read_span(span: Any) -> Span:
    return Span(
        day_from=_read_weekday(span.get("dayFrom")),
        day_to=_read_weekday(span.get("dayTo")),
        start=_read_time(span.get("from")),
        end=_read_time(span.get("to")),
    )


def _read_weekday(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if value not in _WEEKDAYS:
        raise ValueError(f"unknown weekday {str(value)[:40]!r}")
    return _WEEKDAYS.index(value)


def _read_time(value: Any) -> time:
    if not isinstance(value, str):
        raise ValueError("a time is missing")
    midnight = value in {"24:00", "24:00:00"}
    return time.min if midnight else time.fromisoformat(value).replace(tzinfo=None)


def _read_day(value: Any) -> date | None:
    """A day from a date or a timestamp; PTV writes Helsinki midnights as UTC (…T22:00:00Z)."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("a day is not text")
    if len(value) == len("2026-01-01"):
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value)
    return moment.astimezone(HELSINKI).date() if moment.tzinfo else moment.replace(tzinfo=UTC).date()
