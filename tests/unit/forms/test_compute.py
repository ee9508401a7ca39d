"""Computing a form: calculations, rules, proposals, rest, and what is remembered from one time to the next."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.compute import compute, propose
from app.domain.forms.computing.memo import memo_from_data, memo_to_data
from app.domain.forms.model import Bounds, Form, Item, Unit
from app.domain.forms.state import Known
from app.domain.forms.values import Coding, Quantity, Value
from app.domain.text import Text
from tests.tools.forms import KNOWN, NOW, address, answers, choice, fhirpath, form, group, item, rule, when

KNOWING = Known(NOW, {"patient": {"resourceType": "Patient", "birthDate": "1958-03-14", "weight": 70.5}})


def of(link_id: str, path: str = "answer.value") -> str:
    return f"%resource.item.where(linkId='{link_id}').{path}"


def calculated(
    whole: Form, known: Known = KNOWN, **given: Value | tuple[Value, ...]
) -> Mapping[str, tuple[Value, ...]]:
    """What was calculated, by where it stands."""
    values = compute(whole, answers(**given), known).state.answers.values
    return {str(one): found for one, found in values.items() if one.link_id not in given}


def reasons(whole: Form, known: Known = KNOWN, **given: Value) -> list[str]:
    return [f"{one.link_id}:{one.reason}" for one in compute(whole, answers(**given), known).troubles]


def test_calculations_upon_calculations() -> None:
    """A value may follow from another that stands later in the form, and from a variable."""
    whole = form(
        item("class", calculated=fhirpath(f"iif({of('bmi')} >= 25, 'over', 'normal')")),
        item("bmi", "decimal", calculated=fhirpath("(%w / (%h * %h)).round(1)")),
        item("w", "decimal"),
        item("h", "decimal"),
        variables=(fhirpath(of("w"), "w"), fhirpath(f"{of('h')} / 100", "h")),
    )
    found = calculated(whole, w=Decimal("70.5"), h=Decimal(160))
    assert found == {"bmi": (Decimal("27.5"),), "class": ("over",)}


def test_a_calculated_value_is_the_forms() -> None:
    """What a browser or an old draft says about it is not believed."""
    whole = form(item("a", "integer", calculated=fhirpath("1 + 1")))
    assert compute(whole, answers(a=99), KNOWN).state.answers == answers(a=2)


def test_what_is_not_asked_counts_nowhere() -> None:
    """A hidden answer stays in the draft and out of every calculation; a calculation may hide and show."""
    whole = form(
        item("smokes", "boolean"),
        item("packs", "integer", enable_when=(when("smokes"),)),
        item("total", "integer", calculated=fhirpath(f"iif({of('packs', 'exists()')}, {of('packs')} * 7, 0)")),
        item("help", enable_when=(when("total", ">", 10),)),
        item("also", enable_expression=fhirpath(f"{of('total')} > 20")),
    )
    shown = compute(whole, answers(smokes=True, packs=3), KNOWN).state
    assert {"help", "also"} <= {one.link_id for one in shown.asked}
    hidden = compute(whole, answers(smokes=False, packs=3), KNOWN).state
    assert {one.link_id for one in hidden.asked} == {"smokes", "total"}
    assert hidden.answers == answers(smokes=False, packs=3, total=0)


def test_repetitions_calculate_for_themselves() -> None:
    """In a repeating group an expression and its variables speak of their own repetition."""
    dose = fhirpath("item.where(linkId='dose').answer.value", "dose")
    total = item("total", "integer", calculated=fhirpath("%dose * 2"))
    whole = form(group("g", item("dose", "integer"), total, repeats=True, min_occurs=3, variables=(dose,)))
    state = compute(whole, answers(("dose#0", 1), ("dose#2", 3)), KNOWN).state
    assert state.answers == answers(("dose#0", 1), ("dose#2", 3), ("total#0", 2), ("total#2", 6))


def test_a_calculated_answer_brings_its_questions() -> None:
    """Questions below a calculated one stand for each of its answers."""
    calls = item("letter", "string", item("why"), repeats=True, calculated=fhirpath(f"{of('word')}.toChars()"))
    state = compute(form(item("word"), calls), answers(word="ab"), KNOWN).state
    assert {str(one) for one in state.asked} == {"word", "letter", "why#0", "why#1"}


UNIT = Unit("kg", Text({"fi": "kg"}), "u")


@pytest.mark.parametrize(
    ("kind", "text", "expected", "more"),
    [
        ("integer", "7.0", 7, {}),
        ("integer", "'7'", None, {}),
        ("integer", "7.5", None, {}),
        ("decimal", "2.345", Decimal("2.345"), {}),
        ("decimal", "2.345", Decimal("2.35"), {"bounds": Bounds(decimals=2)}),
        ("boolean", "1 < 2", True, {}),
        ("boolean", "1", None, {}),
        ("string", "1 + 1", "2", {}),
        ("string", "true", None, {}),
        ("text", "'a' & 'b'", "ab", {}),
        ("date", "today()", "2026-11-23", {}),
        ("date", "now()", "2026-11-23", {}),
        ("date", "'2026'", "2026", {}),
        ("date", "'soon'", None, {}),
        ("date", "'2026-02-31'", None, {}),
        ("dateTime", "'2026-11-23T10:00'", "2026-11-23T10:00:00+02:00", {}),
        ("time", "'25:00'", None, {}),
        ("integer", "2147483647 + 1", None, {}),
        ("decimal", "10.power(30)", None, {}),
        ("dateTime", "now()", "2026-11-23T00:30:00.000+02:00", {}),
        ("time", "@T10:30", "10:30:00", {}),
        ("quantity", "70", Quantity(Decimal(70), "kg", "u", "kg"), {"unit": UNIT}),
        ("quantity", "2 'cm'", Quantity(Decimal(2), "cm", "http://unitsofmeasure.org", "cm"), {}),
        ("open-choice", "'own words'", "own words", {}),
        ("choice", "'own words'", None, {}),
        ("url", "'https://example.org'", "https://example.org", {}),
        ("reference", "'x'", None, {}),
        ("attachment", "'x'", None, {}),
        ("string", "('a').combine('b')", None, {}),
    ],
)
def test_a_result_becomes_an_answer_or_is_left_out(kind: Any, text: str, expected: Value | None, more: Any) -> None:
    """A result that its question could not have as an answer is left out and told to the content owner."""
    whole = form(item("a", kind, calculated=fhirpath(text), **more))
    computed = compute(whole, answers(), KNOWN)
    assert computed.state.answers.of(address("a")) == (() if expected is None else (expected,))
    assert [one.reason for one in computed.troubles] == (["unfit"] if expected is None else [])


def test_a_code_becomes_the_option_that_is_meant() -> None:
    """An expression may name an option by its code, or take it out of the Questionnaire."""
    by_code = choice("a", "x", "y", calculated=fhirpath("'y'"))
    taken = choice("b", "x", "y", calculated=fhirpath("%qitem.answerOption.valueCoding.where(code = 'x')"))
    offered_nowhere = choice("c", "x", calculated=fhirpath("'z'"))
    assert calculated(form(by_code, taken, offered_nowhere)) == {"a": (Coding("y", "s"),), "b": (Coding("x", "s"),)}


def test_several_results_for_a_repeating_question() -> None:
    """A list becomes several answers where the question takes several."""
    assert calculated(form(item("a", repeats=True, calculated=fhirpath("'abc'.toChars()")))) == {"a": ("a", "b", "c")}


@pytest.mark.parametrize("text", [f"{of('good')}.combine({of('bad')}).ordinal().sum()", "%g.ordinal() + %b.ordinal()"])
def test_scores_follow_the_question(text: str) -> None:
    """The same code may count differently in another question, as in reversed statements of a scale."""
    score, through = fhirpath(text), (fhirpath(of("good"), "g"), fhirpath(of("bad"), "b"))
    codes = ("never", "always")
    good, bad = choice("good", *codes, scores=(0, 4)), choice("bad", *codes, scores=(4, 0))
    always = Coding("always", "s")
    whole = form(good, bad, item("score", "integer", calculated=score), variables=through)
    assert calculated(whole, good=always, bad=always) == {"score": (4,)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("1 +", "unreadable"), ("nothing()", "failed"), ("%nobody.name.exists()", "unknown:nobody"), ("1", "unfit")],
)
def test_an_error_never_hides_a_question(text: str, reason: str) -> None:
    """Where a condition can't be evaluated the question is asked, except where its expression only says no."""
    computed = compute(form(item("a", enable_expression=fhirpath(text))), answers(), KNOWN)
    assert bool(computed.state.asked) is not reason.startswith("unknown")
    assert [one.reason for one in computed.troubles] == [reason]


