"""Questions that several forms ask: which answer may be offered to which of them."""

from decimal import Decimal

import pytest

from app.domain.forms.answers import Address, Answers
from app.domain.forms.model import Bounds, Item, Unit
from app.domain.forms.shared import Told, answer_for, fitted, measured_for, told_by_code
from app.domain.forms.values import Coding, Quantity, Value
from app.domain.text import Text
from tests.tools import forms as tools

WEIGHT = Coding("29463-7", "http://loinc.org")
KG, LB = Unit("kg", Text({"fi": "kg"}), "ucum"), Unit("[lb_av]", Text(), "ucum")


def weight(kind: str = "decimal", unit: Unit | None = KG, **more: object) -> Item:
    return tools.item("weight", kind, codes=(WEIGHT,), unit=unit, **more)  # type: ignore[arg-type]


def offered(now: Item, was: Item, *values: Value) -> tuple[Value, ...]:
    """What is offered to `now` of answers to `was` in another form."""
    form = tools.form(was)
    return answer_for(now, told_by_code(form, Answers({Address(was.link_id): values})))


def test_the_same_question_under_another_name() -> None:
    """The code joins two questions, whatever they are called; a code of another system does not."""
    was = tools.item("paino", "decimal", codes=(WEIGHT,), unit=KG)
    assert offered(weight(), was, Decimal("70.5")) == (Decimal("70.5"),)
    other = tools.item("paino", "decimal", codes=(Coding(WEIGHT.code, "elsewhere"),), unit=KG)
    assert offered(weight(), other, Decimal("70.5")) == ()


@pytest.mark.parametrize(
    ("now", "was", "value", "found"),
    [
        ("decimal", "integer", 70, Decimal(70)),
        ("integer", "decimal", Decimal(70), 70),
        ("integer", "decimal", Decimal("70.5"), None),
        ("string", "decimal", Decimal(70), None),
        ("text", "string", "words", "words"),
    ],
)
def test_types(now: str, was: str, value: Value, found: Value | None) -> None:
    """A number fits where nothing is lost of it; between other types nothing is made up."""
    assert fitted(weight(now), Told(weight(was), (value,))) == (() if found is None else (found,))


def test_units_are_never_converted() -> None:
    """An answer in pounds is none to a question in kilograms, and neither is a measurement."""
    assert offered(weight(), weight(unit=LB), Decimal(150)) == ()
    assert measured_for(weight(unit=LB), Decimal(70), "kg") is None
    assert measured_for(weight("quantity", units=(LB,)), Decimal(70), "kg") is None


def test_what_is_not_lasting() -> None:
    """Scored answers are not told, nor those in repeating groups, nor several where one is asked."""
    scored = tools.choice("mood", "a", "b", scores=(1, 2), codes=(WEIGHT,))
    assert told_by_code(tools.form(scored), tools.answers(mood=Coding("a", "s"))) == {}
    repeated = tools.form(tools.group("many", weight(), repeats=True))
    assert told_by_code(repeated, tools.answers(("weight#0", Decimal(1)))) == {}
    several = Told(tools.item("x", repeats=True), ("a", "b"))
    assert fitted(tools.item("y"), several) == ()


def test_options_must_be_offered() -> None:
    """A code that the other form does not offer is no answer to it."""
    was = tools.choice("was", "a", "b", codes=(WEIGHT,))
    assert offered(tools.choice("now", "b", codes=(WEIGHT,)), was, Coding("a", "s")) == ()
    assert offered(tools.choice("now", "a", codes=(WEIGHT,)), was, Coding("a", "s")) == (Coding("a", "s"),)


def test_measurements() -> None:
    """A measurement becomes the answer that its question takes, with its decimals; half a number none at all."""
    assert measured_for(weight(bounds=Bounds(decimals=1)), Decimal("70.46"), "kg") == Decimal("70.5")
    assert measured_for(weight("integer"), Decimal("70.0"), "kg") == 70
    assert measured_for(weight("integer"), Decimal("70.5"), "kg") is None
    assert measured_for(weight("quantity", units=(LB, KG)), Decimal(70), "kg") == Quantity(
        Decimal(70), "kg", "ucum", "kg"
    )
    assert measured_for(weight("string"), Decimal(70), "kg") is None
