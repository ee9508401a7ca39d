"""Whether a value can be an answer to a question at all: its type, the options offered, the units allowed.

What is only too long, too large or too many is for `check` to say; such an answer can be mended by who gave it.
"""

from typing import Literal

from app.domain.forms.model import Item
from app.domain.forms.values import Coding, Quantity, Value, to_fhir

Misfit = Literal["wrong-type", "not-offered", "other-unit"]

_KEYS = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "attachment": "valueAttachment",
    "reference": "valueReference",
    "quantity": "valueQuantity",
}
_OPTION_KEYS = frozenset({"valueCoding", "valueInteger", "valueDate", "valueTime", "valueString", "valueReference"})
_KINDS = {"text": "string", "open-choice": "choice"}


def kind_of(item: Item) -> str:
    """The type by which answers can be carried: text is a string, open-choice a choice."""
    return _KINDS.get(item.type, item.type)


def takes_key(item: Item, key: str) -> bool:
    """Whether a question takes a `value[x]` of this name; a choice also what R4 lets no choice offer and it does."""
    if item.type in ("choice", "open-choice"):
        return key in _OPTION_KEYS or any(key in to_fhir(option.value, item.type) for option in item.options)
    return _KEYS.get(item.type) == key


def misfit(item: Item, value: Value) -> Misfit | None:
    """Why a value of the right type is no answer to the question; None where it is one."""
    if item.type == "quantity":
        return None if isinstance(value, Quantity) and _unit_allowed(item, value) else "other-unit"
    if item.type not in ("choice", "open-choice"):
        return None
    if any(option.value == value for option in item.options):
        return None
    if item.type == "open-choice" and isinstance(value, str):
        return None
    # Where the options could not be read (a value set kept elsewhere), any code may be one of them.
    return None if not item.options and isinstance(value, Coding) else "not-offered"


def _unit_allowed(item: Item, quantity: Quantity) -> bool:
    allowed = item.units or ((item.unit,) if item.unit else ())
    given = (quantity.system, quantity.code) if quantity.code else quantity.unit
    return not allowed or any(given in ((unit.system, unit.code), *unit.text.values.values()) for unit in allowed)