def test_troubles_on_the_way_are_not_told() -> None:
    """What failed before a question was hidden is no fault of the form."""
    bad = item("b", calculated=fhirpath(f"iif({of('a', 'exists()')}, 1 * 'x', 'fine')"))
    whole = form(bad, item("a", enable_when=(when("c"),)), item("c", "boolean"))
    assert reasons(whole, a="x") == []
    assert reasons(whole, a="x", c=True) == ["b:failed"]


def test_calculations_in_a_circle() -> None:
    """Two values that push each other up for ever are left out, and told."""
    a = item("a", "integer", calculated=fhirpath(f"iif({of('b', 'exists()')}, {of('b')}, 0) + 1"))
    b = item("b", "integer", calculated=fhirpath(f"iif({of('a', 'exists()')}, {of('a')}, 0) + 1"))
    whole = form(a, b, item("c", "integer", calculated=fhirpath("5")))
    assert calculated(whole) == {"c": (5,)}
    assert reasons(whole) == ["a:restless", "b:restless"]


def test_what_is_known_of_the_person() -> None:
    """Resources are seen by their names; what is not known is nothing, and told."""
    whole = form(
        item("age", "boolean", calculated=fhirpath("%patient.birthDate <= today() - 65 years")),
        item("weight", "decimal", calculated=fhirpath("%patient.weight + 0.1")),
        item("none", calculated=fhirpath("%somebody.name")),
    )
    assert calculated(whole, KNOWING) == {"age": (True,), "weight": (Decimal("70.6"),)}
    assert reasons(whole, KNOWING) == ["none:unknown:somebody"]


