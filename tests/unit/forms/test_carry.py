"""Answers carried to another version of the form."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from app.domain.forms.answers import Answers
from app.domain.forms.model import NOTHING, Form, Item, Unit
from app.domain.forms.responding.carry import Carried, Lost, carry_over
from app.domain.forms.values import Coding, Quantity, Value
from app.domain.text import Text
from tests.tools.form_strategies import filled_forms, phrase
from tests.tools.forms import address, answers, choice, form, group, item

A, B, C = (Coding(code, "s") for code in "abc")
KG, G = (Unit(code, Text({"en": code})) for code in ("kg", "g"))


def _carried(old: Item, given_answers: Answers, new: Item) -> Carried:
    return carry_over(form(old), given_answers, form(new, item("added")))


def _reasons(carried: Carried) -> list[tuple[str, str]]:
    return [(str(lost.address), lost.reason) for lost in carried.lost]


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        (item("a"), "x", item("a", "text")),
        (item("a", "text"), "x", item("a")),
        (item("a"), "x", group("moved", item("a"))),
        (choice("a", "a", "b"), A, choice("a", "c", "a")),
        (choice("a", "a"), A, item("a", "open-choice", options=choice("a", "a").options)),
        (item("a", "open-choice", options=choice("a", "a").options), A, choice("a", "a")),
        (item("a", "quantity", units=(KG, G)), Quantity(Decimal(3), code="kg"), item("a", "quantity", unit=KG)),
    ],
)
def test_an_answer_goes_along_where_the_question_still_takes_it(old: Item, value: Value, new: Item) -> None:
    """A new version costs nobody what they have already written."""
    assert _carried(old, answers(a=value), new) == Carried(answers(a=value))


@pytest.mark.parametrize(
    ("old", "value", "new", "reason"),
    [
        (item("a"), "x", item("b"), "gone"),
        (item("a"), "x", group("a", item("b")), "gone"),
        (item("a"), "x", item("a", "display"), "gone"),
        (item("a"), "3", item("a", "integer"), "other-type"),
        (choice("a", "a"), A, choice("a", "b"), "not-offered"),
        (item("a", "open-choice", options=choice("a", "a").options), "own words", choice("a", "a"), "not-offered"),
        (item("a", "quantity", units=(KG, G)), Quantity(Decimal(3), code="g"), item("a", "quantity", unit=KG),
         "other-unit"),
    ],
)  # fmt: skip
def test_what_does_not_go_along_is_named(old: Item, value: Value, new: Item, reason: str) -> None:
    """The resident sees which answer was left out, in the words of the question it was given to."""
    carried = _carried(replace(old, text=phrase("Vanha")), answers(a=value), new)
    assert carried == Carried(Answers(), lost=(Lost(address("a"), reason, phrase("Vanha"), (value,)),))  # type: ignore[arg-type]


def test_an_answer_whose_question_means_something_else_is_shown_and_not_filled_in() -> None:
    """The author marked that the meaning changed: the resident answers again, with the earlier answer in sight."""
    carried = _carried(item("a"), answers(a="x"), item("a", "integer", fresh=True))
    assert carried == Carried(Answers(), shown={address("a"): ("x",)})


def test_of_several_answers_those_that_fit_are_kept() -> None:
    """One option that is gone does not cost the others; and of many the first stays where one is asked."""
    many = replace(choice("a", "a", "b", "c"), repeats=True)
    carried = _carried(many, answers(a=(A, B, C)), replace(choice("a", "b", "c"), repeats=True))
    assert (carried.answers, _reasons(carried)) == (answers(a=(B, C)), [("a", "not-offered")])
    carried = _carried(many, answers(a=(A, B, C)), choice("a", "b", "c"))
    assert (carried.answers, _reasons(carried)) == (answers(a=(B,)), [("a", "not-offered"), ("a", "too-many")])


def test_answers_below_an_answer_stay_with_it() -> None:
    """When an option is gone, what was told about it goes too, and does not slip under another one."""
    old = replace(choice("a", "a", "b", "c"), repeats=True, items=(item("more"),))
    new = replace(choice("a", "b", "c"), repeats=True, items=(item("more"),))
    told = answers(("a", (A, B, C)), ("more#0", "about a"), ("more#2", "about c"))
    carried = _carried(old, told, new)
    assert carried.answers == answers(("a", (B, C)), ("more#1", "about c"))
    assert _reasons(carried) == [("a", "not-offered"), ("more#0", "repetition")]
    fresh = _carried(old, told, replace(new, fresh=True))
    assert fresh.answers == Answers()


def test_a_group_that_begins_or_ends_repeating_keeps_the_first() -> None:
    """What was asked once is the first of many, and of many the first goes into the one place that is left."""
    once, many = group("g", item("a")), group("g", item("a"), repeats=True)
    assert _carried(once, answers(a="x"), many) == Carried(answers(("a#0", "x")))
    twice = answers(("a#0", "x"), ("a#1", "y")).with_count(address("g"), 2)
    carried = _carried(many, twice, once)
    assert (carried.answers, _reasons(carried)) == (answers(a="x"), [("a#1", "repetition")])


def test_repetitions_are_kept_by_what_repeats() -> None:
    """A repeating group inside another keeps both counts when a group that does not repeat comes between them, and
    every answer keeps a place although fewer repetitions are there by themselves."""
    old = group("out", group("in", item("a"), repeats=True), repeats=True, min_occurs=2)
    new = group("out", group("between", group("in", item("a"), repeats=True)), repeats=True)
    told = answers(("a#1#1", "x")).with_count(address("in#1"), 2)
    counted = told.with_count(address("out"), 2)
    assert _carried(old, told, new) == Carried(counted)
    assert _carried(old, counted, group("out", item("a"), repeats=True)).answers == Answers(counts={address("out"): 2})


def test_what_the_form_filled_in_unseen_is_no_loss() -> None:
    """Nobody is told that an answer is gone which they never gave."""
    assert _carried(item("a", hidden=True), answers(a="x"), item("b")) == Carried(Answers())
    stray = _carried(item("a"), answers(("nobody", "x")), item("a"))
    assert stray.lost == (Lost(address("nobody"), "gone", NOTHING, ("x",)),)


@given(filled_forms())
def test_the_same_form_gives_the_same_answers(filled: tuple[Form, Answers]) -> None:
    """Nothing is lost or moved where nothing changed but the number of the version."""
    of, given_answers = filled
    assert carry_over(of, given_answers, of) == Carried(given_answers)
    assert carry_over(of, given_answers, replace(of, version="2")) == Carried(given_answers)
