"""Habits of forms that are published elsewhere: read as they are meant, and nothing in them blocks the sending."""

import json
from typing import Any

import pytest

from app.domain.forms.notes import FormRefused
from app.domain.forms.reading.questionnaire import Reading, parse_questionnaire, read_form
from app.domain.forms.values import Coding, Quantity, Value
from tests.unit.forms.reader_samples import (
    CORE,
    codes_of,
    codings,
    control,
    extension,
    form,
    item,
    read,
    read_one,
    refusals,
    when,
)

FAR = "https://example.org/far"


def parsed(*items: dict[str, Any]) -> Reading:
    """The form of a file with these items."""
    return read_form(parse_questionnaire(json.dumps(form(*items)).encode()))


def test_a_text_to_read_may_have_the_type_of_a_question() -> None:
    """The forms of Helsenorge write their help, sidebars and highlights so; nobody is asked to answer them."""
    aside = item("a", "text", extension=[control("sidebar")])
    helper = item("h", "text", extension=[control("help")])
    reading = read(aside, item("q", item=[helper]), item("r", "text", extension=[control("inline")], required=True))
    assert [one.type for one in reading.form.items] == ["display", "string", "text"]
    assert reading.form.by_link["q"].help.own.to("fi") == "Text of h"
    assert codes_of(reading) == ["type_guessed", "type_guessed"]


@pytest.mark.parametrize(("written", "expected"), [("dropdown", "drop-down"), ("yearMonth", "month-year")])
def test_controls_are_recognised_in_other_spellings(written: str, expected: str) -> None:
    """Only the letters count."""
    reading = read(item("q", "date", extension=[control(written)]))
    assert (reading.form.items[0].control, codes_of(reading)) == (expected, ["control_spelling"])


@pytest.mark.parametrize("written", ["/^[0-9]{4}$/", "matches('^[0-9]{4}$')", "matches(^[0-9]{4}$)"])
def test_a_pattern_is_taken_out_of_what_it_is_wrapped_in(written: str) -> None:
    """Taken with its wrapping no answer would ever fit."""
    reading = read(item("q", extension=[extension(CORE + "regex", "String", written)]))
    assert (reading.form.items[0].bounds.regex, codes_of(reading)) == ("^[0-9]{4}$", ["regex_wrapped"])


def test_what_conditions_ask_for_can_be_chosen() -> None:
    """A question whose list is kept elsewhere offers the answers on which other questions wait."""
    wanted = {"system": "s", "code": "x", "display": "Now and then"}
    reading = read(item("q", "choice", answerValueSet=FAR), item("r", enableWhen=[when("q", answerCoding=wanted)]))
    assert [option.value for option in reading.form.items[0].options] == [Coding("x", "s")]
    assert reading.form.items[0].type == "open-choice"
    assert codes_of(reading) == ["value_set_not_resolved", "options_from_conditions"]


def test_a_code_without_words_can_not_be_offered() -> None:
    """Nobody could choose it, so the question that waits on it would never be asked."""
    waiting = item("r", enableWhen=[when("q", answerCoding={"system": "s", "code": "x"})])
    assert refusals(item("q", "choice", answerValueSet=FAR), waiting) == [("condition_on_unresolved", "r")]
    hidden = extension(CORE + "questionnaire-hidden", "Boolean", True)
    assert refusals(item("q", "choice", answerValueSet=FAR, extension=[hidden]), waiting) == []


def test_stu3_is_read_as_what_means_the_same() -> None:
    """Its options, lists, proposals and conditions."""
    data = form(
        item("a", "choice", option=codings("x", "y"), initialCoding={"system": "s", "code": "y"}),
        item("b", "choice", options={"reference": "#v"}, enableWhen=[{"question": "a", "hasAnswer": True}]),
        item("c", enableWhen=[{"question": "a", "answerCoding": {"system": "s", "code": "x"}}]),
        contained=[{"id": "v", "expansion": {"contains": [{"code": "z"}]}}],
    )
    reading = read_form(parse_questionnaire(json.dumps(data).encode()))
    a, b, c = reading.form.items
    assert (len(a.options), a.initial, len(b.options)) == (2, (Coding("y", "s"),), 1)
    assert (b.enable_when[0].operator, b.enable_when[0].answer) == ("exists", True)
    assert (c.enable_when[0].operator, c.enable_when[0].answer) == ("=", Coding("x", "s"))
    assert codes_of(reading) == ["from_stu3"]


def test_control_characters_are_left_out() -> None:
    """A linkId with one would make every response invalid."""
    reading = parsed(item("a\x02", prefix="1\x1f."), item("b", enableWhen=[when("a\x02", answerString="x")]))
    assert list(reading.form.by_link) == ["a", "b"]
    assert codes_of(reading) == ["control_characters"]


def test_a_key_that_stands_there_twice_may_take_questions_away() -> None:
    """Two lists of items: one of them would never be asked."""
    written = json.dumps(form(item("q"))).replace('"item": [', '"item": [], "item": [')
    with pytest.raises(FormRefused) as refused:
        read_form(parse_questionnaire(written.encode()))
    assert [(note.code, note.detail) for note in refused.value.notes] == [("duplicate_key_lost", "item")]


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ({"valueCoding": {"code": " a  b "}}, Coding("a b")),
        ({"valueCoding": {"display": "Yes,  please"}}, Coding("Yes, please")),
        ({"valueQuantity": {"value": 1, "code": " kg"}}, Quantity(1, code="kg")),  # type: ignore[arg-type]
        ({"valueTime": "10:00"}, "10:00:00"),
        ({"valueString": "a\u00a0b"}, "a b"),
        ({"valueBoolean": True}, True),
    ],
)
def test_what_is_offered_can_be_sent(offered: dict[str, Any], expected: Value) -> None:
    """A value that R4 does not know so would make the response invalid, long after the import."""
    assert read_one("choice", answerOption=[offered]).options[0].value == expected


@pytest.mark.parametrize(
    ("item_type", "limits", "code"),
    [
        ("integer", [extension(CORE + "minValue", "Integer", 2**31)], "bound_unreadable"),
        ("string", [extension(CORE + "minLength", "Integer", 50_000)], "bounds_crossed"),
        ("attachment", [extension(CORE + "mimeType", "Code", "application/dicom")], "file_types_not_taken"),
    ],
)
def test_limits_that_nobody_can_keep_to_are_left_out(item_type: str, limits: list[dict[str, Any]], code: str) -> None:
    """A required question with one would be the end of the form."""
    reading = read(item("q", item_type, extension=limits))
    bounds = reading.form.items[0].bounds
    assert (bounds.minimum, bounds.min_length, bounds.file_types, codes_of(reading)) == (None, None, (), [code])


def test_no_more_answers_are_wanted_than_can_be_chosen() -> None:
    """Five of two boxes can't be ticked."""
    least = extension(CORE + "questionnaire-minOccurs", "Integer", 5)
    reading = read(item("q", "choice", repeats=True, required=True, answerOption=codings("a", "b"), extension=[least]))
    assert (reading.form.items[0].min_occurs, codes_of(reading)) == (2, ["occurs_too_many"])


def test_a_type_that_is_a_number_does_not_exist() -> None:
    """It is no slip in a name that could be guessed."""
    assert refusals(item("q", "5")) == [("type_unknown", "q")]


def test_elements_of_r5_are_named_so() -> None:
    """The owner sees which standard the file is written for."""
    assert codes_of(read(item("q", disabledDisplay="hidden"))) == ["element_of_r5"]