def test_broken_rules() -> None:
    """A rule is broken where it says no about what is asked; while nothing it reads is answered it says nothing."""
    rules = (rule(f"{of('b')} > {of('a')}", "order"),)
    own = item("c", "integer", constraints=(rule("answer.value < 10", "small"),), enable_when=(when("a", "<", 100),))
    whole = form(item("a", "integer"), item("b", "integer"), own, constraints=rules)

    def broken(**given: Value) -> list[tuple[str, Address | None]]:
        return [(one.constraint.key, one.address) for one in compute(whole, answers(**given), KNOWN).state.broken]

    assert broken() == []
    assert broken(a=5) == []
    assert broken(a=5, b=6, c=9) == []
    assert broken(a=5, b=4, c=11) == [("order", None), ("small", address("c"))]
    assert broken(a=500, b=501, c=11) == []


def test_a_rule_that_fails_is_not_broken() -> None:
    """An author's mistake does not keep anybody from sending."""
    whole = form(item("a", constraints=(rule("answer.value * 2 > 3"),)))
    computed = compute(whole, answers(a="x"), KNOWN)
    assert computed.state.broken == ()
    assert [one.reason for one in computed.troubles] == ["failed"]


def test_proposals() -> None:
    """Initial values fill what nobody has answered, also below a proposed answer; an expression goes first."""
    below = item("below", "integer", initial=(1,))
    one_more = fhirpath(f"{of('a')} + 1")
    whole = form(
        item("a", "integer", initial=(7,)),
        item("b", "integer", initial=(7,), initial_expression=one_more),
        item("c", "date", initial_expression=fhirpath("%patient.birthDate")),
        item("d", "boolean", below, initial=(True,)),
        item("e", "integer", calculated=fhirpath("1")),
        item("f", initial=("x",), enable_when=(when("nowhere"),)),
        item("g", initial_expression=fhirpath("'x'"), enable_when=(when("nowhere"),)),
    )
    born = {"c": ("1958-03-14",), "d": (True,), "below": (1,), "f": ("x",)}
    proposed = propose(whole, answers(a=3), KNOWING)
    assert proposed == {address(name): values for name, values in {"b": (4,), **born}.items()}
    assert propose(whole, answers(a=3), KNOWING, ("c",)) == {address("c"): ("1958-03-14",)}


def many(count: int) -> Form:
    """A form of so many items, the first twenty with fifty expressions about them."""
    asked = [item(f"q{number}", "integer") for number in range(count)]
    rules = tuple(rule(f"{of(f'q{n % 20}')} + {of(f'q{n % 7}')} < 1000") for n in range(50))
    return form(*asked, constraints=rules)


