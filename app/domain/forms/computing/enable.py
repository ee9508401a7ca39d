"""FHIR enableWhen: whether a condition holds for the answers to its question.

The rules are those of R4 (value set *questionnaire-enable-operator*): `exists` compares whether there is an answer; `=`
and the four orders hold where at least one answer does so; `!=` holds where no answer equals – so it holds without any
answer, too. LHC-Forms reads it the same way, not every engine does. So conditions that go in a circle come to rest with
something to fill in, instead of an empty page.

What can't be decided does not hold: a day against a month that contains it, kilograms against metres, a word against a
number. A time on the clock and a calendar day are compared as in Helsinki.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeGuard

from app.domain.clock import HELSINKI
from app.domain.forms.model import Condition, Operator
from app.domain.forms.values import Coding, Quantity, Value

Parts = tuple[int | Decimal, ...]

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?")
_ZONE = re.compile(r"Z|[+-]\d\d:\d\d")
_ORDERS: Mapping[Operator, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
}


def holds(condition: Condition, values: Sequence[Value], item_type: str = "string") -> bool:
    """Whether the condition holds for these answers to a question of this type; a question that is not asked has
    none."""
    if condition.operator == "exists":
        return bool(values) is bool(condition.answer)
    if condition.operator == "!=":
        return all(_equal(value, condition.answer, item_type) is False for value in values)
    if condition.operator == "=":
        return any(_equal(value, condition.answer, item_type) is True for value in values)
    fits = _ORDERS[condition.operator]
    orders = (order_of(value, condition.answer, item_type) for value in values)
    return any(order is not None and fits(order) for order in orders)


def order_of(value: Value, other: Value, item_type: str) -> int | None:
    """-1, 0 or 1: how two values of one type stand to each other; None where that can't be decided."""
    if isinstance(value, str) and isinstance(other, str):
        parts = _PARTS.get(item_type)
        return _order_of_parts(parts(value), parts(other)) if parts else (value > other) - (value < other)
    if _is_number(value) and _is_number(other):
        return _order_of_numbers(value, other)
    if isinstance(value, Quantity) and isinstance(other, Quantity):
        return _order_of_numbers(value.value, other.value) if _same_unit(value, other) else None
    return None


def _equal(value: Value, wanted: Value, item_type: str) -> bool | None:
    """Whether the answer is the wanted one; None where that can't be decided."""
    if isinstance(value, Coding) and isinstance(wanted, Coding):
        return value.code == wanted.code and wanted.system in ("", value.system)
    if isinstance(value, Quantity) or (isinstance(value, str) and item_type in _PARTS):
        order = order_of(value, wanted, item_type)
        return None if order is None else order == 0
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    return type(value) is type(wanted) and value == wanted


def _is_number(value: Value) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _order_of_numbers(value: int | Decimal, other: int | Decimal) -> int:
    return (value > other) - (value < other)


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """By the code where both have one, else by what people read; two bare numbers agree."""
    if one.code and other.code:
        return one.code == other.code and (one.system == other.system or not (one.system and other.system))
    return {one.code or one.unit} & {other.code, other.unit} != set()


def _order_of_parts(one: Parts | None, other: Parts | None) -> int | None:
    if one is None or other is None:
        return None
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            return 1 if mine > its else -1
    return 0 if len(one) == len(other) else None


def _parts_of_date(text: str) -> Parts | None:
    """Year, month, day, hour, minute, second: as many as are told; a moment with its zone is put into Helsinki time."""
    day, _, clock = text.partition("T")
    if not (found := _DATE.fullmatch(day)):
        return None
    if not clock:
        return tuple(int(part) for part in found.groups() if part)
    if _ZONE.search(clock):
        return _parts_of_moment(text)
    time = _parts_of_time(clock)
    return None if time is None else (*(int(part) for part in found.groups() if part), *time)


def _parts_of_moment(text: str) -> Parts | None:
    try:
        local = datetime.fromisoformat(text).astimezone(HELSINKI)
    except ValueError:
        return None
    second = local.second + Decimal(local.microsecond) / 1_000_000
    return (local.year, local.month, local.day, local.hour, local.minute, second)


def _parts_of_time(text: str) -> Parts | None:
    if not (found := _TIME.fullmatch(text)):
        return None
    hour, minute, second = found.groups()
    return (int(hour), int(minute)) if second is None else (int(hour), int(minute), Decimal(second))


_PARTS: Mapping[str, Callable[[str], Parts | None]] = {
    "date": _parts_of_date,
    "dateTime": _parts_of_date,
    "time": _parts_of_time,
}
