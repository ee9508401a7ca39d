"""enableWhen and expressions: read as they are meant, or refused."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.forms.model import Condition, Constraint, Expression
from app.domain.forms.values import Coding, Quantity, Reference, Value
from app.domain.text import Text
from tests.unit.forms.reader_samples import (
    CORE,
    SDC,
    codes_of,
    codings,
    expression,
    extension,
    item,
    read,
    read_one,
    refusals,
    when,
)

REMOTE = "https://example.org/far"


@pytest.mark.parametrize(
    ("item_type", "operator", "answer", "expected"),
    [
        ("boolean", "=", {"answerBoolean": False}, False),
        ("string", "exists", {"answerBoolean": True}, True),
        ("decimal", ">", {"answerDecimal": 0.1}, Decimal("0.1")),
        ("decimal", "<", {"answerInteger": 2}, Decimal(2)),
        ("integer", "<=", {"answerInteger": 2}, 2),
        ("date", ">=", {"answerDate": "2024-02-29"}, "2024-02-29"),
        ("dateTime", "!=", {"answerDateTime": "2024-02-29T10:00:00+02:00"}, "2024-02-29T10:00:00+02:00"),
        ("time", "<", {"answerTime": "10:30:00"}, "10:30:00"),
        ("string", "!=", {"answerString": "a"}, "a"),
        ("open-choice", "=", {"answerString": "muu"}, "muu"),
        ("quantity", ">", {"answerQuantity": {"value": 3, "code": "kg"}}, Quantity(Decimal(3), code="kg")),
        ("reference", "=", {"answerReference": {"reference": "Group/1"}}, Reference("Group/1")),
    ],
)
def test_a_condition_compares_with_an_answer_of_its_question(
    item_type: str, operator: str, answer: dict[str, Any], expected: Value
) -> None:
    """All operators, and all kinds of answers."""
    found = read(item("q", item_type), item("then", enableWhen=[when("q", operator, **answer)])).form
    assert found.by_link["then"].enable_when == (Condition("q", operator, expected),)  # type: ignore[arg-type]
    assert type(found.by_link["then"].enable_when[0].answer) is type(expected)


def test_a_condition_may_name_a_later_question_and_finds_the_option() -> None:
    """A coding without its system, or the words of an option, mean the option that has them."""
    for answer in ({"answerCoding": {"code": "a"}}, {"answerString": "A"}):
        reading = read(item("then", enableWhen=[when("q", **answer)]), item("q", "choice", answerOption=codings("a")))
        assert reading.form.items[0].enable_when == (Condition("q", "=", Coding("a", "s")),)
        assert "condition_matched_loosely" in codes_of(reading)


def test_several_conditions_say_whether_all_must_hold() -> None:
    """Where R4's enableBehavior is missing any of them is enough, and it is noted."""
    both = [when("q", "exists", answerBoolean=True), when("q", "!=", answerString="a")]
    assert read(item("q"), item("then", enableWhen=both, enableBehavior="all")).form.items[1].enable_every
    reading = read(item("q"), item("then", enableWhen=both))
    assert (reading.form.items[1].enable_every, codes_of(reading)) == (False, ["enable_behavior_missing"])


@pytest.mark.parametrize(
    ("source", "condition", "code"),
    [
        (item("q"), when("gone", answerString="a"), "condition_question_missing"),
        (item("q", "group"), when("q", "exists", answerBoolean=True), "condition_on_no_question"),
        (item("q", "display"), when("q", "exists", answerBoolean=True), "condition_on_no_question"),
        (item("q"), when("q", "==", answerString="a"), "condition_operator"),
        (item("q"), {"question": "q"}, "condition_operator"),
        (item("q"), when("q"), "condition_answer_missing"),
        (item("q"), when("q", answerString="a", answerInteger=1), "condition_answer_missing"),
        (item("q", "integer"), when("q", answerString="many"), "condition_answer_type"),
        (item("q", "date"), when("q", answerDate="2023-02-29"), "condition_answer_type"),
        (item("q", "quantity"), when("q", answerString="heavy"), "condition_answer_type"),
        (item("q", "boolean"), when("q", ">", answerBoolean=True), "condition_not_ordered"),
        (item("q", "choice", answerOption=codings("a")), when("q", answerString="x"), "condition_answer_type"),
        (item("q", "choice", answerValueSet=REMOTE), when("q", answerCoding={"code": "a"}), "condition_on_unresolved"),
        (item("q"), "q", "condition_unreadable"),
    ],
)
def test_a_condition_that_can_not_be_read_is_refused(source: dict[str, Any], condition: Any, code: str) -> None:
    """A question asked of the wrong people is worse than no form; the item is named."""
    assert (code, "then") in refusals(source, item("then", enableWhen=[condition]))


