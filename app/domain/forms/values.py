"""Values of answers: typed in Python, and as the `value[x]` of FHIR JSON.

Dates and times stay the strings that FHIR writes (a date may be a year or a month only); the rest are Python's own
types. Decimals are `Decimal`, so that what was typed is what is sent.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any


class UnreadableValue(ValueError):
    """A `value[x]` is not what its type asks for."""


@dataclass(frozen=True)
class Coding:
    """A code of a system; the display says it in words and makes no difference."""

    code: str
    system: str = ""
    display: str = field(default="", compare=False)


@dataclass(frozen=True)
class Quantity:
    """An amount with its unit. `code` is that of `system` (usually UCUM), `unit` what people read."""

    value: Decimal
    unit: str = field(default="", compare=False)
    system: str = ""
    code: str = ""


@dataclass(frozen=True)
class File:
    """An attachment: `id` finds its content in the storage, `size` in bytes."""

    id: str
    content_type: str = ""
    title: str = field(default="", compare=False)
    size: int = 0


@dataclass(frozen=True)
class Reference:
    """A pointer to another resource, or only its name in words."""

    reference: str = ""
    display: str = field(default="", compare=False)


class Moment(str):
    """A date or a time that is an answer offered by a choice, whose type the item does not tell: it is sent as what it
    was offered as."""

    __slots__ = ()


_OTHER_BLANK = re.compile(r"[^\S \r\n\t]")
_NO_CHARACTER = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
INTEGERS = range(-(2**31), 2**31)  # those of FHIR

Value = bool | int | Decimal | str | Coding | Quantity | File | Reference


def cleaned(text: str) -> str:
    """The text in the characters that a FHIR string may hold (R4, 2.24.0.1): plain blanks, no control characters."""
    return text if text.isascii() and text.isprintable() else _NO_CHARACTER.sub("", _OTHER_BLANK.sub(" ", text))


def plain_code(written: str) -> str:
    """A code as FHIR writes it: no blanks around it, single ones within."""
    return " ".join(written.split())


_PRIMITIVES = {
    "boolean": ("valueBoolean", bool),
    "integer": ("valueInteger", int),
    "date": ("valueDate", str),
    "dateTime": ("valueDateTime", str),
    "time": ("valueTime", str),
    "string": ("valueString", str),
    "text": ("valueString", str),
    "url": ("valueUri", str),
}


def to_fhir(value: Value, item_type: str) -> dict[str, Any]:
    """`{"valueX": …}` for the answer to an item of this type."""
    match value:
        case Coding():
            return {"valueCoding": _filled(system=value.system, code=value.code, display=value.display)}
        case Quantity():
            amount = {"value": _number(value.value)}
            return {"valueQuantity": amount | _filled(unit=value.unit, system=value.system, code=value.code)}
        case File():
            about = _filled(contentType=value.content_type, title=value.title, url=value.id)
            return {"valueAttachment": about | ({"size": value.size} if value.size else {})}
        case Reference():
            return {"valueReference": _filled(reference=value.reference, display=value.display)}
        case Decimal():
            return {"valueDecimal": _number(value)}
    return {key_of(value, item_type): value}


def key_of(value: Value, item_type: str) -> str:
    """The name of the `value[x]` for a primitive; an option of a choice may be of several types."""
    if item_type in _PRIMITIVES:
        return _PRIMITIVES[item_type][0]
    if isinstance(value, Moment):
        return "valueTime" if ":" in value[:3] else "valueDateTime" if "T" in value else "valueDate"
    if isinstance(value, bool):
        return "valueBoolean"
    return "valueInteger" if isinstance(value, int) else "valueString"


def from_fhir(data: Mapping[str, Any]) -> Value:
    """The value of an element with one `value[x]`. Raises UnreadableValue."""
    found = [(key, value) for key, value in data.items() if key.startswith("value")]
    if len(found) != 1:
        raise UnreadableValue("one value is needed")
    key, value = found[0]
    if key in _COMPLEX and isinstance(value, Mapping):
        return _COMPLEX[key](value)
    if key == "valueDecimal":
        return decimal_of(value)
    kind = _TYPES.get(key, Mapping)
    # A bool is an int, and no integer.
    if isinstance(value, str | int) and isinstance(value, kind) and isinstance(value, bool) == (kind is bool):
        return Moment(value) if key in _MOMENTS and isinstance(value, str) else value
    raise UnreadableValue(key)


def _coding(data: Mapping[str, Any]) -> Coding:
    """A code; lenient where there is only a display, which then stands for it."""
    display = _text(data, "display")
    return Coding(plain_code(_text(data, "code") or display), _text(data, "system"), display)


def _quantity(data: Mapping[str, Any]) -> Quantity:
    amount, code = decimal_of(data.get("value")), plain_code(_text(data, "code"))
    return Quantity(amount, _text(data, "unit"), _text(data, "system"), code)


def _file(data: Mapping[str, Any]) -> File:
    size = data.get("size")
    known = size if isinstance(size, int) else 0
    return File(_text(data, "url"), _text(data, "contentType"), _text(data, "title"), known)


def _reference(data: Mapping[str, Any]) -> Reference:
    return Reference(_text(data, "reference"), _text(data, "display"))


def decimal_of(value: object) -> Decimal:
    """A JSON number as the decimal that was written. Raises UnreadableValue."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UnreadableValue("a number is needed")
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise UnreadableValue("a number is needed") from error
    if not found.is_finite():
        raise UnreadableValue("a number is needed")
    return found


def _number(value: Decimal) -> int | float:
    number: int | float = json.loads(format(value, "f"))
    return number


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    return value if isinstance(value, str) else ""


def _filled(**parts: str) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


_MOMENTS = frozenset({"valueDate", "valueDateTime", "valueTime"})
_TYPES: Mapping[str, type] = dict(_PRIMITIVES.values()) | {"valueUrl": str}
_COMPLEX: Mapping[str, Callable[[Mapping[str, Any]], Value]] = {
    "valueCoding": _coding,
    "valueQuantity": _quantity,
    "valueAttachment": _file,
    "valueReference": _reference,
}
