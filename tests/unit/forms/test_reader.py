"""What the reader takes from a Questionnaire that keeps to R4 and SDC."""

import json
from decimal import Decimal
from typing import Any, get_args

import pytest

from app.domain.forms.model import ItemType, Unit
from app.domain.forms.reading.questionnaire import parse_questionnaire, read_form
from app.domain.forms.values import Coding, Quantity, Reference, Value
from app.domain.text import LANGUAGES, Text
from tests.unit.forms.reader_samples import (
    CORE,
    OWN,
    SDC,
    codes_of,
    codings,
    control,
    extension,
    form,
    item,
    read,
    read_one,
)

TYPES = [name for name in get_args(ItemType) if "choice" not in name]


@pytest.mark.parametrize("item_type", TYPES)
def test_every_type_is_read_as_it_is_called(item_type: ItemType) -> None:
    """No item type of R4 departs from R4."""
    reading = read(item("q", item_type))
    assert reading.form.by_link["q"].type == item_type
    assert not reading.notes


def test_the_form_says_what_it_is() -> None:
    """Title, description, address and our own extensions of the Questionnaire."""
    own = [extension(OWN + "one-page", "Boolean", True), extension(OWN + "minutes", "Integer", 5)]
    found = read(item("q"), description="Mistä on kyse", extension=own, name="Nimi").form
    assert (found.canonical, found.name, found.one_page, found.minutes) == ("https://example.org/q|1", "Nimi", True, 5)
    assert (found.title, found.description) == (Text({"fi": "Lomake"}), Text({"fi": "Mistä on kyse"}))


def test_items_keep_their_order_and_nest_below_groups_and_questions() -> None:
    """Numbers follow the reading order, also below a question."""
    found = read(item("g", "group", item=[item("a", item=[item("b")])]), item("c")).form
    assert [(one.number, one.link_id) for top in found.items for one in top.walk()] == [
        (1, "g"),
        (2, "a"),
        (3, "b"),
        (4, "c"),
    ]


@pytest.mark.parametrize(("written", "expected"), [("sv-FI", "sv"), ("en", "en"), (None, "fi")])
def test_the_language_of_the_file_is_that_of_its_strings(written: str | None, expected: str) -> None:
    """Plain strings belong to the language that the Questionnaire names, translations to theirs."""
    parts = [extension("lang", "Code", "fi-FI"), extension("content", "String", "Suomeksi")]
    shadow = {"extension": [{"url": CORE + "translation", "extension": parts}]}
    found = read(item("q", _text=shadow), **({"language": written} if written else {}))
    assert found.form.items[0].text.own.values == {expected: "Text of q", "fi": "Suomeksi"}


def test_the_language_can_be_told_from_outside() -> None:
    """A file that does not name its language is in the one that the content owner names."""
    assert read_form(form(item("q")), language="sv").form.title == Text({"sv": "Lomake"})


def test_the_wording_for_another_person_is_a_voice_of_its_own() -> None:
    """`text-for-another` changes only what is said to the person who helps."""
    shadow = {"extension": [extension(OWN + "text-for-another", "String", "Toisesta")]}
    phrase = read_one("string", _text=shadow).text
    assert (phrase.own.to("fi"), phrase.another.to("fi")) == ("Text of q", "Toisesta")


def test_what_is_shown_beside_a_question() -> None:
    """Prefix, placeholder, control, hidden, read-only and the mark that the meaning changed."""
    marks = [
        extension(CORE + "questionnaire-hidden", "Boolean", True),
        extension(OWN + "meaning-changed", "Boolean", True),
    ]
    more = [control("slider"), extension(CORE + "entryFormat", "String", "pp.kk.vvvv"), *marks]
    found = read_one("integer", prefix="1)", readOnly=True, required=True, extension=more)
    assert (found.prefix, found.placeholder) == (Text({"fi": "1)"}), Text({"fi": "pp.kk.vvvv"}))
    assert (found.control, found.hidden, found.read_only, found.required, found.fresh) == ("slider", *[True] * 4)


@pytest.mark.parametrize("code", ["help", "flyover"])
def test_a_display_that_helps_belongs_to_its_question(code: str) -> None:
    """Help below a question is not an item of its own; the ends of a slider are."""
    below = [item("h", "display", extension=[control(code)]), item("low", "display", extension=[control("lower")])]
    found = read_one("integer", item=below)
    assert found.help.own == Text({"fi": "Text of h"})
    assert [(one.link_id, one.control) for one in found.items] == [("low", "lower")]


def test_own_help_goes_before_a_display() -> None:
    """The `help` extension is the help."""
    assert read_one("string", extension=[extension(OWN + "help", "String", "Apu")]).help.own == Text({"fi": "Apu"})


def test_options_carry_all_that_is_said_of_them() -> None:
    """Score, prefix, exclusive, selected and alarming."""
    marks = [
        extension(CORE + "questionnaire-optionExclusive", "Boolean", True),
        extension(OWN + "alarming", "Boolean", True),
    ]
    score = [
        extension(CORE + "ordinalValue", "Decimal", 1.5),
        extension(CORE + "questionnaire-optionPrefix", "String", "a"),
    ]
    entry = {**codings("a")[0], "initialSelected": True, "extension": [*marks, *score]}
    weighed = {"valueCoding": {"code": "b", "extension": [extension(CORE + "itemWeight", "Decimal", 2)]}}
    found = read_one("choice", answerOption=[entry, weighed])
    first, second = found.options
    assert first.value == Coding("a", "s")
    assert (first.exclusive, first.alarming, first.initial, first.score) == (True, "immediate", True, Decimal("1.5"))
    assert (first.text.own, first.prefix) == (Text({"fi": "A"}), Text({"fi": "a"}))
    assert (second.score, second.text.own.to("sv")) == (Decimal(2), "b")
    assert found.initial == (Coding("a", "s"),)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ({"valueString": "Omena"}, "Omena", "Omena"),
        ({"valueInteger": 3}, 3, "3"),
        ({"valueDate": "2024-05"}, "2024-05", "2024-05"),
        ({"valueTime": "10:30:00"}, "10:30:00", "10:30:00"),
        ({"valueReference": {"reference": "Group/1", "display": "Ryhmä"}}, Reference("Group/1"), "Ryhmä"),
    ],
)
def test_options_may_be_of_other_kinds(option: dict[str, Any], value: Value, words: str) -> None:
    """A choice between strings, numbers, dates, times or references."""
    found = read_one("choice", answerOption=[option]).options[0]
    assert (found.value, found.text.own.to("fi")) == (value, words)


