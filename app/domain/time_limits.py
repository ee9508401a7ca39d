"""Limits of time: by when a contact is answered, by when the law wants a thing done.

The limits are data (app/content/time_limits.json) with validity, source and owner, because laws and the county's
promises change; this module only counts. A resident's self-assessment never starts or stops a statutory limit.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Self

from app.domain.clock import HELSINKI, is_working_day, local_instant, next_working_day
from app.domain.urgency import Urgency

Register = Literal["patient", "social", "rescue"]
Unit = Literal["same_office_day", "calendar_days", "working_days", "weeks", "months"]
Kind = Literal["county", "statutory"]


class UnknownLimit(LookupError):
    """No limit of that id is in force on that day."""


@dataclass(frozen=True)
class OfficeHours:
    """The hours of working days in which the county answers, on the Helsinki wall clock."""

    opens: time
    closes: time


@dataclass(frozen=True)
class LimitRule:
    """One limit: `limit` `unit`s from `start_event`, for a service `group` of a `register`.

    `valid_to` and the ages are inclusive; None means open-ended. `source` names the law or the county's decision.
    """

    id: str
    register: Register
    group: str
    start_event: str
    limit: int
    unit: Unit
    valid_from: date
    valid_to: date | None
    source: str
    kind: Kind
    age_from: int | None = None
    age_to: int | None = None

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Self:
        """A rule from a row of the content file. Raises KeyError or ValueError where the row is not complete."""
        until = row.get("valid_to")
        return cls(
            **{key: row[key] for key in ("id", "register", "group", "start_event", "limit", "unit")},
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(until) if until else None,
            source=row["source"],
            kind=row["kind"],
            age_from=row.get("age_from"),
            age_to=row.get("age_to"),
        )

    def in_force(self, day: date, age: int | None = None) -> bool:
        """True where the rule holds on `day` for somebody of `age` (None: a rule without ages is wanted)."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        if age is None:
            return self.age_from is None and self.age_to is None
        return (self.age_from or 0) <= age and (self.age_to is None or age <= self.age_to)

    def meant_for(self, day: date, age: int | None) -> bool:
        """True where the rule holds on `day` for somebody of `age`; one without ages is meant for everybody, one with
        ages only for somebody whose age is known."""
        return self.in_force(day) or (age is not None and self.in_force(day, age))

    def last_day(self, start: date) -> date:
        """The last day on which the limit, begun on `start`, is still kept."""
        match self.unit:
            case "same_office_day":
                return start if is_working_day(start) else next_working_day(start)
            case "calendar_days":
                return start + timedelta(days=self.limit)
            case "weeks":
                return start + timedelta(weeks=self.limit)
            case "months":
                return _months_after(start, self.limit)
            case "working_days":
                return _working_days_after(start, self.limit)


@dataclass(frozen=True)
class RunningLimit:
    """A limit that has begun: which rule, statutory or county, and the moment (UTC) by which it is kept."""

    rule: str
    kind: Kind
    due_at: datetime


@dataclass(frozen=True)
class TimeLimits:
    """All limits and the office hours that the county's promise is counted in."""

    office: OfficeHours
    rules: tuple[LimitRule, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The limits of the content file. Raises KeyError or ValueError where it is not complete."""
        office = data["office_hours"]
        return cls(
            OfficeHours(time.fromisoformat(office["opens"]), time.fromisoformat(office["closes"])),
            tuple(LimitRule.from_data(row) for row in data["rules"]),
        )

    def rule(self, rule_id: str, day: date, age: int | None = None) -> LimitRule:
        """The rule `rule_id` in force on `day` for `age`. Raises UnknownLimit where there is none."""
        found = next((rule for rule in self.rules if rule.id == rule_id and rule.in_force(day, age)), None)
        if found is None:
            raise UnknownLimit(f"{rule_id} on {day}")
        return found

    def begin(
        self, wanted: Sequence[str], started: datetime, age: int | None, urgency: Urgency
    ) -> tuple[RunningLimit, ...]:
        """The limits of `wanted` that run from `started` (UTC) for somebody of `age` (None: not known).

        One that is not in force on that day, or is meant for other ages, does not run. Raises UnknownLimit where none
        is left: something always says by when a matter is answered.
        """
        day = started.astimezone(HELSINKI).date()
        found = [rule for rule in self.rules if rule.id in wanted and rule.meant_for(day, age)]
        if not found:
            raise UnknownLimit(f"{', '.join(wanted)} on {day}")
        return tuple(RunningLimit(rule.id, rule.kind, self._due(rule, started, urgency)) for rule in found)

    def _due(self, rule: LimitRule, started: datetime, urgency: Urgency) -> datetime:
        if rule.unit == "same_office_day":
            return self.answer_due(started, urgency)
        return local_instant(rule.last_day(started.astimezone(HELSINKI).date()), self.office.closes)

    def answer_due(self, arrived: datetime, urgency: Urgency) -> datetime:
        """By when somebody answers a contact; see the function `answer_due`."""
        return answer_due(arrived, urgency, self.office)


def answer_due(arrived: datetime, urgency: Urgency, office: OfficeHours) -> datetime:
    """By when (UTC) a contact that came at `arrived` is answered.

    The end of office hours on the same working day; a contact that comes after them, on a weekend or on a public
    holiday counts from the next working day (Health Care Act 1326/2010, 51 §). Emergency and immediate need are due
    when they arrive: they are shown as "at once" and never wait in a queue for office hours.
    """
    if urgency.at_least(Urgency.IMMEDIATE):
        return arrived
    local = arrived.astimezone(HELSINKI)
    today = local.date()
    in_time = is_working_day(today) and local.time() < office.closes
    return local_instant(today if in_time else next_working_day(today), office.closes)


def _months_after(start: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it is shorter."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month0 + 1, min(start.day, calendar.monthrange(year, month0 + 1)[1]))


def _working_days_after(start: date, count: int) -> date:
    """The `count`-th working day after `start` (the day itself does not count)."""
    day = start
    for _ in range(count):
        day = next_working_day(day)
    return day