def test_only_what_depends_on_a_change_is_evaluated() -> None:
    """One answer changes: its expressions are evaluated again and no others, however long the form is."""
    whole = many(300)
    before = answers(*((f"q{number}", number) for number in range(300)))
    first = compute(whole, before, KNOWN)
    assert first.evaluations == 50
    assert compute(whole, before, KNOWN, first.memo).evaluations == 0
    assert compute(whole, before.with_values({address("q299"): (5,)}), KNOWN, first.memo).evaluations == 0
    for link_id in ("q0", "q10"):
        depending = sum(f"'{link_id}'" in one.expression.text for one in whole.constraints)
        assert 0 < depending < 20
        after = compute(whole, before.with_values({address(link_id): (999,)}), KNOWN, first.memo)
        assert after.evaluations == depending


def test_a_new_day_is_a_change() -> None:
    """What is remembered about today is not used tomorrow; a new person or resource is a change as well."""
    whole = form(item("a", "date", calculated=fhirpath("today()")), item("b", calculated=fhirpath("%patient.id")))
    first = compute(whole, answers(), KNOWING)
    later = Known(NOW + timedelta(minutes=30), KNOWING.resources)
    assert compute(whole, answers(), later, first.memo).evaluations == 0
    tomorrow = compute(whole, answers(), Known(NOW + timedelta(days=1), KNOWING.resources), first.memo)
    assert tomorrow.state.answers == answers(a="2026-11-24")
    other = compute(whole, answers(), Known(NOW, {"patient": {"id": "x"}}), first.memo)
    assert other.state.answers.of(address("b")) == ("x",)


def test_a_memo_of_another_form_does_no_harm() -> None:
    """Expressions have the same numbers in the next version of a form; what is remembered is about their text."""
    expression = fhirpath("1")
    first = compute(form(item("a", "integer", calculated=expression)), answers(), KNOWN)
    other = fhirpath("2")
    changed = form(item("a", "integer", calculated=type(other)(expression.number, "2")))
    assert compute(changed, answers(), KNOWN, first.memo).state.answers == answers(a=2)


LINKS = ("a", "b", "c", "d")
TEXTS = (
    "1",
    "today()",
    "nothing()",
    of("a"),
    f"{of('a')} + 1",
    f"{of('b')} = {of('c')}",
    f"{of('d', 'exists()')}",
    "%resource.item.where(linkId='g').count()",
    "%resource.item.where(linkId='g').item.where(linkId='x').answer.value",
    "%resource.item[0].answer.value",
    "answer.value",
)
EXPRESSIONS = st.none() | st.sampled_from(TEXTS).map(fhirpath)
CONDITIONS = st.lists(
    st.builds(when, st.sampled_from((*LINKS, "x")), st.sampled_from(("=", "!=", ">")), st.integers(0, 2))
    | st.builds(when, st.sampled_from((*LINKS, "x")), st.just("exists"), st.booleans()),
    max_size=2,
).map(tuple)


@st.composite
def restless_forms(draw: st.DrawFn) -> Form:
    """Questions whose conditions and calculations go in every direction, circles too."""

    def one(link_id: str, *below: Item) -> Item:
        return item(
            link_id,
            "integer",
            *below,
            enable_when=draw(CONDITIONS),
            enable_every=draw(st.booleans()),
            enable_expression=draw(EXPRESSIONS),
            calculated=draw(EXPRESSIONS) if draw(st.booleans()) else None,
        )

    inner = group("g", one("x"), one("y"), repeats=True, min_occurs=2, enable_when=draw(CONDITIONS))
    return form(one("a"), one("b", one("c")), inner, one("d"))


FILLED = st.dictionaries(
    st.sampled_from(("a", "b", "c", "d", "x#0", "x#1", "y#0")), st.integers(0, 2).map(lambda number: (number,))
).map(lambda values: Answers({address(name): given for name, given in values.items()}))


@settings(max_examples=150, deadline=None)
@given(restless_forms(), FILLED, FILLED)
def test_every_form_comes_to_rest_and_stays(whole: Form, given_answers: Answers, others: Answers) -> None:
    """Whatever an author writes, computing ends; again gives the same, also with a memo of these or other answers."""
    first = compute(whole, given_answers, KNOWN)
    kept = memo_from_data(json.loads(json.dumps(memo_to_data(first.memo))))
    assert compute(whole, first.state.answers, KNOWN).state == first.state
    assert compute(whole, first.state.answers, KNOWN, kept).state == first.state
    assert compute(whole, given_answers, KNOWN, compute(whole, others, KNOWN).memo).state == first.state
    assert compute(whole, given_answers, KNOWN, kept).troubles == first.troubles
