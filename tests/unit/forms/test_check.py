"""What is to be mended: in one question, in groups, on a page, in the whole form."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.forms.answering.bounds import LONGEST_LINE, LONGEST_TEXT, longest
from app.domain.forms.answering.check import check_all, check_page, question_problem, warnings
from app.domain.forms.answering.problem import Problem
from app.domain.forms.answers import Address, Answers
from app.domain.forms.instances import expand, walk
from app.domain.forms.model import NOTHING, Bounds, Constraint, Form, Item, ItemType, Option
from app.domain.forms.state import Broken, State
from app.domain.forms.values import Coding, File, Quantity, Reference, Value
from app.domain.text import Text
from tests.tools.forms import answers, choice, fhirpath, form, group, item


def stand(of: Form, given: Answers, *not_asked: str, broken: tuple[Broken, ...] = ()) -> State:
    """Where the form stands if everything is asked but these linkIds."""
    instances = expand(of, given)
    asked = frozenset(one.address for one in walk(instances) if one.item.link_id not in not_asked)
    return State(of, given, instances, asked, broken)


def code(kind: ItemType, *values: Value, **more: Any) -> str:
    """The code of the problem of one question with these bounds; empty where there is none."""
    names = set(Bounds.__dataclass_fields__)
    bounds = Bounds(**{name: more.pop(name) for name in list(more) if name in names})
    found = question_problem(item("x", kind, bounds=bounds, **more), values)
    return found.code if found else ""


def test_required() -> None:
    """A required question needs an answer, and a number of answers where the form wants one."""
    assert code("string", required=True) == "missing"
    assert code("string") == ""
    assert code("string", "a", required=True) == ""
    assert code("boolean", False, required=True) == ""
    assert code("string", "a", repeats=True, min_occurs=2) == "too_few"
    assert code("string", repeats=True, min_occurs=1) == "missing"


def test_not_more_answers_than_asked() -> None:
    """One answer where the question does not repeat, else as many as the form allows."""
    assert code("string", "a", "b") == "too_many"
    assert code("string", "a", "b", repeats=True) == ""
    assert code("string", "a", "b", "c", repeats=True, max_occurs=2) == "too_many"


def test_only_what_the_resident_fills() -> None:
    """Read-only, hidden and calculated questions are the form's."""
    for theirs in ({"read_only": True}, {"hidden": True}, {"calculated": fhirpath("1")}):
        assert code("integer", required=True, **theirs) == ""
    assert code("display", required=True) == ""


@pytest.mark.parametrize(
    ("kind", "value", "bounds", "wanted"),
    [
        ("integer", 5, {"minimum": 5, "maximum": 5}, ""),
        ("integer", 4, {"minimum": 5}, "below"),
        ("integer", 6, {"maximum": 5}, "above"),
        ("decimal", Decimal("36.61"), {"decimals": 1}, "too_many_decimals"),
        ("decimal", Decimal("36.60"), {"decimals": 1}, ""),
        ("decimal", Decimal("1E+2"), {"decimals": 0}, ""),
        ("decimal", Decimal("4.9"), {"minimum": 5}, "below"),
        ("quantity", Quantity(Decimal("1.55"), "kg"), {"decimals": 1}, "too_many_decimals"),
        ("quantity", Quantity(Decimal(9), code="kg"), {"maximum": Quantity(Decimal(8), code="kg")}, "above"),
        ("quantity", Quantity(Decimal(9), code="kg"), {"maximum": Quantity(Decimal(8), code="g")}, ""),
        ("quantity", Quantity(Decimal(9), code="kg"), {"maximum": Decimal(8)}, "above"),
        ("date", "2026-03-05", {"minimum": "2026-03-06"}, "below"),
        ("date", "2026-03-05", {"maximum": "2026"}, ""),
        ("date", "2027-01-01", {"maximum": "2026"}, "above"),
        ("dateTime", "2026-03-05T00:30:00+02:00", {"minimum": "2026-03-04T23:00:00Z"}, "below"),
        ("dateTime", "2026-03-05T01:00:00+02:00", {"minimum": "2026-03-04T23:00:00Z"}, ""),
        ("time", "09:00:00", {"maximum": "08:00:00"}, "above"),
        ("string", "abc", {"max_length": 2}, "too_long"),
        ("string", "a", {"min_length": 2}, "too_short"),
        ("string", "ab1", {"regex": "[a-z]+"}, "wrong_format"),
        ("string", "ab", {"regex": "[a-z]+"}, ""),
        ("string", "ab", {"regex": "["}, ""),
        ("string", "1" * 200, {"regex": "[a-z]+"}, "wrong_format"),
        ("string", "1" * 201, {"regex": "[a-z]+"}, ""),
        ("string", "1" * 201, {"regex": "[a-z]{3}"}, "wrong_format"),
        ("reference", Reference(display="x" * 1001), {}, "too_long"),
        ("attachment", File("1", "text/html", size=1), {"file_types": ("image/*",)}, "wrong_file_type"),
        ("attachment", File("1", "image/png", size=1), {"file_types": ("image/*",)}, ""),
        ("attachment", File("1", "image/png", size=11), {"largest_file": 10}, "file_too_large"),
    ],
)
def test_bounds(kind: ItemType, value: Value, bounds: dict[str, Any], wanted: str) -> None:
    """An answer keeps to the form's bounds; what can't be compared holds nobody up."""
    assert code(kind, value, **bounds) == wanted


