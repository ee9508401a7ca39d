"""An item with everything that a resident sees of it, and all that decides when and how it is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from app.domain.forms.model import Bounds, Expression, Item, Option, Unit
from app.domain.forms.reading.bounds import bounds_of, occurs_of, unit_of, units_of
from app.domain.forms.reading.conditions import Asked, conditions_of, every_of, match, name_of
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.expressions import Expressions
from app.domain.forms.reading.heads import Head
from app.domain.forms.reading.texts import control_of, display_help, help_of, text_of, without
from app.domain.forms.reading.urls import ENTRY_FORMAT, HIDDEN, MEANING_CHANGED, REMEMBER_AS
from app.domain.forms.reading.values import keys_of, value_in
from app.domain.forms.values import Coding, Value
from app.domain.text import Text

MOST_REPEATED = 500  # instances that groups within groups may make of one item before anybody has written a word


_UNBOUNDED = Bounds()


@dataclass(frozen=True)
class Surroundings:
    """What the items of one form share."""

    asked: Mapping[str, Asked]
    contained: Mapping[str, Element]
    numbers: Iterator[int]

    @classmethod
    def of(cls, asked: Mapping[str, Asked], contained: Mapping[str, Element]) -> "Surroundings":
        return cls(asked, contained, count(1))


def items_of(
    heads: tuple[Head, ...], around: Surroundings, expressions: Expressions, room: int = MOST_REPEATED
) -> tuple[Item, ...]:
    """The items that these heads stand for. `room`: how many times each may stand there at the least."""
    return tuple(_item(head, around, expressions.below(), room) for head in heads)


def _item(head: Head, around: Surroundings, expressions: Expressions, room: int) -> Item:
    element, kind, number = head.element, head.type, next(around.numbers)
    occurs, helper = occurs_of(element, kind, min(room, _choosable(head))), display_help(head)
    conditions = conditions_of(element, around.asked)
    variables, enabling = expressions.variables(element), expressions.enabling(element)
    answer = _answering(head, around, expressions, repeats=occurs.repeats)
    return Item(
        number=number,
        link_id=head.link_id,
        type=kind,
        text=text_of(element, kind),
        prefix=element.text("prefix") if "prefix" in element.data else Text(),
        help=help_of(element, helper),
        placeholder=answer.placeholder,
        control=control_of(element, kind),
        required=occurs.required,
        repeats=occurs.repeats,
        read_only=element.flag("readOnly"),
        hidden=element.flagged(HIDDEN),
        min_occurs=occurs.least,
        max_occurs=occurs.most,
        enable_when=conditions,
        enable_every=every_of(element, conditions),
        enable_expression=enabling,
        options=answer.options,
        bounds=answer.bounds,
        unit=answer.unit,
        units=answer.units,
        initial=answer.initial,
        initial_expression=answer.initial_expression,
        calculated=answer.calculated,
        variables=variables,
        constraints=expressions.constraints(element),
        fresh=element.flagged(MEANING_CHANGED),
        codes=answer.codes,
        remember_as=answer.remember_as,
        items=items_of(without(head.below, helper), around, expressions, room // max(1, occurs.least)),
    )


def _choosable(head: Head) -> int:
    """How many answers can be given at once, as far as the list of them limits it."""
    if head.type != "choice" or not head.offer.options:
        return MOST_REPEATED
    return max(1, sum(not option.exclusive for option in head.offer.options))


@dataclass(frozen=True)
class _Answering:
    """What only a question has; a group or a text to read has nothing of it."""

    placeholder: Text = field(default_factory=Text)
    options: tuple[Option, ...] = ()
    bounds: Bounds = _UNBOUNDED
    unit: Unit | None = None
    units: tuple[Unit, ...] = ()
    initial: tuple[Value, ...] = ()
    initial_expression: Expression | None = None
    calculated: Expression | None = None
    codes: tuple[Coding, ...] = ()
    remember_as: Literal["interpreter", "accessibility", ""] = ""


def _answering(head: Head, around: Surroundings, expressions: Expressions, *, repeats: bool) -> _Answering:
    element = head.element
    if head.type in ("group", "display"):
        _note_ignored(head)
        return _Answering()
    placeholder = element.extension(ENTRY_FORMAT)
    return _Answering(
        placeholder=placeholder.text("valueString") if placeholder else Text(),
        options=head.offer.options,
        bounds=bounds_of(element, head.type),
        unit=unit_of(element),
        units=units_of(element, around.contained),
        initial=_initial(head, repeats=repeats),
        initial_expression=expressions.initial(element),
        calculated=expressions.calculated(element),
        codes=_codes(element) if "code" in element.data else (),
        remember_as=_remember_as(element),
    )


def _codes(element: Element) -> tuple[Coding, ...]:
    """What the question is called in other systems. One without a code says nothing."""
    read = (Coding(one.string("code"), one.string("system"), one.string("display")) for one in element.objects("code"))
    return tuple(one for one in read if one.code)


def _remember_as(element: Element) -> Literal["interpreter", "accessibility", ""]:
    """Which need of the person the answer tells."""
    found = element.extension(REMEMBER_AS)
    match found.string("valueCode") if found else "":
        case "interpreter":
            return "interpreter"
        case "accessibility":
            return "accessibility"
    return ""


def _note_ignored(head: Head) -> None:
    display = head.type == "display"
    for name in ("initial", "maxLength", "required", "repeats")[: 4 if display else 2]:
        if head.element.data.get(name):
            head.element.note("ignored_on_display" if display else "ignored_on_group", name)


def _initial(head: Head, *, repeats: bool) -> tuple[Value, ...]:
    """The answers proposed: those of `initial`, or else the options that are selected from the start."""
    element = head.element
    entries = element.objects("initial") if "initial" in element.data else []
    read = tuple(value for entry in entries if (value := _initial_value(entry, head)) is not None)
    found = read or tuple(option.value for option in head.offer.options if option.initial)
    if len(found) > 1 and not repeats:
        element.note("initial_too_many", len(found))
        return found[:1]
    return found


def _initial_value(entry: Element, head: Head) -> Value | None:
    value = value_in(entry, "value", head.type)
    if value is None:
        entry.note("initial_unreadable", ", ".join(keys_of(entry, "value")))
    elif head.offer.options:
        offered, _ = match(value, head.offer)
        if offered is None and head.type != "open-choice":
            entry.note("initial_not_offered", name_of(value))
            return None
        return value if offered is None else offered
    return value
