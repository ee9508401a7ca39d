"""Whether one answer keeps to the bounds of its question."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from app.domain.clock import HELSINKI
from app.domain.forms.answering.problem import Problem
from app.domain.forms.model import Bounds, Item
from app.domain.forms.reading.safe_regex import short_enough
from app.domain.forms.values import File, Quantity, Reference, Value

# Where the form sets no limit. A line is for a name or a sentence; a text holds about four pages, which a professional
# can still read, and no database or page is flooded.
LONGEST_LINE = 1_000
LONGEST_TEXT = 10_000


def longest(item: Item) -> int:
    """How many characters an answer may have: the form's limit, but never more than ours."""
    ours = LONGEST_TEXT if item.type == "text" else LONGEST_LINE
    return min(item.bounds.max_length or ours, ours)


def problems_of(item: Item, value: Value) -> Iterator[Problem]:
    """What is to be mended in one answer, the plainest first."""
    match value:
        case File():
            yield from _of_file(item.bounds, value)
        case Reference():
            yield from _of_text(item, value.display)
        case str() if item.type not in ("date", "dateTime", "time"):
            yield from _of_text(item, value)
        case Quantity():
            yield from _of_decimals(item.bounds, value.value)
        case Decimal():
            yield from _of_decimals(item.bounds, value)
    yield from _of_range(item.bounds, value)


def _of_text(item: Item, text: str) -> Iterator[Problem]:
    if len(text) > longest(item):
        yield Problem("too_long", limit=longest(item), count=len(text))
    elif len(text) < (item.bounds.min_length or 0):
        yield Problem("too_short", limit=item.bounds.min_length, count=len(text))
    elif item.bounds.regex and not _matches(item.bounds.regex, text):
        yield Problem("wrong_format")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says. A pattern that is none holds nobody up, nor does one that would
    take too long on so long a text: patterns are for what is short, and a professional reads the rest."""
    compiled = _compiled(pattern)
    return compiled is None or not short_enough(pattern, text) or compiled.fullmatch(text) is not None


def _of_decimals(bounds: Bounds, number: Decimal) -> Iterator[Problem]:
    places = max(0, -int(number.normalize().as_tuple().exponent))
    if bounds.decimals is not None and places > bounds.decimals:
        yield Problem("too_many_decimals", limit=bounds.decimals, count=places)


def _of_file(bounds: Bounds, file: File) -> Iterator[Problem]:
    if bounds.file_types and not any(_is_type(file.content_type, one) for one in bounds.file_types):
        yield Problem("wrong_file_type")
    if bounds.largest_file is not None and file.size > bounds.largest_file:
        yield Problem("file_too_large", limit=bounds.largest_file, count=file.size)


def _is_type(found: str, wanted: str) -> bool:
    """`image/*` holds any picture."""
    return found == wanted or (wanted.endswith("/*") and found.startswith(wanted[:-1]))


def _of_range(bounds: Bounds, value: Value) -> Iterator[Problem]:
    if bounds.minimum is not None and _compared(value, bounds.minimum) < 0:
        yield Problem("below", limit=bounds.minimum)
    if bounds.maximum is not None and _compared(value, bounds.maximum) > 0:
        yield Problem("above", limit=bounds.maximum)


def _compared(value: Value, limit: Value) -> int:
    """Below (-1), the same (0) or above (1); 0 also where the two can't be compared, as in other units."""
    if isinstance(value, Quantity):
        same = not isinstance(limit, Quantity) or limit.code == value.code
        value, limit = value.value, limit.value if isinstance(limit, Quantity) and same else limit
        if not same:
            return 0
    if isinstance(value, int | Decimal) and isinstance(limit, int | Decimal):
        return (value > limit) - (value < limit)
    if isinstance(value, str) and isinstance(limit, str):
        return _moments_compared(value, limit)
    return 0


def _moments_compared(value: str, limit: str) -> int:
    """FHIR dates and times sort as text; of a day and a part of one, only what both have is compared."""
    if "T" in value and "T" in limit:
        one, other = _instant(value), _instant(limit)
        return (one > other) - (one < other)
    length = min(len(value), len(limit))
    return (value[:length] > limit[:length]) - (value[:length] < limit[:length])


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=HELSINKI)
