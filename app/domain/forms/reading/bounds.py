"""What a value must keep to, how often an item may be answered, and in which units."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.fhir import UNIT
from app.domain.forms.answering.bounds import LONGEST_LINE, LONGEST_TEXT
from app.domain.forms.answering.file_types import kinds_for
from app.domain.forms.instances import MOST_REPETITIONS
from app.domain.forms.model import Bounds, Unit
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.safe_regex import fault_of
from app.domain.forms.reading.urls import (
    MAX_DECIMALS,
    MAX_OCCURS,
    MAX_SIZE,
    MAX_VALUES,
    MIME_TYPE,
    MIN_LENGTH,
    MIN_OCCURS,
    MIN_VALUES,
    REGEX,
    UNIT_OPTION,
    UNIT_VALUE_SET,
)
from app.domain.forms.reading.value_sets import found_in, listed
from app.domain.forms.reading.values import value_in
from app.domain.forms.values import Quantity, Value, plain_code
from app.domain.text import LANGUAGES, Text

_WRITTEN = ("string", "text", "url", "open-choice")
_WRAPPED = re.compile(r"/(\^.*\$)/|matches\('(.+)'\)|matches\(([^'].*)\)")
_ORDERED = ("decimal", "integer", "date", "dateTime", "time", "quantity")
# The standard names no unit for maxSize; nobody limits a file to a kilobyte, so small numbers are megabytes.
_LEAST_BYTES, _MEGABYTE = 1024, 1_000_000


def bounds_of(item: Element, item_type: str) -> Bounds:
    """The limits of one question; those that cross each other would let no answer through and are left out."""
    minimum, maximum = (_value(item, urls, item_type) for urls in (MIN_VALUES, MAX_VALUES))
    if _crossed(minimum, maximum):
        item.note("bounds_crossed", f"{minimum}, {maximum}")
        minimum = maximum = None
    bounds = Bounds(
        minimum=minimum,
        maximum=maximum,
        decimals=item.counted(MAX_DECIMALS),
        file_types=_mime_types(item),
        largest_file=_largest_file(item),
    )
    return _written(item, bounds, item_type) if item_type in _WRITTEN else bounds


def _written(item: Element, bounds: Bounds, item_type: str) -> Bounds:
    """With the limits of what is written in words."""
    shortest = item.counted(MIN_LENGTH)
    longest = item.count("maxLength") if "maxLength" in item.data else None
    ours = LONGEST_TEXT if item_type == "text" else LONGEST_LINE
    if longest == 0 or (shortest or 0) > min(longest or ours, ours):
        item.note("bounds_crossed", f"{shortest}, {longest}")
        shortest = longest = None
    return replace(bounds, min_length=shortest, max_length=longest, regex=_regex(item))


def _value(item: Element, urls: Iterable[str], item_type: str) -> Value | None:
    entry = item.extension(*urls)
    if entry is None:
        return None
    value = value_in(entry, "value", item_type) if item_type in _ORDERED else None
    if value is None:  # also one that is calculated, as ”at most today” may be
        item.note("bound_unreadable", ", ".join(name for name in entry.data if name != "url"))
    return value


def _crossed(minimum: Value | None, maximum: Value | None) -> bool:
    match minimum, maximum:
        case Quantity(), Quantity():
            return minimum.code == maximum.code and minimum.value > maximum.value
        case str(), str():  # times, or dates with as much of them as there is before a time zone
            return minimum[:10] > maximum[:10]
        case ((int() | Decimal()), (int() | Decimal())):
            return minimum > maximum
    return False


def _regex(item: Element) -> str:
    entry = item.extension(REGEX)
    written = entry.string("valueString") if entry else ""
    pattern = _unwrapped(written)
    if pattern != written:
        item.note("regex_wrapped", written)
    if pattern and (fault := fault_of(pattern)):
        item.note(fault, pattern)
        return ""
    return pattern


def _unwrapped(written: str) -> str:
    """The pattern itself, where it stands as JavaScript (`/…/`) or FHIRPath (`matches('…')`) would have it."""
    found = _WRAPPED.fullmatch(written.strip())
    return next(filter(None, found.groups()), written) if found else written


def _mime_types(item: Element) -> tuple[str, ...]:
    """The kinds of file wanted; any of ours where we take none of them, for nobody could answer."""
    entries = item.extensions(MIME_TYPE)
    wanted = tuple(kind for one in entries if (kind := one.string("valueCode") or one.string("valueString")))
    if wanted and not kinds_for(wanted):
        item.note("file_types_not_taken", ", ".join(wanted))
        return ()
    return wanted


def _largest_file(item: Element) -> int | None:
    entry = item.extension(MAX_SIZE)
    size = entry.number("valueDecimal" if "valueDecimal" in entry.data else "valueInteger") if entry else None
    if size is None or size <= 0:
        return None
    if size < _LEAST_BYTES:
        item.note("size_in_megabytes", size)
        return int(size * _MEGABYTE)
    return int(size)


@dataclass(frozen=True)
class Occurs:
    """How often an item is answered, or stands there; `repeats`: more than once is possible."""

    least: int
    most: int | None
    repeats: bool
    required: bool


def occurs_of(item: Element, item_type: str, room: int) -> Occurs:
    """How often an item is answered. `room` is how many times it may stand there at the least, as groups that repeat
    within groups multiply."""
    if item_type == "display":
        return Occurs(0, None, repeats=False, required=False)
    repeats, required = item.flag("repeats"), item.flag("required")
    least, most = item.counted(MIN_OCCURS) or 0, item.counted(MAX_OCCURS)
    if least and not required:
        item.note("occurs_without_required", least)
    if not repeats and (least > 1 or (most or 0) > 1):
        item.note("occurs_without_repeats", f"{least}, {most}")
    if not repeats:
        return Occurs(min(least, 1), None, repeats=False, required=required or least > 0)
    if most == 0 or (most is not None and least > most):
        item.note("bounds_crossed", f"{least}, {most}")
        least, most = min(least, 1), None
    limit = min(room, MOST_REPETITIONS)
    if least > limit:
        item.note("occurs_too_many", least)
        least = limit
    return Occurs(least, most, repeats=True, required=required or least > 0)


def unit_of(item: Element) -> Unit | None:
    """The unit that the item is in, or proposes."""
    entry = item.extension(UNIT)
    return _unit(entry) if entry else None


def units_of(item: Element, contained: Mapping[str, Element]) -> tuple[Unit, ...]:
    """The units that a quantity may be given in."""
    offered = [unit for entry in item.extensions(UNIT_OPTION) if (unit := _unit(entry))]
    entry = item.extension(UNIT_VALUE_SET)
    if entry is None:
        return tuple(offered)
    canonical = entry.string("valueCanonical") or entry.string("valueUri")
    value_set = found_in(contained, canonical)
    concepts = listed(value_set).concepts if value_set else ()
    if not concepts:
        missing = value_set is None and canonical.startswith("#")
        item.note("contained_missing" if missing else "unit_value_set", canonical)
    return (*offered, *(Unit(one.code, one.text, one.system) for one in concepts))


def _unit(entry: Element) -> Unit | None:
    coding = entry.object("valueCoding")
    code = plain_code(coding.string("code") or coding.string("display")) if coding else ""
    if coding is None or not code:
        entry.note("element_unreadable", "unit")
        return None
    words = coding.text("display") if coding.string("display") else Text(dict.fromkeys(LANGUAGES, code))
    return Unit(code, words, coding.string("system"))
