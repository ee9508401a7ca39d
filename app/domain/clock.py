"""Time: instants in UTC, people in Europe/Helsinki, office days by the Finnish calendar.

`Clock` is read once per transaction (from the database's transaction time) and passed down, so that one use case
sees one moment and a test can choose it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

HELSINKI = ZoneInfo("Europe/Helsinki")


@dataclass(frozen=True)
class Clock:
    """One moment. `now` must carry a time zone; it is kept in UTC."""

    now: datetime

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a clock needs a time zone")
        object.__setattr__(self, "now", self.now.astimezone(UTC))

    @property
    def local(self) -> datetime:
        """The moment in Helsinki."""
        return self.now.astimezone(HELSINKI)

    @property
    def today(self) -> date:
        """The calendar day in Helsinki."""
        return self.local.date()


def full_years(born: date, day: date) -> int:
    """Age on `day` in full years. Somebody born on 29 February turns a year older on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def local_instant(day: date, at: time) -> datetime:
    """`day` at `at` on a Helsinki wall clock, in UTC.

    In the hour that the autumn change repeats, the first one is meant; a wall time that the spring change skips
    becomes the moment one hour later on the wall, as a clock that has just been moved shows.
    """
    return datetime.combine(day, at, tzinfo=HELSINKI).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight in Helsinki that begins `day`, in UTC."""
    return local_instant(day, time.min)


@lru_cache(maxsize=32)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FI", years=year))


def is_public_holiday(day: date) -> bool:
    """True on Finnish public holidays, Midsummer Eve and Christmas Eve included (offices are closed)."""
    midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
    christmas_eve = (day.month, day.day) == (12, 24)
    return midsummer_eve or christmas_eve or day in _public_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday, public holidays and the two eves off."""
    return day.weekday() < 5 and not is_public_holiday(day)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return working_day_from(day + timedelta(days=1))


def working_day_from(day: date) -> date:
    """`day` itself where offices are open on it, else the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
