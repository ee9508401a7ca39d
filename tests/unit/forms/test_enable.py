"""enableWhen: every operator of R4 on every kind of answer, and nearest repetitions."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest

from app.domain.forms.computing.compute import compute
from app.domain.forms.computing.enable import holds
from app.domain.forms.model import Form, Operator
from app.domain.forms.values import Coding, Quantity, Value
from tests.tools.forms import KNOWN, address, answers, form, group, item, when

KG, LB = (Quantity(Decimal(70), code, "u", code) for code in ("kg", "lb"))
HEAVY = Quantity(Decimal("70.5"), "kg", "u", "kg")
NO = Coding("no", "s")


@pytest.mark.parametrize(
    ("kind", "answer", "operator", "wanted", "expected"),
    [
        ("boolean", True, "=", True, True),
        ("boolean", False, "!=", True, True),
        ("boolean", True, "=", 1, False),
        ("integer", 5, "=", Decimal("5.0"), True),
        ("integer", 5, ">", 4, True),
        ("decimal", Decimal("4.8"), ">=", Decimal("4.80"), True),
        ("decimal", Decimal("4.8"), "<", 5, True),
        ("decimal", Decimal("4.8"), "<=", 4, False),
        ("decimal", Decimal("4.8"), ">", "4", False),
        ("string", "test", "=", "test", True),
        ("string", "test", ">", "tes", True),
        ("string", "test", "<=", "testing", True),
        ("string", "test", "!=", "test", False),
        ("choice", NO, "=", Coding("no", "s", "other words"), True),
        ("choice", NO, "=", Coding("no"), True),
        ("choice", NO, "=", Coding("no", "t"), False),
        ("choice", NO, "!=", Coding("no", "t"), True),
        ("open-choice", "no", "=", NO, False),
        ("choice", 34, "=", 34, True),
        ("quantity", HEAVY, ">", KG, True),
        ("quantity", KG, "=", Quantity(Decimal("70.0"), "kilo", "u", "kg"), True),
        ("quantity", KG, "=", LB, False),
        ("quantity", KG, "!=", LB, False),
        ("quantity", HEAVY, ">", LB, False),
        ("quantity", Quantity(Decimal(2), "kg"), "<", KG, True),
        ("date", "2020-05-01", "=", "2020-05-01", True),
        ("date", "2020-05", ">", "2020-04-30", True),
        ("date", "2020-05", ">=", "2020-05-01", False),
        ("date", "2020-05", "=", "2020-05-01", False),
        ("date", "2020-05", "!=", "2020-05-01", False),
        ("date", "2020", "<", "2021-01-01", True),
        ("dateTime", "2020-05-01T10:00:00+03:00", "=", "2020-05-01T07:00:00Z", True),
        ("dateTime", "2020-05-01T22:30:00Z", ">", "2020-05-01", True),  # it is the next day in Helsinki
        ("dateTime", "2020-05-01T10:00:00Z", ">", "2020-05-01", False),
        ("dateTime", "no moment", "!=", "2020-05-01", False),
        ("time", "10:00:00", "<", "10:00:00.5", True),
        ("time", "09:59", "<", "10:00:00", True),
        ("time", "10:00", ">=", "10:00:00", False),
    ],
)
def test_every_operator_on_every_kind(
    kind: str, answer: Value, operator: Operator, wanted: Value, expected: bool
) -> None:
    """A question is asked exactly where its author's condition holds; what can't be decided does not hold."""
    assert holds(when("q", operator, wanted), (answer,), kind) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [("exists", True, False), ("exists", False, True), ("=", 1, False), (">", 1, False), ("!=", 1, True)],
)
def test_no_answer(operator: Operator, wanted: Value, expected: bool) -> None:
    """Of nothing, nothing is equal: R4 lets `!=` hold without an answer, as LHC-Forms does."""
    assert holds(when("q", operator, wanted), (), "integer") is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [("=", 2, True), ("=", 4, False), (">", 2, True), ("!=", 2, False), ("!=", 4, True), ("exists", True, True)],
)
def test_several_answers(operator: Operator, wanted: Value, expected: bool) -> None:
    """One of several answers is enough, except for `!=`: there none may be equal."""
    assert holds(when("q", operator, wanted), (1, 2, 3), "integer") is expected


def asked(whole: Form, **given: Value) -> set[str]:
    return {str(one) for one in compute(whole, answers(*given.items()), KNOWN).state.asked}


def test_any_and_all() -> None:
    """`any` needs one condition, `all` needs every one."""
    both = (when("a"), when("b"))
    whole = form(item("a", "boolean"), item("b", "boolean"), item("any", enable_when=both),
                 item("all", enable_when=both, enable_every=True))  # fmt: skip
    assert asked(whole, a=True) == {"a", "b", "any"}
    assert asked(whole, a=True, b=True) == {"a", "b", "any", "all"}


def test_what_is_not_asked_counts_as_unanswered() -> None:
    """A chain closes behind the question that goes; its answers stay in the draft."""
    chain = (item("a", "boolean"), item("b", "boolean", enable_when=(when("a"),)), item("c", enable_when=(when("b"),)))
    assert asked(form(*chain), a=True, b=True) == {"a", "b", "c"}
    state = compute(form(*chain), answers(a=False, b=True), KNOWN).state
    assert {str(one) for one in state.asked} == {"a"}
    assert state.answers.of(address("b")) == (True,)


def test_a_chain_from_the_end_to_the_beginning() -> None:
    """The order of the form does not matter to what is asked."""
    links = [f"q{number}" for number in range(40)]
    items = [item(one, "boolean", enable_when=(when(other),)) for one, other in pairwise(links)]
    whole = form(*items, item(links[-1], "boolean"))
    assert len(asked(whole, **dict.fromkeys(links, True))) == 40
    assert asked(whole, **dict.fromkeys(links[:-1], True)) == {links[-1]}


def test_children_of_a_question_need_its_answer() -> None:
    """What lies below a question is asked for each of its answers, and goes with them."""
    whole = form(item("q", "string", item("below"), repeats=True))
    assert asked(whole) == {"q"}
    assert {str(one) for one in compute(whole, answers(q=("x", "y")), KNOWN).state.asked} == {"q", "below#0", "below#1"}


SOURCE = (when("source"),)
REPEATING = form(
    group(
        "g",
        item("source", "boolean"),
        group("inner", item("deep", "boolean"), item("near", enable_when=SOURCE), repeats=True, min_occurs=2),
        item("about-deep", enable_when=(when("deep"),)),
        repeats=True,
        min_occurs=2,
    ),
    item("outside", enable_when=(when("deep"),)),
    group("h", item("elsewhere", enable_when=SOURCE), repeats=True, min_occurs=2),
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("source#1",), {"near#1#0", "near#1#1", "elsewhere#0", "elsewhere#1"}),
        (("deep#0#1",), {"about-deep#0", "outside"}),
    ],
)
def test_the_nearest_repetition(given: Sequence[str], expected: set[str]) -> None:
    """In a repeating group a condition speaks of its own repetition; from elsewhere, of any."""
    state = compute(REPEATING, answers(*((name, True) for name in given)), KNOWN).state
    conditional = {"near", "about-deep", "outside", "elsewhere"}
    assert {str(one) for one in state.asked if one.link_id in conditional} == expected


def test_a_circle_with_rest_rests() -> None:
    """Three questions that each hide another come to rest with those shown that nothing hides."""
    hides = (when("c", "!="),)
    whole = form(
        item("a", "boolean", enable_when=hides),
        item("b", "boolean", enable_when=hides),
        item("c", "boolean", enable_when=(when("a", "!="), when("b", "!=")), enable_every=True),
    )
    assert asked(whole) == {"a", "b", "c"}
    assert asked(whole, a=True) == {"a", "b"}
    assert asked(whole, c=True) == {"c"}


def test_a_circle_without_rest_is_not_asked() -> None:
    """A question that is asked only while it has no answer goes; the page does not hang and the rest stays."""
    whole = form(item("a", enable_when=(when("a", "exists", False),)), item("b"))
    assert asked(whole, a="x") == {"b"}


def test_a_source_that_does_not_exist() -> None:
    """A condition on a question that the form does not have finds no answer."""
    assert asked(form(item("a", enable_when=(when("nowhere"),)))) == set()
