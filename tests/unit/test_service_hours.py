"""Opening hours: open now, until when, opens when — over holidays, nights and clock changes."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from app.domain.clock import HELSINKI
from app.domain.service_hours import ServiceHours, UnreadableHours


def entry(kind: str = "DaysOfTheWeek", *hours: tuple[str | None, str | None, str, str], **more: Any) -> dict[str, Any]:
    spans = [{"dayFrom": a, "dayTo": b, "from": start, "to": end, "order": 0} for a, b, start, end in hours]
    return {"serviceHourType": kind, "openingHour": spans, **more}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI).astimezone(UTC)


WEEK = entry("DaysOfTheWeek", ("Monday", "Thursday", "08:00:00", "16:00:00"), ("Friday", None, "08:00:00", "14:00:00"))
NIGHT = entry("OverMidnight", ("Friday", "Saturday", "22:00:00", "04:00:00"))
ALWAYS = {"serviceHourType": "DaysOfTheWeek", "isAlwaysOpen": True, "openingHour": []}


def test_ordinary_week() -> None:
    """In the middle of an office day the page says open, until when, and today's hours."""
    state = ServiceHours.from_ptv([WEEK]).state_at(local("2026-11-20T13:00"))
    assert state.open_now
    assert state.closes_at == local("2026-11-20T14:00")
    assert state.opens_at == local("2026-11-23T08:00")
    assert state.today == ((time(8), time(14)),)


@pytest.mark.parametrize(("at", "expected"), [("07:59", False), ("08:00", True), ("13:59", True), ("14:00", False)])
def test_edges(at: str, expected: bool) -> None:
    """The opening moment is open, the closing moment is closed."""
    assert ServiceHours.from_ptv([WEEK]).is_open(local(f"2026-11-20T{at}")) is expected


def test_public_holiday_is_closed() -> None:
    """On Epiphany the weekly hours do not hold and the next working day is told."""
    state = ServiceHours.from_ptv([WEEK]).state_at(local("2026-01-06T10:00"))
    assert (state.open_now, state.today, state.opens_at) == (False, (), local("2026-01-07T08:00"))


def test_holiday_by_exception_or_flag() -> None:
    """An exception, the flag, or hours round the clock keep a place open on a holiday."""
    epiphany = local("2026-01-06T10:00")
    special = entry("Exceptional", (None, None, "10:00", "12:00"), validFrom="2026-01-06")
    assert ServiceHours.from_ptv([WEEK, special]).is_open(epiphany)
    assert ServiceHours.from_ptv([WEEK], open_on_holidays=True).is_open(epiphany)
    assert ServiceHours.from_ptv([ALWAYS]).is_open(epiphany)


def test_exception_replaces_the_day() -> None:
    """A closed day by exception is closed, written as PTV writes it: Helsinki midnight in UTC."""
    closed = entry("Exceptional", validFrom="2026-11-22T22:00:00Z", isClosed=True)
    hours = ServiceHours.from_ptv([WEEK, closed])
    assert hours.openings_on(date(2026, 11, 23)) == []
    assert hours.state_at(local("2026-11-23T09:00")).opens_at == local("2026-11-24T08:00")


def test_shortest_exception_wins() -> None:
    """A place closed for July can still be open on one day of it."""
    july = entry("Exceptional", validFrom="2026-07-01", validTo="2026-07-31", isClosed=True)
    one_day = entry("Exceptional", ("Wednesday", None, "09:00", "12:00"), validFrom="2026-07-15")
    hours = ServiceHours.from_ptv([WEEK, july, one_day])
    assert hours.openings_on(date(2026, 7, 14)) == []
    assert hours.openings_on(date(2026, 7, 15)) == [(local("2026-07-15T09:00"), local("2026-07-15T12:00"))]


def test_over_midnight() -> None:
    """A night that began on Friday is still open on Saturday before four."""
    hours = ServiceHours.from_ptv([NIGHT])
    state = hours.state_at(local("2026-11-21T01:00"))
    assert (state.open_now, state.closes_at, state.today) == (True, local("2026-11-21T04:00"), ())
    assert not hours.is_open(local("2026-11-21T22:30"))


def test_night_ends_where_an_exception_closes() -> None:
    """An opening over midnight stops at the midnight that begins an exceptionally closed day."""
    closed = entry("Exceptional", validFrom="2026-11-21", isClosed=True)
    hours = ServiceHours.from_ptv([NIGHT, closed])
    assert hours.openings_on(date(2026, 11, 20)) == [(local("2026-11-20T22:00"), local("2026-11-21T00:00"))]


