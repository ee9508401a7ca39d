"""What a FHIRPath expression gives, as answers to a question of a certain type."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.clock import HELSINKI
from app.domain.forms.model import Item
from app.domain.forms.moments import date_of, moment_of, time_of
from app.domain.forms.values import INTEGERS, Coding, Quantity, Reference, UnreadableValue, Value, decimal_of, from_fhir

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
_TOO_LARGE = Decimal(10) ** 18  # as in a Questionnaire: no program reads a longer number whole


class Unfit(ValueError):
    """The result is nothing that the question could have as its answer."""


def to_values(found: Sequence[Any], item: Item) -> tuple[Value, ...]:
    """The result as the answers to this question. Raises Unfit; several for a question with one answer are unfit."""
    if len(found) > 1 and not item.repeats:
        raise Unfit("several")
    return tuple(to_value(one, item) for one in found)


def to_value(data: Any, item: Item) -> Value:
    """One element of a result as an answer. Raises Unfit."""
    offered = _offered(data, item)
    if offered is not None:
        return offered
    try:
        return _CONVERTERS[item.type](data, item)
    except (KeyError, UnreadableValue, ValueError) as error:
        raise Unfit(item.type) from error


def _offered(data: Any, item: Item) -> Value | None:
    """The option that is meant: by its value, or by its code alone."""
    code = data.get("code") or data.get("display") if isinstance(data, Mapping) else data
    for option in item.options:
        if isinstance(option.value, Coding):
            if option.value.code == code and _same_system(data, option.value):
                return option.value
        elif option.value == data and type(option.value) is type(data):
            return option.value
    return None


def _same_system(data: Any, offered: Coding) -> bool:
    return not isinstance(data, Mapping) or data.get("system", "") in ("", offered.system)


def _boolean(data: Any, _: Item) -> Value:
    if isinstance(data, bool):
        return data
    raise Unfit("boolean")


def _integer(data: Any, _: Item) -> Value:
    number = _number(data)
    if number != number.to_integral_value() or int(number) not in INTEGERS:
        raise Unfit("integer")
    return int(number)


def _decimal(data: Any, item: Item) -> Value:
    """A number, with no more decimals than the question takes."""
    number = _number(data.get("value") if isinstance(data, Mapping) else data)
    places = item.bounds.decimals
    if places is None or -int(number.as_tuple().exponent) <= places:
        return number
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _string(data: Any, _: Item) -> Value:
    """Words; numbers are written out."""
    if isinstance(data, str):
        return data
    return format(_number(data), "f")


def _date(data: Any, _: Item) -> Value:
    """A day; of a moment its day in Helsinki."""
    if _MOMENT.fullmatch(_words(data)):
        moment = datetime.fromisoformat(data)
        return (moment.astimezone(HELSINKI) if moment.tzinfo else moment).date().isoformat()
    return _there(date_of(data))


def _date_time(data: Any, _: Item) -> Value:
    return _there(moment_of(_words(data)))


def _time(data: Any, _: Item) -> Value:
    return _there(time_of(_words(data).removeprefix("T")))


def _choice(data: Any, item: Item) -> Value:
    """A code; where the form has options, one of them (that was looked for before)."""
    if item.options or not isinstance(data, Mapping) or not (data.get("code") or data.get("display")):
        raise Unfit("choice")
    return from_fhir({"valueCoding": data})


def _open_choice(data: Any, _: Item) -> Value:
    if isinstance(data, Mapping) and (data.get("code") or data.get("display")):
        return from_fhir({"valueCoding": data})
    return _words(data)


def _quantity(data: Any, item: Item) -> Value:
    """An amount; a bare number is taken in the unit of the question."""
    if isinstance(data, Mapping):
        _number(data.get("value"))
        return from_fhir({"valueQuantity": data})
    unit = item.unit
    return Quantity(_number(data), unit.text.to("fi"), unit.system, unit.code) if unit else Quantity(_number(data))


def _reference(data: Any, _: Item) -> Value:
    if isinstance(data, Mapping) and data.get("reference"):
        return Reference(str(data["reference"]), str(data.get("display", "")))
    raise Unfit("reference")


def _words(data: Any) -> str:
    if isinstance(data, str):
        return data
    raise Unfit("words")


def _there(written: str | None) -> str:
    if written is None:
        raise Unfit("no such day or time")
    return written


def _number(data: Any) -> Decimal:
    number = decimal_of(data)
    if abs(number) >= _TOO_LARGE:
        raise Unfit("too large")
    return number


_CONVERTERS: Mapping[str, Callable[[Any, Item], Value]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "string": _string,
    "text": _string,
    "url": _string,
    "date": _date,
    "dateTime": _date_time,
    "time": _time,
    "choice": _choice,
    "open-choice": _open_choice,
    "quantity": _quantity,
    "reference": _reference,
}
