"""Small forms for tests: Items and Expressions in a line each, and the Questionnaire that they stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.model import NOTHING, Condition, Constraint, Expression, Form, Item, ItemType, Operator, Option
from app.domain.forms.state import Known
from app.domain.forms.values import Coding, Value, to_fhir
from app.domain.text import Text

NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # already the 23rd in Helsinki
KNOWN = Known(NOW)
_numbers = count(1)


def item(link_id: str, kind: ItemType = "string", *below: Item, **more: Any) -> Item:
    """One item; its number is given by `form`."""
    return Item(0, link_id, kind, items=below, **more)


def group(link_id: str, *below: Item, **more: Any) -> Item:
    return item(link_id, "group", *below, **more)


def choice(link_id: str, *codes: str, scores: Sequence[int] = (), **more: Any) -> Item:
    """A choice between codes of the system `s`, with a score each where `scores` are given."""
    padded = [*scores, *[None] * len(codes)]
    options = (
        Option(Coding(code, "s", code.upper()), NOTHING, score=None if score is None else Decimal(score))
        for code, score in zip(codes, padded, strict=False)
    )
    return item(link_id, "choice", options=tuple(options), **more)


def fhirpath(text: str, name: str = "") -> Expression:
    """An expression with a number of its own."""
    return Expression(next(_numbers), text, name)


def rule(text: str, key: str = "rule") -> Constraint:
    return Constraint(key, Text({"en": key}), fhirpath(text))


def when(question: str, operator: Operator = "=", answer: Value = True) -> Condition:
    return Condition(question, operator, answer)


def form(*items: Item, **more: Any) -> Form:
    """A form of these items, numbered in reading order."""
    numbers = count()
    numbered = tuple(_numbered(one, numbers) for one in items)
    source = {"resourceType": "Questionnaire", "url": "urn:form", "item": [_source(one) for one in numbered]}
    return Form("urn:form", "1", "form", Text(), Text(), numbered, source=source, **more)


def answers(*given: tuple[str, Value | tuple[Value, ...]], **by_name: Value | tuple[Value, ...]) -> Answers:
    """Answers by linkId; `x#0#1` is the question x at the place (0, 1)."""
    pairs = [*given, *by_name.items()]
    return Answers({address(name): value if isinstance(value, tuple) else (value,) for name, value in pairs})


def address(name: str) -> Address:
    """`x#0#1`: the question x at the place (0, 1)."""
    link_id, *place = name.split("#")
    return Address(link_id, _place(place))


def _place(parts: Sequence[str]) -> Place:
    return tuple(int(part) for part in parts)


def _numbered(one: Item, numbers: Iterator[int]) -> Item:
    number = next(numbers)
    return replace(one, number=number, items=tuple(_numbered(child, numbers) for child in one.items))


def _source(one: Item) -> dict[str, Any]:
    options = [_option(option) for option in one.options]
    below = [_source(child) for child in one.items]
    told = {"linkId": one.link_id, "type": one.type, "repeats": one.repeats}
    return told | ({"answerOption": options} if options else {}) | ({"item": below} if below else {})


def _option(option: Option) -> dict[str, Any]:
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    score = [{"url": url, "valueDecimal": int(option.score)}] if option.score is not None else []
    return to_fhir(option.value, "choice") | ({"extension": score} if score else {})
