"""The pages of a form, which of them are asked, and how far it is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forms.answers import Answers
from app.domain.forms.instances import Instance
from app.domain.forms.layout import FormPages, answerable, lay_out, page_named, page_of
from app.domain.forms.model import Form, Item
from app.domain.forms.pages import asked_pages, instances_on, lead_on, next_page, previous_page, progress
from app.domain.forms.responding.respond import response_of
from app.domain.forms.state import State
from app.domain.forms.values import Value
from app.domain.text import Text
from tests.tools.form_strategies import answers_for, filled_forms, forms, phrase, state_of
from tests.tools.forms import answers, fhirpath, form, group, item, when


def _laid(*items: Item) -> list[str]:
    """The pages in short: lead texts, a bar, the rest."""
    return [_short(page.lead) + "|" + _short(page.items) for page in lay_out(form(*items))]


def _short(items: tuple[Item, ...]) -> str:
    return " ".join(item.link_id for item in items)


def _questions(*names: str) -> tuple[Item, ...]:
    return tuple(item(name) for name in names)


def _text(link_id: str, **more: Any) -> Item:
    return item(link_id, "display", text=phrase(link_id), **more)


def _calculated(link_id: str) -> Item:
    return item(link_id, "integer", calculated=fhirpath("1"))


LARGE = _questions(*"abcdef")


@pytest.mark.parametrize(
    ("items", "pages"),
    [
        (_questions("a", "b"), ["|a", "|b"]),
        ((item("a", "choice", *LARGE),), ["|a"]),
        ((group("g", *LARGE[:5]),), ["|g"]),
        ((group("g", *LARGE),), ["|a", "|b", "|c", "|d", "|e", "|f"]),
        ((group("g", *LARGE[:5], _calculated("sum"), item("h", hidden=True)),), ["|g"]),
        ((group("g", *LARGE, repeats=True),), ["|g"]),
        ((group("g", *LARGE, control="page"),), ["|g"]),
        ((group("g", item("z"), group("p", item("a"), control="page")),), ["|z", "|p"]),
        ((group("g", item("z"), group("h", *LARGE[:5])),), ["|z", "|h"]),
        ((item("a", hidden=True), item("b"), group("g", item("c", hidden=True))), ["|b"]),
        ((), []),
    ],
)
def test_a_question_or_a_small_group_is_a_page(items: tuple[Item, ...], pages: list[str]) -> None:
    """One thing at a time; a large group comes in parts, unless it repeats or its author wants it whole."""
    assert _laid(*items) == pages


@pytest.mark.parametrize(
    ("items", "pages"),
    [
        ((_text("t"), _text("u"), item("a"), item("b")), ["t u|a", "|b"]),
        ((item("a"), _text("t")), ["|a t"]),
        ((_text("t"), group("g", _text("u"), item("a"), _text("v"))), ["t u|g"]),
        ((group("big", _text("t"), *LARGE[:5], _text("u"), item("f"), _text("v")), item("z")),
         ["t|a", "|b", "|c", "|d", "|e", "u|f v", "|z"]),
        ((_text("t"), group("big", _text("u"), *LARGE))[:2], ["t u|a", "|b", "|c", "|d", "|e", "|f"]),
        ((item("a"), _calculated("sum"), item("b"), item("fixed", read_only=True)), ["|a sum", "|b fixed"]),
        ((_calculated("sum"), item("a")), ["sum|a"]),
        ((item("a"), group("sums", _text("t"), _calculated("sum"))), ["|a sums"]),
        ((item("a"), group("info", _text("t")), item("b")), ["|a", "info|b"]),
        ((_text("t"), _text("u")), ["t u|"]),
    ],
)  # fmt: skip
def test_what_is_only_read_stands_with_a_question(items: tuple[Item, ...], pages: list[str]) -> None:
    """Nobody presses Continue only to have read a line or a number; texts lead to what follows them."""
    assert _laid(*items) == pages


def test_parts_of_a_large_group_say_what_they_belong_to() -> None:
    """On each part of a large group its title is there; that of a group without one is the next above."""
    inner = group("inner", *LARGE)
    pages = lay_out(form(group("outer", item("z", text=phrase("Z")), inner, text=phrase("Outer")), item("alone")))
    assert [page.section == phrase("Outer") for page in pages] == [True] * 7 + [False]
    assert pages[0].title == phrase("Z")


def test_a_form_on_one_page_is_one_page() -> None:
    """Where the author wants a short form at once, nothing parts it."""
    one = replace(form(_text("t"), item("a"), group("g", *LARGE)), title=Text({"fi": "Lyhyt"}), one_page=True)
    [page] = lay_out(one)
    assert (page.title.own.to("fi"), _short(page.lead), _short(page.items)) == ("Lyhyt", "t", "a g")


def test_pages_are_found_by_their_address_and_by_what_stands_on_them() -> None:
    """A link from the summary or from an error leads to the page of its question."""
    layout = lay_out(form(_text("t"), group("g", item("ä/ö")), item("hidden", hidden=True)))
    assert page_named(layout, layout[0].id) == page_of(layout, "ä/ö") == page_of(layout, "t") == layout[0]
    assert layout[0].id.isalnum()
    assert page_named(layout, "99") is None
    assert page_of(layout, "hidden") is None


def _asked(of: Form, given_answers: Answers) -> list[str]:
    return [_short(page.items or page.lead) for page in asked_pages(lay_out(of), state_of(of, given_answers))]


def test_pages_without_a_question_to_ask_are_passed_over() -> None:
    """A page comes and goes with the condition of what is on it, and its introduction with it."""
    of = form(item("a", "boolean"), group("g", _text("t"), item("b", enable_when=(when("a"),))), item("c"))
    assert _asked(of, Answers()) == ["a", "c"]
    assert _asked(of, answers(a=True)) == ["a", "g", "c"]


def test_a_text_that_came_up_has_to_be_read() -> None:
    """Advice that an answer brings about is a page, even where it is all that is left of one."""
    advice = _text("call", enable_when=(when("a"),))
    later = item("b", enable_when=(when("a", answer=False),))
    assert _asked(form(item("a", "boolean"), group("g", advice, later)), answers(a=True)) == ["a", "g"]
    inside = group("h", _text("call"), enable_when=(when("a"),))
    assert _asked(form(item("a", "boolean"), group("g", inside, later)), answers(a=True)) == ["a", "g"]
    assert _asked(form(item("a", "boolean"), advice, later), answers(a=True)) == ["a", "b"]
    assert _asked(form(_text("t")), Answers()) == ["t"]


def test_a_page_shows_what_is_asked_of_it_in_its_groups() -> None:
    """The template gets a tree to walk, without what is hidden, not asked, or came out empty; texts that lead the page
    stand in front."""
    of = form(
        _text("first"),
        group(
            "g",
            _text("own"),
            item("a"),
            item("b", hidden=True),
            group("empty", item("c", enable_when=(when("a", answer="x"),))),
            group("rep", item("d"), repeats=True, min_occurs=2),
        ),
    )
    [page] = lay_out(of)
    state = state_of(of, Answers())
    assert [found.item.link_id for found in lead_on(page, state)] == ["first", "own"]
    assert [_tree(found) for found in instances_on(page, state)] == ["g(a rep#0(d#0) rep#1(d#1))"]


def _tree(instance: Instance) -> str:
    below = " ".join(_tree(child) for branch in instance.branches for child in branch)
    return f"{instance.address}({below})" if below else str(instance.address)


def test_next_and_previous_pass_over_what_is_not_asked() -> None:
    """Back and forth lead through the asked pages, also from a page that is not asked any more."""
    of = form(item("a", "boolean"), item("b", enable_when=(when("a"),)), item("c"))
    layout, state = lay_out(of), state_of(of, Answers())
    first, second, third = layout
    assert next_page(layout, state, first) == next_page(layout, state, second) == third
    assert previous_page(layout, state, third) == previous_page(layout, state, second) == first
    assert next_page(layout, state, third) is None
    assert previous_page(layout, state, first) is None


def test_progress_counts_what_still_may_come() -> None:
    """”Page 2 of at most 4” is no promise broken later, and drops what earlier answers have ruled out."""
    of = form(
        item("a", "boolean"),
        item("b", enable_when=(when("a"),)),
        item("c", enable_when=(when("b", "exists"),)),
        item("d", "boolean"),
        item("e", enable_when=(when("d"),)),
        item("f", enable_expression=fhirpath("true")),
    )
    layout, state = lay_out(of), state_of(of, answers(a=False))
    told = [progress(layout, state, page) for page in (layout[0], layout[3])]
    assert [(one.number, one.at_most) for one in told] == [(1, 6), (2, 4)]


@given(forms())
def test_every_visible_item_stands_on_exactly_one_page(of: Form) -> None:
    """However a form is built, no question is lost or asked twice, and pages have addresses of their own."""
    layout = lay_out(of)
    shown = [found.link_id for page in layout for found in page.seen if found.type != "group"]
    assert len(shown) == len(set(shown))
    assert set(shown) == {found.link_id for found in _visible(of.items) if found.type != "group"}
    assert len({page.id for page in layout}) == len(layout)


def _visible(items: tuple[Item, ...]) -> list[Item]:
    return [below for one in items if not one.hidden for below in (one, *_visible(one.items))]


def _page_by_page(of: Form, layout: FormPages, all_answers: Answers) -> State:
    """What a resident does: answers what stands on a page, and goes to the next one. What is only read is there from
    the beginning, in all repetitions."""
    fixed = {where: v for where, v in all_answers.values.items() if not answerable(of.by_link[where.link_id])}
    state = state_of(of, Answers(fixed, all_answers.counts))
    current = next(iter(asked_pages(layout, state)), None)
    while current:
        state = _filled(state, layout, current.id, all_answers)
        current = next_page(layout, state, current)
    return state


def _filled(state: State, layout: FormPages, page_id: str, all_answers: Answers) -> State:
    """The page filled until nothing new comes up on it: answers bring follow-up questions."""
    page = page_named(layout, page_id)
    assert page is not None
    while True:
        shown = [found for top in (*lead_on(page, state), *instances_on(page, state)) for found in top.walk()]
        given_values: dict[Any, tuple[Value, ...]] = {
            found.address: all_answers.of(found.address) for found in shown if found.item.is_question
        }
        filled = state.answers.with_values(given_values)
        if filled == state.answers:
            return state
        state = state_of(state.form, filled)


def _unhidden(item: Item) -> Item:
    return replace(item, hidden=False, items=tuple(_unhidden(child) for child in item.items))


@given(filled_forms())
def test_page_by_page_says_the_same_as_all_at_once(filled: tuple[Form, Answers]) -> None:
    """What is sent does not depend on whether the form was one page or many."""
    of, given_answers = filled
    of = replace(of, items=tuple(_unhidden(one) for one in of.items))
    state = _page_by_page(of, lay_out(of), given_answers)
    one_page = replace(of, one_page=True)
    at_once = _page_by_page(one_page, lay_out(one_page), given_answers)
    assert _sent(state) == _sent(at_once) == _sent(state_of(of, given_answers))


def _sent(state: State) -> dict[str, Any]:
    return response_of(state, identifier="urn:x", authored=datetime(2026, 11, 22, tzinfo=UTC), language="fi")


@given(st.data())
def test_there_are_never_more_pages_than_was_said(data: st.DataObject) -> None:
    """Whatever is answered from here on, ”at most” holds."""
    of, before = data.draw(filled_forms())
    layout, state = lay_out(of), state_of(of, before)
    for current in asked_pages(layout, state):
        at_most = progress(layout, state, current).at_most
        later = {found.link_id for page in layout[layout.index(current) :] for found in page.seen}
        other = data.draw(answers_for(of))
        values = {where: given for where, given in before.values.items() if where.link_id not in later}
        values |= {where: given for where, given in other.values.items() if where.link_id in later}
        counts = {where: n for where, n in before.counts.items() if where.link_id not in later}
        counts |= {where: n for where, n in other.counts.items() if where.link_id in later}
        assert len(asked_pages(layout, state_of(of, Answers(values, counts)))) <= at_most