def test_a_problem_says_which_answer_and_how_much() -> None:
    """The sentence on the page needs the limit, the count, and which of several answers it is."""
    question = item("x", repeats=True, bounds=Bounds(max_length=2))
    assert question_problem(question, ("ab", "abc")) == Problem("too_long", 1, 2, 3)


def test_no_answer_without_a_limit() -> None:
    """Where the form sets no limit, ours holds; a form can't raise it."""
    assert longest(item("x")) == LONGEST_LINE
    assert longest(item("x", "text")) == LONGEST_TEXT
    assert longest(item("x", "text", bounds=Bounds(max_length=10**6))) == LONGEST_TEXT
    assert code("string", "x" * (LONGEST_LINE + 1)) == "too_long"
    assert code("text", "x" * LONGEST_TEXT) == ""


def test_options() -> None:
    """An answer that is offered no more, and ”none of these” together with others, are to be mended."""
    assert question_problem(choice("x", "a"), (Coding("b", "s"),)) == Problem("not_offered")
    none = Option(Coding("none"), NOTHING, exclusive=True)
    question = item("x", "choice", options=(Option(Coding("a"), NOTHING), none), repeats=True)
    assert question_problem(question, (Coding("a"), Coding("none"))) == Problem("exclusive", limit=Coding("none"))
    assert question_problem(question, (Coding("none"),)) is None
    assert code("open-choice", "own words", options=(none,)) == ""


def test_the_whole_form_in_reading_order() -> None:
    """Problems come as the questions do; what is not asked, or lies in something hidden, is not looked at."""
    of = form(
        item("a", required=True),
        group("g", item("b", required=True), hidden=True),
        group("h", item("c", required=True)),
        group("n", item("d", required=True)),
        item("e", "integer", required=True),
    )
    state = stand(of, Answers(), "n", "d")
    assert [address for address, _problem in check_all(state)] == [Address("a"), Address("c"), Address("e")]


def test_each_repetition_is_checked() -> None:
    """A problem in a repeating group has the place of its repetition."""
    of = form(group("g", item("a", required=True), item("b"), repeats=True))
    state = stand(of, answers(("a#0", "x")).with_count(Address("g"), 2))
    assert check_all(state) == ((Address("a", (1,)), Problem("missing")),)


def group_codes(of: Item, given: Answers) -> list[tuple[str, str]]:
    return [(str(address), problem.code) for address, problem in check_all(stand(form(of), given))]


def test_groups_wanted() -> None:
    """A required group needs an answer in it, a repeating one as many filled repetitions as the form wants."""
    assert group_codes(group("g", item("a"), required=True), Answers()) == [("g", "missing")]
    assert group_codes(group("g", item("a"), required=True), answers(a="x")) == []
    two = group("g", item("a"), repeats=True, min_occurs=2)
    assert group_codes(two, answers(("a#0", "x"))) == [("g#0", "too_few")]
    assert group_codes(two, answers(("a#0", "x"), ("a#1", "y"))) == []
    one = group("g", item("a"), repeats=True, max_occurs=1)
    given = answers(("a#0", "x"), ("a#1", "y")).with_count(Address("g"), 2)
    assert group_codes(one, given) == [("g#0", "too_many")]


def test_a_group_is_silent_where_its_questions_speak() -> None:
    """One missing answer is told once, at the question."""
    assert group_codes(group("g", item("a", required=True), required=True), Answers()) == [("a", "missing")]


def test_a_group_in_which_nothing_is_asked_holds_nobody_up() -> None:
    """A required group may hold only a text, what is not asked now, or what the form fills in itself."""
    assert group_codes(group("g", item("t", "display"), required=True), Answers()) == []
    assert group_codes(group("g", item("a", read_only=True), repeats=True, min_occurs=2), Answers()) == []
    of = form(group("g", item("a"), required=True))
    assert check_all(stand(of, Answers(), "a")) == ()


def test_a_page_is_told_only_its_own() -> None:
    """Of a page only the problems of its addresses are told."""
    of = form(item("a", required=True), item("b", required=True))
    assert check_page(stand(of, Answers()), {Address("b")}) == {Address("b"): Problem("missing")}


def rule(severity: Any = "error") -> Constraint:
    return Constraint("r", Text({"en": "Say it"}), fhirpath("false"), severity)


def test_broken_rules() -> None:
    """A rule speaks in the form's own words at its item, after what is wrong with the answer itself; one of the form
    has no address; a warning holds nobody up."""
    of, said = form(item("a", required=True), item("b")), Text({"en": "Say it"})
    broken = (Broken(rule(), Address("a")), Broken(rule(), None), Broken(rule("warning"), Address("b")))
    state = stand(of, Answers(), broken=broken)
    assert check_all(state) == ((Address("a"), Problem("missing")), (None, Problem("rule", said=said)))
    filled = stand(of, answers(a="x"), broken=broken)
    assert check_page(filled, {Address("a"), Address("b")}) == {Address("a"): Problem("rule", said=said)}
    assert warnings(filled, {Address("a"), Address("b")}) == {Address("b"): said}
