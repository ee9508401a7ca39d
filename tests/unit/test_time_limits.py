"""When a contact is answered and until when the law gives time."""

import json
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import HELSINKI, is_working_day
from app.domain.text import Text
from app.domain.time_limits import TimeLimits, UnknownLimit
from app.domain.urgency import Urgency

LIMITS = TimeLimits.from_data(json.loads((files("app.content") / "time_limits.json").read_text("utf-8")))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-11-23T07:10", "2026-11-23T16:00"),  # Monday morning
        ("2026-11-23T15:59", "2026-11-23T16:00"),
        ("2026-11-23T16:00", "2026-11-24T16:00"),
        ("2026-11-20T16:30", "2026-11-23T16:00"),  # Friday evening
        ("2026-11-21T10:00", "2026-11-23T16:00"),  # Saturday
        ("2026-12-04T17:00", "2026-12-07T16:00"),  # Independence Day is a Sunday
        ("2026-12-23T16:00", "2026-12-28T16:00"),  # Christmas
        ("2026-04-02T16:00", "2026-04-07T16:00"),  # Easter
        ("2026-06-18T18:00", "2026-06-22T16:00"),  # Midsummer Eve and Midsummer
        ("2026-03-29T03:30", "2026-03-30T16:00"),  # the hour that does not exist
        ("2026-10-25T03:30", "2026-10-26T16:00"),  # the hour that comes twice
        ("2026-10-24T23:59", "2026-10-26T16:00"),
    ],
)
def test_answer_on_the_same_working_day(arrived: str, due: str) -> None:
    """A contact is answered by four on its working day; evenings, weekends and holidays count from the next one."""
    assert LIMITS.answer_due(local(arrived), Urgency.ROUTINE) == local(due)


@pytest.mark.parametrize("urgency", [Urgency.EMERGENCY, Urgency.IMMEDIATE])
def test_urgent_is_at_once(urgency: Urgency) -> None:
    """Danger does not wait for office hours."""
    arrived = local("2026-12-25T03:00")
    assert LIMITS.answer_due(arrived, urgency) == arrived


@given(
    st.integers(0, 5 * 366 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.sampled_from([u for u in Urgency if not u.at_least(Urgency.IMMEDIATE)]),
)
def test_due_is_after_arrival_in_office_hours(arrived: datetime, urgency: Urgency) -> None:
    """The promised moment never lies before the contact, and always in office hours of a working day."""
    due = LIMITS.answer_due(arrived, urgency).astimezone(HELSINKI)
    assert due > arrived
    assert is_working_day(due.date())
    assert LIMITS.office.opens <= due.time() <= time(16)


@pytest.mark.parametrize(
    ("rule", "start", "age", "last"),
    [
        ("first-visit", date(2024, 12, 31), 40, date(2025, 1, 14)),
        ("first-visit", date(2026, 11, 30), 40, date(2027, 2, 28)),
        ("first-visit", date(2026, 11, 22), 22, date(2026, 12, 6)),
        ("first-visit", date(2026, 11, 22), 23, date(2027, 2, 22)),
        ("oral-health", date(2026, 8, 31), 50, date(2027, 2, 28)),
        ("therapy-guarantee", date(2026, 11, 2), 17, date(2026, 11, 30)),
        ("need-assessment-start", date(2026, 12, 22), 80, date(2027, 1, 5)),
        ("contact-answer", date(2026, 12, 24), None, date(2026, 12, 28)),
    ],
)
def test_last_days(rule: str, start: date, age: int | None, last: date) -> None:
    """The limit of the day and the age is used: months end with the month, working days skip holidays."""
    assert LIMITS.rule(rule, start, age).last_day(start) == last


@pytest.mark.parametrize(
    ("rule", "day", "age"), [("first-visit", date(2020, 1, 1), 40), ("none", date(2026, 1, 1), None)]
)
def test_no_limit_is_an_error(rule: str, day: date, age: int | None) -> None:
    """A limit that is not in force is never guessed."""
    with pytest.raises(UnknownLimit):
        LIMITS.rule(rule, day, age)


def test_rows_do_not_overlap() -> None:
    """For every id, day and age at most one rule holds, and every rule names its source."""
    days = {rule.valid_from for rule in LIMITS.rules} | {date(2026, 11, 22)}
    for day in days:
        for age in (None, 0, 17, 22, 23, 76, 100):
            found = [
                rule.id
                for rule in LIMITS.rules
                if rule.in_force(day, age) and (age is None or rule.age_from is not None)
            ]
            assert len(found) == len(set(found))
    assert all(rule.source for rule in LIMITS.rules)


def test_what_a_form_may_begin_has_a_name() -> None:
    """Whoever chooses the limits of a form reads names in their language, and none is of a limit that is not there."""
    data = json.loads((files("app.content") / "time_limits.json").read_text("utf-8"))
    begun = {rule["id"] for rule in data["rules"] if rule["start_event"] == "pending"}
    assert set(data["names"]) == begun
    assert all(Text(names).complete for names in data["names"].values())