@pytest.mark.parametrize(("friday", "hours"), [("2026-03-28", 5), ("2026-10-24", 7), ("2026-11-21", 6)])
def test_clock_changes_in_the_night(friday: str, hours: int) -> None:
    """22–04 lasts five hours in the spring night, seven in the autumn night."""
    night = entry("OverMidnight", ("Saturday", "Sunday", "22:00", "04:00"))
    ((start, end),) = ServiceHours.from_ptv([night]).openings_on(date.fromisoformat(friday))
    assert (end - start).total_seconds() == hours * 3600


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_clock_changes_keep_wall_hours(day: str) -> None:
    """On the days of the clock changes a place opens and closes by the wall clock."""
    sunday = entry("DaysOfTheWeek", ("Sunday", None, "08:00", "16:00"))
    hours = ServiceHours.from_ptv([sunday])
    assert hours.openings_on(date.fromisoformat(day)) == [(local(f"{day}T08:00"), local(f"{day}T16:00"))]
    assert hours.state_at(local(f"{day}T09:00")).today == ((time(8), time(16)),)


def test_hours_inside_the_skipped_hour() -> None:
    """Hours that the spring change swallows never end before they begin."""
    hours = ServiceHours.from_ptv([entry("DaysOfTheWeek", ("Sunday", None, "03:30", "04:00"))])
    assert all(start < end for start, end in hours.openings_on(date(2026, 3, 29)))


@pytest.mark.parametrize("moment", ["2026-03-29T03:30", "2026-10-25T03:30", "2026-12-25T12:00"])
def test_always_open(moment: str) -> None:
    """Round the clock is open at every moment and never says that it closes."""
    state = ServiceHours.from_ptv([ALWAYS]).state_at(local(moment))
    assert (state.open_now, state.closes_at, state.opens_at) == (True, None, None)


def test_validity() -> None:
    """Summer hours hold from their first to their last day."""
    summer = entry(
        "DaysOfTheWeek", ("Monday", "Friday", "09:00", "15:00"), validFrom="2026-06-01", validTo="2026-08-31"
    )
    hours = ServiceHours.from_ptv([summer])
    opens = [hours.is_open(local(f"{day}T10:00")) for day in ("2026-05-29", "2026-06-01", "2026-08-31", "2026-09-01")]
    assert opens == [False, True, True, False]


def test_touching_hours_are_one() -> None:
    """8–12 and 12–16 close at four, not at noon; midnight to midnight is the whole day."""
    hours = ServiceHours.from_ptv(
        [entry("DaysOfTheWeek", ("Monday", None, "08:00", "12:00"), ("Monday", None, "12:00", "16:00"))]
    )
    assert hours.state_at(local("2026-11-23T09:00")).closes_at == local("2026-11-23T16:00")
    day = ServiceHours.from_ptv([entry("DaysOfTheWeek", ("Monday", None, "00:00", "00:00"))])
    assert day.is_open(local("2026-11-23T23:59"))


def test_no_hours_is_never_open() -> None:
    """Without hours nothing is promised."""
    state = ServiceHours.from_ptv([]).state_at(local("2026-11-23T09:00"))
    assert (state.open_now, state.closes_at, state.opens_at, state.today) == (False, None, None, ())


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "8-16",
        {},
        entry("Sometimes"),
        entry("DaysOfTheWeek", ("Moonday", None, "08:00", "16:00")),
        entry("DaysOfTheWeek", ("Monday", None, "8 am", "16:00")),
        entry("Exceptional", isClosed=True),
        entry(validFrom="soon"),
        entry(validFrom=5),
        entry(validFrom="2026-02-01", validTo="2026-01-01"),
        {"serviceHourType": "DaysOfTheWeek", "openingHour": [None]},
        {"serviceHourType": "DaysOfTheWeek", "openingHour": 5},
        {"serviceHourType": ["x"]},
    ],
)
def test_unreadable_hours_are_named(broken: Any) -> None:
    """A broken entry is named by its place, so that the catalogue's report can say what to mend."""
    with pytest.raises(UnreadableHours) as caught:
        ServiceHours.from_ptv([WEEK, broken])
    assert caught.value.index == 1
