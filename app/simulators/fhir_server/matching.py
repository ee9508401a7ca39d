"""Does a resource match a search value? By kind of parameter, as FHIR R4 search says (section 3.1.1.4)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.clock import HELSINKI
from app.simulators.fhir_server.description import SearchKind
from app.simulators.fhir_server.refusal import refuse

MODIFIERS: dict[SearchKind, frozenset[str]] = {
    "token": frozenset({"not"}),
    "reference": frozenset({"identifier"}),  # and the name of a resource type
    "date": frozenset(),
    "string": frozenset({"exact", "contains"}),
}
_DATE = re.compile(
    r"(?P<prefix>eq|ne|gt|lt|ge|le)?(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(:(?P<second>\d\d)(\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
Interval = tuple[datetime, datetime]


def values_at(node: Any, path: str) -> Iterator[Any]:
    """Everything that stands at a dotted path, walking through lists."""
    if isinstance(node, list):
        for item in node:
            yield from values_at(item, path)
    elif not path:
        if node is not None:
            yield node
    elif isinstance(node, dict):
        first, _, rest = path.partition(".")
        yield from values_at(node.get(first), rest)


def matches(kind: SearchKind, value: Any, wanted: str, modifier: str) -> bool:
    """True where the value found in a resource fits. Raises Refused where `wanted` cannot be read."""
    if kind == "token":
        return _token(value, wanted)
    if kind == "reference":
        return _reference(value, wanted, modifier)
    if kind == "date":
        return _date(value, wanted)
    return any(_string(text, wanted, modifier) for text in _strings(value))


def _token(value: Any, wanted: str) -> bool:
    system, bar, code = wanted.rpartition("|")
    for found_system, found_code in _codes(value):
        if (not bar or system == (found_system or "")) and (code == found_code or (bar and system and not code)):
            return True
    return False


def _codes(value: Any) -> Iterator[tuple[str | None, str]]:
    if not isinstance(value, dict):
        yield None, str(value).lower() if isinstance(value, bool) else str(value)
    elif "coding" in value:
        for coding in value["coding"]:
            yield from _codes(coding)
    else:
        yield value.get("system"), str(value.get("code", value.get("value", "")))


def _reference(value: Any, wanted: str, modifier: str) -> bool:
    if modifier == "identifier":
        return isinstance(value, dict) and _token(value.get("identifier", {}), wanted)
    target = str(value.get("reference", "")) if isinstance(value, dict) else str(value)
    if modifier and "/" not in wanted:
        wanted = f"{modifier}/{wanted}"
    short, wanted_short = "/".join(target.split("/")[-2:]), "/".join(wanted.split("/")[-2:])
    return short == wanted_short or ("/" not in wanted and target.split("/")[-1] == wanted)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _string(text: str, wanted: str, modifier: str) -> bool:
    if modifier == "exact":
        return text == wanted
    if modifier == "contains":
        return wanted.casefold() in text.casefold()
    return text.casefold().startswith(wanted.casefold())


def _date(value: Any, wanted: str) -> bool:
    prefix, (low, high) = read_date(wanted)
    found = _period(value)
    if found is None:
        return prefix == "ne"
    begins, ends = found
    contained = low <= begins and ends <= high
    return {
        "eq": contained,
        "ne": not contained,
        "ge": ends > low,
        "gt": ends > high,
        "le": begins < high,
        "lt": begins < low,
    }[prefix]


def read_date(text: str) -> tuple[str, Interval]:
    """Prefix and the interval that a search date means by its precision. Raises Refused (400)."""
    found = _DATE.fullmatch(text)
    try:
        if found:
            return found["prefix"] or "eq", _interval(found)
    except (ValueError, OverflowError):
        pass
    raise refuse(400, "value", "a date in the search is malformed")


def _interval(found: re.Match[str]) -> Interval:
    zone = HELSINKI if not found["zone"] else datetime.fromisoformat(f"2000-01-01T00:00{found['zone']}").tzinfo
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    begins = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    if found["hour"]:
        return begins, begins + (timedelta(seconds=1) if found["second"] else timedelta(minutes=1))
    if found["day"]:
        return begins, begins + timedelta(days=1)
    if found["month"]:
        return begins, (begins + timedelta(days=31)).replace(day=1)
    return begins, begins.replace(year=begins.year + 1)


def _period(value: Any) -> Interval | None:
    if isinstance(value, dict):
        begins = read_date(value["start"])[1][0] if value.get("start") else datetime.min.replace(tzinfo=UTC)
        ends = read_date(value["end"])[1][1] if value.get("end") else datetime.max.replace(tzinfo=UTC)
        return begins, ends
    return read_date(str(value))[1] if value else None