def test_a_contained_expansion_lists_the_answers_that_can_be_chosen() -> None:
    """Nested codes are offered in their order, abstract ones are not."""
    contains = [{"code": "top", "abstract": True, "contains": [{"code": "a", "display": "A"}]}, {"code": "b"}]
    value_set = {"resourceType": "ValueSet", "id": "v", "expansion": {"contains": contains}}
    found = read(item("q", "choice", answerValueSet="#v"), contained=[value_set])
    assert [option.value for option in found.form.items[0].options] == [Coding("a"), Coding("b")]
    assert not found.notes


def test_a_contained_composition_lists_its_concepts_in_their_languages() -> None:
    """Concepts named one by one are offered, without those that are excluded."""
    named = [{"code": "a", "display": "Yksi", "designation": [{"language": "sv", "value": "Ett"}]}, {"code": "b"}]
    compose = {"include": [{"system": "s", "concept": named}], "exclude": [{"system": "s", "concept": [{"code": "b"}]}]}
    value_set = {"resourceType": "ValueSet", "id": "v", "url": "https://example.org/v", "compose": compose}
    found = read(item("q", "choice", answerValueSet="https://example.org/v|2"), contained=[value_set]).form.items[0]
    assert [(one.value, one.text.own) for one in found.options] == [
        (Coding("a", "s"), Text({"fi": "Yksi", "sv": "Ett"}))
    ]


def test_limits_are_of_the_type_of_the_question() -> None:
    """Least and largest value, lengths, decimals, pattern, files and how often."""
    pattern = extension(CORE + "regex", "String", "[0-9]{5}")
    text = read_one("string", maxLength=9, extension=[extension(CORE + "minLength", "Integer", 2), pattern]).bounds
    assert (text.min_length, text.max_length, text.regex) == (2, 9, "[0-9]{5}")
    span = [extension(CORE + "minValue", "Integer", 1), extension(CORE + "maxValue", "Decimal", 2.5)]
    number = read_one("decimal", extension=[*span, extension(CORE + "maxDecimalPlaces", "Integer", 1)]).bounds
    assert (number.minimum, number.maximum, number.decimals) == (1, Decimal("2.5"), 1)
    most = extension(SDC + "maxQuantity", "Quantity", {"value": 3, "code": "kg"})
    assert read_one("quantity", extension=[most]).bounds.maximum == Quantity(Decimal(3), code="kg")
    kinds = [extension(CORE + "mimeType", "Code", kind) for kind in ("image/png", "application/pdf")]
    file = read_one("attachment", extension=[*kinds, extension(CORE + "maxSize", "Decimal", 5_000_000)]).bounds
    assert (file.file_types, file.largest_file) == (("image/png", "application/pdf"), 5_000_000)


def test_a_group_may_have_to_stand_there_several_times() -> None:
    """minOccurs and maxOccurs of what repeats."""
    often = [extension(CORE + f"questionnaire-{name}Occurs", "Integer", n) for name, n in (("min", 2), ("max", 3))]
    found = read_one("group", repeats=True, required=True, extension=often, item=[item("a")])
    assert (found.min_occurs, found.max_occurs, found.repeats) == (2, 3, True)


def test_units_come_with_their_words() -> None:
    """The unit proposed, those offered, and those of a contained list."""
    kilo, gram = {"system": "u", "code": "kg", "display": "kiloa"}, {"system": "u", "code": "g"}
    listed = extension(CORE + "questionnaire-unitValueSet", "Canonical", "#v")
    more = [
        extension(CORE + "questionnaire-unit", "Coding", kilo),
        extension(CORE + "questionnaire-unitOption", "Coding", gram),
    ]
    value_set = {"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [{"code": "mg", "system": "u"}]}}
    found = read(item("q", "quantity", extension=[*more, listed]), contained=[value_set]).form.items[0]
    assert found.unit == Unit("kg", Text({"fi": "kiloa"}), "u")
    assert found.units == (Unit("g", Text(dict.fromkeys(LANGUAGES, "g")), "u"), Unit("mg", Text({"fi": "mg"}), "u"))


def test_several_initial_answers_need_a_repeating_question() -> None:
    """All of them are proposed where several fit, the first where one does."""
    initial = [{"valueString": "a"}, {"valueString": "b"}]
    assert read_one("string", repeats=True, initial=initial).initial == ("a", "b")
    single = read(item("q", initial=initial))
    assert (single.form.items[0].initial, codes_of(single)) == (("a",), ["initial_too_many"])


def test_the_file_may_begin_with_a_byte_order_mark() -> None:
    """What Windows writes is JSON to us."""
    content = b"\xef\xbb\xbf" + json.dumps(form(item("q"))).encode()
    assert read_form(parse_questionnaire(content)).form.by_link.keys() == {"q"}
