"""Departures from R4 that are read all the same, and what this engine leaves out: always noted."""

from typing import Any

import pytest

from app.domain.forms.model import ItemType
from app.domain.forms.values import Coding
from app.domain.text import Text
from tests.unit.forms.reader_samples import CORE, SDC, codes_of, codings, control, extension, form, item, read, when

REMOTE = "https://example.org/far"


@pytest.mark.parametrize(
    ("written", "expected", "code"),
    [
        ("Choice", "choice", "type_spelling"),
        ("open_choice", "open-choice", "type_spelling"),
        ("coding", "choice", "type_of_r5"),
        ("question", "choice", "type_guessed"),
        (None, "choice", "type_guessed"),
    ],
)
def test_types_are_recognised_in_other_spellings(written: str, expected: ItemType, code: str) -> None:
    """Other spellings, R5's types, and questions without one that offer answers."""
    reading = read(item("q", written, answerOption=codings("a")))
    assert (reading.form.items[0].type, codes_of(reading)) == (expected, [code])


def test_types_without_options_are_recognised_too() -> None:
    """Only the letters count."""
    reading = read(item("q", "datetime"), item("r", "URI"))
    assert [one.type for one in reading.form.items] == ["dateTime", "url"]


def test_an_answer_constraint_of_r5_opens_a_choice() -> None:
    """R5 says with the constraint what R4 says with the type."""
    reading = read(item("q", "coding", answerOption=codings("a"), answerConstraint="optionsOrString"))
    assert reading.form.items[0].type == "open-choice"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"required": "true"}, "boolean_as_text"),
        ({"maxLength": "20"}, "number_as_text"),
        ({"required": "maybe"}, "element_unreadable"),
        ({"text": 5}, "text_as_number"),
        ({"text": None}, "text_missing"),
        ({"initial": {"valueString": "a"}}, "list_expected"),
        ({"initial": [{"valueInteger": 1}]}, "value_type"),
        ({"initial": [{}]}, "initial_unreadable"),
        ({"maxlength": 3}, "element_unknown"),
        ({"extension": [{"url": "https://example.org/other"}]}, "extension_unknown"),
        ({"extension": [{"url": SDC + "openLabel"}]}, "extension_unsupported"),
        (
            {"extension": [{"url": CORE + "questionnaire-supportLink", "valueUri": "https://example.org"}]},
            "support_link",
        ),
        ({"extension": [{"url": CORE + "regex", "valueString": "(a+"}]}, "regex_unusable"),
        ({"extension": [{"url": CORE + "regex", "valueString": "(a+)+"}]}, "regex_slow"),
        ({"extension": [{"url": CORE + "regex", "valueString": "a" * 501}]}, "regex_too_long"),
        ({"extension": [control("wheel")]}, "control_unknown"),
        ({"extension": [extension(CORE + "questionnaire-minOccurs", "Integer", 1)]}, "occurs_without_required"),
        ({"extension": [extension(CORE + "minValue", "Integer", 1)]}, "bound_unreadable"),
        ({"extension": [extension(CORE + "minLength", "Integer", 9)], "maxLength": 3}, "bounds_crossed"),
        ({"_text": {"extension": [{"url": CORE + "rendering-xhtml"}]}}, "formatting_ignored"),
        ({"_text": {"extension": [{"url": CORE + "cqf-expression"}]}}, "text_expression"),
    ],
)
def test_departures_are_named_with_their_item(more: dict[str, Any], code: str) -> None:
    """Each is one note of its own, and the item stays."""
    reading = read(item("q", **more))
    assert [(note.code, note.link_id) for note in reading.notes] == [(code, "q")]


def test_the_questionnaire_names_what_is_not_followed() -> None:
    """Another language, another subject, a base, rules elsewhere."""
    about = {
        "language": "de",
        "subjectType": ["Location"],
        "derivedFrom": ["x"],
        "implicitRules": "y",
        "status": "retired",
    }
    codes = {"language_unknown", "subject_not_person", "derived_from", "implicit_rules", "retired"}
    assert set(codes_of(read(item("q"), **about))) == codes
    assert set(codes_of(read(item("q"), title="", url=""))) == {"title_missing", "url_missing"}


def test_an_extension_is_noted_once() -> None:
    """A form full of one vendor's extension says so once, where it is first."""
    other = [{"url": "https://example.org/other"}]
    assert codes_of(read(item("q", extension=other), item("r", extension=other))) == ["extension_unknown"]


