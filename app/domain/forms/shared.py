"""Questions that several forms ask: those with the same code (Questionnaire.item.code), wherever they stand.

An answer to one may be offered for another. It is only ever offered: two forms may mean a little different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.forms.answering.fits import kind_of, misfit
from app.domain.forms.answers import Address, Answers
from app.domain.forms.layout import answerable
from app.domain.forms.model import Form, Item
from app.domain.forms.values import Coding, File, Quantity, Value

_NUMBERS = ("integer", "decimal")


@dataclass(frozen=True)
class Told:
    """What was answered to a question somewhere: the question and its answers."""

    item: Item
    values: tuple[Value, ...]


def told_by_code(form: Form, answers: Answers) -> Mapping[Coding, Told]:
    """What was answered to the questions of a form that have a code. Those in repeating groups are left out: nobody
    can say which of them is meant elsewhere."""
    found: dict[Coding, Told] = {}
    for item in form.by_link.values():
        values = answers.of(Address(item.link_id))
        if item.codes and values and answerable(item) and is_lasting(item):
            found.update({code: Told(item, values) for code in item.codes})
    return found


def is_lasting(item: Item) -> bool:
    """Whether an earlier answer may be right still. What is scored speaks of its own time, and what raises an alarm is
    asked anew."""
    return not any(option.alarming or option.score is not None for option in item.options)


def answer_for(item: Item, told: Mapping[Coding, Told]) -> tuple[Value, ...]:
    """What was told under a code of `item`, as an answer to it; empty where nothing fits."""
    found = (told[code] for code in item.codes if code in told)
    return next((values for one in found if (values := fitted(item, one))), ())


def fitted(item: Item, told: Told) -> tuple[Value, ...]:
    """The same answer to a question of another form: of the same type, in the same unit, by options that it offers."""
    if (len(told.values) > 1 and not item.repeats) or unit_code(item) != unit_code(told.item):
        return ()
    values = tuple(_as(item, told.item, value) for value in told.values)
    return tuple(one for one in values if one is not None) if None not in values else ()


def measured_for(item: Item, amount: Decimal, unit: str) -> Value | None:
    """A measured amount as an answer to `item`; `unit` is its UCUM code. None where the question is of another type, or
    asks for another unit: nothing is converted."""
    match item.type:
        case "quantity":
            offered = item.units or ((item.unit,) if item.unit else ())
            fit = next((one for one in offered if one.code == unit), None)
            return Quantity(amount, fit.text.to("fi") or unit, fit.system, unit) if fit else None
        case "decimal" if unit_code(item) == unit:
            places = item.bounds.decimals
            return amount if places is None else round(amount, places)
        case "integer" if unit_code(item) == unit and amount == amount.to_integral_value():
            return int(amount)
    return None


def unit_code(item: Item) -> str:
    """The code of the one unit of a number; empty where there is none."""
    return item.unit.code if item.unit and item.type in _NUMBERS else ""


def _as(item: Item, was: Item, value: Value) -> Value | None:
    if isinstance(value, File) or misfit(item, value):
        return None
    if kind_of(item) == kind_of(was):
        return value
    if item.type == "decimal" and was.type == "integer" and isinstance(value, int):
        return Decimal(value)
    if item.type == "integer" and isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return None
