"""What an expression may cost: one that would never end, or fill the memory, fails, and ordinary ones do not."""

from typing import Any

import pytest

from app.domain.forms.computing import fhirpath
from app.domain.forms.computing.fhirpath import Failed, Unreadable
from app.domain.forms.computing.fhirpath_limits import LONGEST_EXPRESSION, MOST_NODES, MOST_SPENT, Budget, TooMuch
from app.domain.forms.desk.expressions import try_expressions
from tests.tools.forms import fhirpath as expression
from tests.tools.forms import form, item

DOUBLED = ".select($this & $this)"
ITEMS = [{"linkId": str(number), "item": [{"linkId": f"{number}.1"}]} for number in range(1_000)]
RESPONSE: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "item": ITEMS}


def found(text: str) -> list[Any]:
    return fhirpath.plain(fhirpath.evaluate(text, RESPONSE, {"resource": RESPONSE, "long": "b" * 50_000}))


@pytest.mark.parametrize(
    "text",
    [
        "(0).repeat($this + 1)",
        "'a'" + DOUBLED * 28,
        "'a'" + ".select($this + $this)" * 28,
        "9" + ".select($this * $this)" * 28,
        "9" * 1_000,
        "10.power(9999)",
        "'a'" + DOUBLED * 15 + ".toChars()",
        f"('a'{DOUBLED * 13}).toChars().intersect(('a'{DOUBLED * 13}).toChars())",
        "%long.replace('', %long)",
        "%long.replace('b', %long)",
        "'b'.combine('b').combine('b').join(%long)",
        "('a' + %long.substring(0, 150)).replaceMatches('.', %long)",
        "1" + ".select($this.combine($this))" * 20,
        "%resource.item.where(%resource.item.where(%resource.item.where(item.nothing)))",
        "%resource.item.where(" + "where(" * 30 + "true" + ")" * 31,
        "'aaaaaaaaaaaaaaaaaaaaaaaa'.matches('^([a-zA-Z0-9]+[._-]?)+@[a-z.]+$')",
        "'aaaaaaaaaaaaaaaaaaaaaaaa'.replaceMatches('(a+)+b', '')",
        "%long.matches('[a-z]+x')",
    ],
)
def test_what_costs_too_much_fails(text: str) -> None:
    """Neither time nor memory of the server is an author's to take."""
    with pytest.raises(Failed, match="TooMuch"):
        found(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%resource.repeat(item).where(linkId = '700.1').linkId", ["700.1"]),
        ("%resource.descendants().where(linkId = '700.1').count()", [1]),
        ("%resource.item.linkId.select($this & '!').count()", [1_000]),
        ("%long.matches('c')", [False]),
        ("'00100 Helsinki'.matches('^[0-9]{5} .+$')", [True]),
        ("'a@b.example'.matches('^[^@ ]+@[^@ ]+[.][^@ ]+$')", [True]),
        ("'1.2.3'.replaceMatches('[.]', '-')", ["1-2-3"]),
        ("'a.b'.replace('.', '')", ["ab"]),
        ("'a'.combine('b').join(', ')", ["a, b"]),
        ("(1 | 2 | 3).intersect(2 | 3)", [2, 3]),
        ("(1).repeat(iif($this < 5, $this + 1, {}))", [2, 3, 4, 5]),
        (" + ".join(["1"] * 150), [150]),
    ],
)
def test_ordinary_expressions_have_room(text: str, expected: list[Any]) -> None:
    """A large form and what authors write are far from the limits."""
    assert found(text) == expected


def test_a_budget_is_of_one_evaluation() -> None:
    """What one expression spends is not missing from the next, and it ends exactly where it says."""
    budget = Budget()
    budget.pay(MOST_SPENT)
    with pytest.raises(TooMuch):
        budget.pay(1)
    with pytest.raises(TooMuch):
        Budget().spend([0] * (MOST_NODES + 1))
    for _ in range(5):
        assert found("%resource.repeat(item).where(linkId = '7').count()") == [1]


def test_a_long_text_is_no_expression() -> None:
    """Reading takes time as well."""
    assert fhirpath.parsed("1".ljust(LONGEST_EXPRESSION))
    with pytest.raises(Unreadable):
        fhirpath.parsed("1".ljust(LONGEST_EXPRESSION + 1))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("item.answer.value.matches('^(a+)+$')", ["enable_pattern", "expression_pattern"]),
        ("iif(true, 'a'.replaceMatches('(a+)+', 'b'), '')", ["enable_pattern", "expression_pattern"]),
        ("1".ljust(LONGEST_EXPRESSION + 1), ["enable_too_long", "expression_too_long"]),
        ("1 +* (", ["enable_unparsed", "expression_unparsed"]),
        ("item.answer.value.matches('^[0-9]{5}$')", []),
        ("item.answer.value.matches('^\\\\d+$')", []),
        ("item.answer.value.matches(%pattern)", []),
        ("'the word matches(\\'(a+)+\\')'", []),
    ],
)
def test_what_can_never_run_is_told_at_import(text: str, codes: list[str]) -> None:
    """A content owner hears of it, and why, before a resident would meet it."""
    whole = form(item("a", enable_expression=expression(text)), item("b", calculated=expression(text)))
    assert [note.code for note in try_expressions(whole)] == codes
