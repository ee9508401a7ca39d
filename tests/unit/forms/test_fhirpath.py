"""The wrapper of FHIRPath: what the library lacks for forms, and that nothing of it gets out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.forms.computing import fhirpath
from app.domain.forms.computing.fhirpath import Failed, Unreadable
from app.domain.forms.computing.functions import Scored, table

NIGHT = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
SCORES = {("s", "b"): Decimal(2)}


def found(text: str, item: dict[str, Any] | None = None, **names: Any) -> list[Any]:
    focus = fhirpath.item_node(item or {"linkId": "x"})
    functions = table(SCORES, NIGHT)
    return fhirpath.plain(fhirpath.evaluate(text, focus, {"context": focus, **names}, functions))


@pytest.mark.parametrize("text", ["1 + 2 ) rest", "(", "1 +", "a.b(", "", 'a = "b"', "'open"])
def test_a_syntax_error_is_an_error(text: str) -> None:
    """Half of an expression is never evaluated for the whole."""
    with pytest.raises(Unreadable):
        fhirpath.parsed(text)


@pytest.mark.parametrize("text", ["%nothing", "nothing()", "'a' * 2", "('a' | 'b') & 'c'", " + ".join(["1"] * 600)])
def test_whatever_the_library_raises_is_failed(text: str) -> None:
    """No expression breaks a page; the error does not repeat the answers."""
    with pytest.raises(Failed, match=r"^\w+$"):
        found(text)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"valueInteger": 3}, [3]),
        ({"valueDecimal": Decimal("5.6")}, [5.6]),
        ({"valueBoolean": False}, [False]),
        ({"valueDate": "2020-05-01"}, ["2020-05-01"]),
        ({"valueCoding": {"code": "a"}}, [{"code": "a"}]),
    ],
)
@pytest.mark.parametrize("text", ["answer.value", "%context.answer.value", "$this.answer.value"])
def test_value_finds_the_answer_of_any_type(text: str, answer: dict[str, Any], expected: list[Any]) -> None:
    """`answer.value` works from an item, as authors write it."""
    assert found(text, {"linkId": "x", "answer": [answer]}) == expected


def test_numbers_are_compared_as_written() -> None:
    """A decimal answer equals the literal with the same digits."""
    assert found("answer.value = 5.6", {"linkId": "x", "answer": [{"valueDecimal": Decimal("5.6")}]}) == [True]
    assert found("%n + 0.2 = 0.3", n=fhirpath.exact(0.1)) == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-answer.value", [-3]), ("-%n + %n", [0]), ("-(%n * 2)", [-4]), ("+%n - -1", [3]), ("-{}", []), ("%n - 1", [1])],
)
def test_signs(text: str, expected: list[Any]) -> None:
    """A sign may stand before an answer or a variable, and leaves both as they are."""
    assert found(text, {"linkId": "x", "answer": [{"valueInteger": 3}]}, n=[2]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today()", ["2026-11-23"]),
        ("today() = @2026-11-23", [True]),
        ("now().toString().substring(0, 16)", ["2026-11-23T00:30"]),
        ("today() - 18 years", ["2008-11-23"]),
        ("%born <= today() - 18 years", [True]),
        ("timeOfDay()", ["00:30:00.000"]),
    ],
)
def test_the_clock_is_the_callers_in_helsinki(text: str, expected: list[Any]) -> None:
    """Half past midnight in Helsinki is the new day, whatever the server's clock and zone say."""
    assert found(text, born="1990-01-01") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%c.ordinal()", [7]),
        ("%c.weight().sum()", [7]),
        ("%plain.ordinal()", [2]),
        ("%unknown.ordinal()", []),
        ("%extended.ordinal()", [9]),
        ("%c.combine(%plain).ordinal().sum()", [9]),
        ("(1 | 2 | 3).sum()", [6]),
        ("(1 | 2 | 3).avg()", [2]),
        ("(1 | 2 | 3).min()", [1]),
        ("('a' | 'b').max()", ["b"]),
        ("{}.sum()", []),
    ],
)
def test_our_own_functions(text: str, expected: list[Any]) -> None:
    """Scores follow the answer; where it came a longer way, the form's only score of that code."""
    extension = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 9}
    codes: dict[str, Any] = {
        "c": Scored({"system": "s", "code": "b"}, Decimal(7)),
        "plain": {"system": "s", "code": "b"},
        "unknown": {"system": "s", "code": "z"},
        "extended": {"code": "z", "extension": [extension]},
    }
    assert found(text, **codes) == expected


def test_words_have_no_sum() -> None:
    """A sum over what is no number fails instead of telling a wrong score."""
    with pytest.raises(Failed):
        found("('a' | 'b').sum()")


def test_trace_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """An author's `trace()` never writes answers into a log."""
    assert found("'secret'.trace('x')") == ["secret"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("answer.value > 70 'kg'", [True]),
        ("answer.value <= 70.5 'kg'", [True]),
        ("70.5 'kg' < answer.value", [False]),
        ("answer.value >= 70 'lbs'", []),
        ("answer.value > {}", []),
        ("answer.value.value > 70", [True]),
        ("2 days > 1 'd'", [True]),
    ],
)
def test_amounts_are_compared_in_one_unit(text: str, expected: list[Any]) -> None:
    """An amount that somebody gave is compared with one in the text; different units are not decided."""
    amount = {"value": Decimal("70.5"), "unit": "kg", "system": fhirpath.UCUM, "code": "kg"}
    assert found(text, {"linkId": "x", "answer": [{"valueQuantity": amount}]}) == expected


def test_quantities_become_json() -> None:
    """An amount that an expression makes is one that an answer can be."""
    unit = {"unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    assert found("70.5 'kg'") == [{"value": 70.5, **unit}]