def test_expressions_are_numbered_in_reading_order() -> None:
    """Variables of the form, then item by item; names and texts as written."""
    variables = [expression(CORE + "variable", "1", name="a"), expression(CORE + "variable", "%a", name="b")]
    own = [expression(SDC + "initialExpression", "2"), expression(SDC + "enableWhenExpression", "%b = 1")]
    found = read(
        item("q", extension=own),
        item("r", extension=[expression(SDC + "calculatedExpression", "3")]),
        extension=variables,
    )
    assert found.form.variables == (Expression(1, "1", "a"), Expression(2, "%a", "b"))
    assert found.form.items[0].enable_expression == Expression(3, "%b = 1")
    assert found.form.items[0].initial_expression == Expression(4, "2")
    assert found.form.items[1].calculated == Expression(5, "3")
    assert not found.notes


def test_rules_between_answers_in_both_their_forms() -> None:
    """SDC's targetConstraint, and the older constraint whose expression is a string."""
    new = [
        extension("key", "Id", "k"),
        extension("severity", "Code", "warning"),
        extension("human", "String", "Korjaa"),
    ]
    spoken = {"url": CORE + "targetConstraint", "extension": [*new, expression("expression", "true")]}
    old = [extension("human", "String", "Korjaa"), extension("severity", "Code", "error")]
    older = {"url": CORE + "questionnaire-constraint", "extension": [*old, extension("expression", "String", "false")]}
    human = Text({"fi": "Korjaa"})
    assert read_one("string", extension=[spoken, older]).constraints == (
        Constraint("k", human, Expression(1, "true"), "warning"),
        Constraint("rule-2", human, Expression(2, "false"), "error"),
    )


@pytest.mark.parametrize("language", ["text/cql", "application/x-fhir-query"])
def test_another_expression_language_leaves_an_ordinary_field(language: str) -> None:
    """What we can't calculate is asked; what would decide who is asked is refused."""
    reading = read(item("q", extension=[expression(SDC + "calculatedExpression", "x", language=language)]))
    assert reading.form.items[0].calculated is None
    assert [(note.code, note.link_id, note.detail) for note in reading.notes] == [
        ("expression_language", "q", language)
    ]
    enabling = expression(SDC + "enableWhenExpression", "x", language=language)
    assert refusals(item("q", extension=[enabling])) == [("enable_expression_lost", "q")]


def test_what_needs_a_lost_variable_is_lost_with_it() -> None:
    """A variable in another language takes along what speaks of it, and no more."""
    lost = expression(CORE + "variable", "Patient?x", name="a", language="application/x-fhir-query")
    speaks = [expression(CORE + "variable", "%a + 1", name="b"), expression(SDC + "calculatedExpression", "%b")]
    found = read(
        item("q", extension=speaks),
        item("r", extension=[expression(SDC + "initialExpression", "%b")]),
        extension=[lost],
    )
    assert (found.form.variables, found.form.items[0].variables, found.form.items[0].calculated) == ((), (), None)
    assert found.form.items[1].initial_expression == Expression(1, "%b")
    enabling = item("q", extension=[expression(SDC + "enableWhenExpression", "%a")])
    assert refusals(enabling, extension=[lost]) == [("enable_expression_lost", "q")]


def test_a_rule_that_nobody_could_mend_is_left_out() -> None:
    """Without words there is nothing to show."""
    bare = {"url": CORE + "targetConstraint", "extension": [expression("expression", "false")]}
    reading = read(item("q", extension=[bare]))
    assert (reading.form.items[0].constraints, codes_of(reading)) == ((), ["constraint_without_words"])