def test_a_link_id_may_be_a_number() -> None:
    """Conditions find it by the same number."""
    reading = read(item("1") | {"linkId": 1}, item("then", enableWhen=[when("1", answerString="a") | {"question": 1}]))
    assert reading.form.items[1].enable_when[0].question == "1"
    assert codes_of(reading) == ["link_id_as_number", "text_as_number"]


@pytest.mark.parametrize("more", [{"answerValueSet": REMOTE}, {}, {"answerOption": [{}]}])
def test_a_choice_without_a_list_is_answered_in_words(more: dict[str, Any]) -> None:
    """Nothing that a resident meets is a dead end."""
    reading = read(item("q", "choice", **more))
    assert (reading.form.items[0].type, reading.form.items[0].options) == ("open-choice", ())
    assert codes_of(reading)[-1] in ("value_set_not_resolved", "choice_without_options")


def test_a_list_in_part_leaves_room_for_words() -> None:
    """A ValueSet that takes in a whole code system offers what it names, and free text."""
    compose = {"include": [{"system": "s", "concept": [{"code": "a"}]}, {"system": "all-of-it"}]}
    reading = read(item("q", "choice", answerValueSet="#v"), contained=[{"id": "v", "compose": compose}])
    found = reading.form.items[0]
    assert (found.type, [option.value for option in found.options]) == ("open-choice", [Coding("a", "s")])
    assert codes_of(reading) == ["value_set_in_part"]


def test_a_calculated_choice_needs_no_list() -> None:
    """Nobody chooses what the form fills in itself."""
    hidden = extension(CORE + "questionnaire-hidden", "Boolean", True)
    assert read(item("q", "choice", extension=[hidden])).form.items[0].type == "choice"


def test_options_without_code_and_twice() -> None:
    """The display stands for the code; a second option with the same value is none."""
    offered = [{"valueCoding": {"display": "Kyllä"}}, *codings("a", "a")]
    reading = read(item("q", "choice", answerOption=offered))
    assert [option.value for option in reading.form.items[0].options] == [Coding("Kyllä"), Coding("a", "s")]
    assert codes_of(reading) == ["option_without_code", "option_twice"]


def test_how_often_must_be_possible() -> None:
    """No group stands there without end, and what does not repeat is answered once."""
    least = extension(CORE + "questionnaire-minOccurs", "Integer", 1000)
    inner = item("b", "group", repeats=True, required=True, extension=[least], item=[item("c")])
    reading = read(item("a", "group", repeats=True, required=True, extension=[least], item=[inner]))
    outer = reading.form.items[0]
    assert (outer.min_occurs, outer.items[0].min_occurs) == (50, 10)
    assert codes_of(reading) == ["occurs_too_many"] * 2
    single = read(item("q", required=True, extension=[least]))
    assert (single.form.items[0].min_occurs, codes_of(single)) == (1, ["occurs_without_repeats"])


def test_a_text_with_items_below_is_a_group() -> None:
    """What lies below a text would never be asked."""
    reading = read(item("q", "display", item=[item("a")]))
    assert (reading.form.items[0].type, codes_of(reading)) == ("group", ["type_guessed"])


def test_texts_and_groups_have_no_answers() -> None:
    """required on a text to read is ignored; so is an initial answer of a group."""
    reading = read(item("d", "display", required=True), item("g", "group", initial=[{"valueString": "a"}]))
    assert codes_of(reading) == ["ignored_on_display", "ignored_on_group"]
    assert not reading.form.items[0].required


def test_a_small_file_limit_is_in_megabytes() -> None:
    """The standard names no unit; a kilobyte is no limit that anybody sets."""
    reading = read(item("q", "attachment", extension=[extension(CORE + "maxSize", "Decimal", 5)]))
    assert (reading.form.items[0].bounds.largest_file, codes_of(reading)) == (5_000_000, ["size_in_megabytes"])


def test_words_of_a_category_are_help() -> None:
    """Older exports explain a question there."""
    category = extension(CORE + "questionnaire-displayCategory", "CodeableConcept", {"text": "Näin lasketaan"})
    reading = read(item("q", extension=[category]))
    assert (reading.form.items[0].help.own, codes_of(reading)) == (Text({"fi": "Näin lasketaan"}), ["category_as_help"])


def test_a_sound_form_has_no_notes() -> None:
    """Notes are departures, not chatter."""
    assert not read(*form(item("q"))["item"]).notes
