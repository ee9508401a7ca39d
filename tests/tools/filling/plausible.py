"""Answers that somebody could give to a question, the likeliest first; those after it are tried when a page says no."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from app.domain.forms.answering.bounds import longest
from app.domain.forms.answering.shown import number_shown
from app.domain.forms.answering.typed_parts import date_parts
from app.domain.forms.model import Item
from app.domain.forms.values import Quantity, Value
from tests.tools.filling.matching import matching
from tests.tools.world import FIXED_NOW

TODAY = FIXED_NOW.date()
_NUMBERS = (1, 2, 3, 5, 10, 0, 37, 70, 120, 170, 1980, 100_000, -1)
_WORDS = ("Vastaus", "Testi Henkilö", "Testikatu 1", "50100", "0401234567", "testi@example.fi", "A", "1", "12:30")
_DAYS = (
    date(1980, 2, 3),
    TODAY,
    *(TODAY + timedelta(days=days) for days in (-1, 1, -7, 7, -30, 30, -365, 365)),
    date(2000, 1, 1),
    date(1950, 1, 1),
)
_HOURS = ("09:30:00", "12:00:00", "18:15:00", "00:00:00", "23:59:00")
Entry = Mapping[str, str]


def entries_for(item: Item) -> Sequence[Entry]:
    """The parts of one answer to a question without options, by the part's name; a unit is chosen on the page."""
    return _MAKERS.get(item.type, _words)(item)


def _numbers(item: Item) -> list[Entry]:
    low, high = _amount(item.bounds.minimum), _amount(item.bounds.maximum)
    known = (Decimal(number) for number in _NUMBERS)
    fitting = [one for one in known if (low is None or one >= low) and (high is None or one <= high)]
    ends = [end for end in (low, high) if end is not None]
    return [{"": number_shown(one, "fi")} for one in dict.fromkeys((*fitting, *ends))]


def _amount(limit: Value | None) -> Decimal | None:
    if isinstance(limit, Quantity):
        return limit.value
    return Decimal(limit) if isinstance(limit, int | Decimal) else None


def _days(item: Item) -> list[Entry]:
    """Days that the form takes, and the ends of what it takes."""
    ends = [end[:10] for end in _limits(item) if len(end) >= 10]
    days = [day for day in (*(one.isoformat() for one in _DAYS), *ends) if _fits(item, day)]
    return [_day_entry(item, day) for day in dict.fromkeys(days)] or [_day_entry(item, TODAY.isoformat())]


def _day_entry(item: Item, day: str) -> Entry:
    whole = dict(zip(("year", "month", "day"), (str(int(part)) for part in day.split("-")), strict=True))
    parts = {part: whole[part] for part in date_parts(item)}
    return parts | ({"time": "12.00"} if item.type == "dateTime" and len(parts) == 3 else {})


def _limits(item: Item) -> Iterator[str]:
    return (end for end in (item.bounds.minimum, item.bounds.maximum) if isinstance(end, str))


def _fits(item: Item, day: str) -> bool:
    low, high = item.bounds.minimum, item.bounds.maximum
    above = not isinstance(low, str) or day[: len(low)] >= low[:10]
    return above and (not isinstance(high, str) or day[: len(high)] <= high[:10])


def _times(item: Item) -> list[Entry]:
    fitting = [one for one in (*_HOURS, *_limits(item)) if _fits_time(item, one)]
    return [{"": f"{int(one[:2])}.{one[3:5]}"} for one in fitting]


def _fits_time(item: Item, time: str) -> bool:
    low, high = item.bounds.minimum, item.bounds.maximum
    return (not isinstance(low, str) or time >= low) and (not isinstance(high, str) or time <= high)


def _words(item: Item) -> list[Entry]:
    """Words of a length and a form that the question takes."""
    pattern = item.bounds.regex
    made: Iterable[str] = (*_WORDS, *([matching(pattern)] if pattern else ()))
    fitting = [one for word in made if (one := _sized(item, word)) and (not pattern or re.fullmatch(pattern, one))]
    return [{"": one} for one in dict.fromkeys(fitting)] or [{"": _WORDS[0]}]


def _sized(item: Item, word: str) -> str:
    least = item.bounds.min_length or 0
    return (word if len(word) >= least else (word + " vastaus" * least)[:least].ljust(least, "s"))[: longest(item)]


_MAKERS: Mapping[str, Callable[[Item], list[Entry]]] = {
    "integer": _numbers,
    "decimal": _numbers,
    "quantity": _numbers,
    "date": _days,
    "dateTime": _days,
    "time": _times,
    "url": lambda _item: [{"": "https://www.example.fi/sivu"}],
}
