"""The `value[x]` and `answer[x]` of a Questionnaire, fitted to the type of the question that they speak of."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.forms.moments import date_of, moment_of, time_of
from app.domain.forms.reading.elements import Element, number_of
from app.domain.forms.values import INTEGERS, Coding, File, Moment, Quantity, Reference, Value, cleaned, plain_code

_CHOICES = ("Coding", "Integer", "Date", "Time", "String", "Reference")
# Which value[x] belongs to which type; the first is the one to write.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("Boolean",),
    "decimal": ("Decimal", "Integer"),
    "integer": ("Integer",),
    "date": ("Date",),
    "dateTime": ("DateTime", "Date"),
    "time": ("Time",),
    "string": ("String",),
    "text": ("String",),
    "url": ("Uri", "Url", "String"),
    "choice": _CHOICES,
    "open-choice": _CHOICES,
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
}


def keys_of(element: Element, prefix: str) -> list[str]:
    """The names of what stands there with this prefix: `valueDate`; good JSON has one."""
    return [key for key, raw in element.data.items() if key.startswith(prefix) and key != prefix and raw is not None]


def value_in(element: Element, prefix: str, item_type: str) -> Value | None:
    """The one `value[x]` (or `answer[x]`) of `element`, as an answer to a question of this type; None where it can't
    be one. What had to be bent is noted."""
    keys = keys_of(element, prefix)
    if len(keys) != 1:
        return None
    kind, raw = keys[0].removeprefix(prefix), element.data[keys[0]]
    fit = _BY_KEY.get(kind, _string) if item_type in ("choice", "open-choice") else _FIT[item_type]
    value = fit(raw)
    if value is not None:
        _note_bending(element, kind, raw, item_type)
    offered = item_type in ("choice", "open-choice") and kind in ("Date", "DateTime", "Time")
    return Moment(value) if offered and isinstance(value, str) else value


def _note_bending(element: Element, kind: str, raw: object, item_type: str) -> None:
    written = isinstance(raw, str)
    if kind not in _KEYS[item_type]:
        element.note("value_type", kind)
    elif written and kind == "Boolean":
        element.note("boolean_as_text", raw)
    elif written and kind in ("Integer", "Decimal"):
        element.note("number_as_text", raw)


def _boolean(raw: object) -> bool | None:
    if isinstance(raw, str):
        return {"true": True, "false": False}.get(raw.strip().lower())
    return raw if isinstance(raw, bool) else None


def _integer(raw: object) -> int | None:
    number = number_of(raw)
    whole = number is not None and number == number.to_integral_value() and int(number) in INTEGERS
    return int(number) if number is not None and whole else None


def _date(raw: object) -> str | None:
    return date_of(raw) if isinstance(raw, str) else None


def _date_time(raw: object) -> str | None:
    return moment_of(raw) if isinstance(raw, str) else None


def _time(raw: object) -> str | None:
    return time_of(raw) if isinstance(raw, str) else None


def _string(raw: object) -> str | None:
    """Words as they are sent, so that a condition on them holds before and after."""
    if isinstance(raw, str):
        return cleaned(raw) or None
    number = number_of(raw)
    return str(raw) if number is not None else None


def _coding(raw: object) -> Coding | None:
    """A code; where there is only a display, that stands for it."""
    code, display = _part(raw, "code"), _part(raw, "display")
    return Coding(plain_code(code or display), _part(raw, "system"), display) if code or display else None


def _quantity(raw: object) -> Quantity | None:
    amount = number_of(raw.get("value") if isinstance(raw, Mapping) else raw)
    if amount is None:
        return None
    return Quantity(amount, _part(raw, "unit"), _part(raw, "system"), plain_code(_part(raw, "code")))


def _file(raw: object) -> File | None:
    url = _part(raw, "url")
    return File(url, _part(raw, "contentType"), _part(raw, "title")) if url else None


def _reference(raw: object) -> Reference | None:
    reference, display = _part(raw, "reference"), _part(raw, "display")
    return Reference(reference, display) if reference or display else None


def _part(raw: Any, name: str) -> str:
    return _string(raw.get(name)) or "" if isinstance(raw, Mapping) else ""


_FIT: Mapping[str, Callable[[object], Value | None]] = {
    "boolean": _boolean,
    "decimal": number_of,
    "integer": _integer,
    "date": _date,
    "dateTime": _date_time,
    "time": _time,
    "string": _string,
    "text": _string,
    "url": _string,
    "attachment": _file,
    "reference": _reference,
    "quantity": _quantity,
}
_BY_KEY: Mapping[str, Callable[[object], Value | None]] = {
    "Coding": _coding,
    "Reference": _reference,
    "Integer": _integer,
    "Decimal": number_of,
    "Date": _date,
    "DateTime": _date_time,
    "Time": _time,
    "Quantity": _quantity,
    "Boolean": _boolean,
}
