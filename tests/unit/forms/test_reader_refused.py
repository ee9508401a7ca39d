"""What is refused, and that nothing else is ever raised, whatever the file holds."""

import copy
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import forms
from app.domain.forms.notes import FormRefused
from app.domain.forms.reading.questionnaire import NOTE_CODES, parse_questionnaire, read_form
from app.domain.forms.reading.safe_regex import LONGEST_MATCHED, short_enough, usable
from tests.unit.forms.reader_samples import (
    CORE,
    OWN,
    SDC,
    codings,
    control,
    expression,
    extension,
    form,
    item,
    refusals,
    when,
)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([item("")], ("link_id_missing", "")),
        ([item("q"), item("g", "group", item=[item("q")])], ("link_id_twice", "q")),
        ([item("q", "riddle")], ("type_unknown", "q")),
        ([{"linkId": "q", "text": "?"}], ("type_missing", "q")),
        ([item("q", "choice", answerValueSet="#gone")], ("contained_missing", "q")),
        ([item("q", modifierExtension=[{"url": "x"}])], ("modifier_extension", "q")),
        ([item("q", "display", extension=[{"url": SDC + "subQuestionnaire"}])], ("sub_questionnaire", "q")),
        ([item("g", "group", item=["q"])], ("item_unreadable", "g")),
        ([], ("no_items", "")),
    ],
)
def test_what_would_change_the_meaning_is_refused(items: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    """The note names the item."""
    assert expected in refusals(*items)


def test_all_refusals_are_told_at_once() -> None:
    """A content owner mends a file once, not once for each fault; what was merely noted is told too."""
    with pytest.raises(FormRefused) as refused:
        read_form(form(item("a", "riddle"), item("b", "riddle"), item("c", required="true")))
    assert [note.code for note in refused.value.notes] == ["type_unknown", "type_unknown", "boolean_as_text"]


def nested(depth: int) -> dict[str, Any]:
    """A form that is so many items deep."""
    below = item("q")
    for number in range(depth - 1):
        below = item(str(number), "group", item=[below])
    return form(below)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1e999}', "not_json"),
        (b"[]", "not_an_object"),
        (b'{"resourceType": "Patient"}', "not_a_questionnaire"),
        (b" " * 5_000_001, "too_large"),
        (b"[" * 1_000_000, "too_deep"),
        (json.dumps(nested(41)).encode(), "too_deep"),
        (json.dumps(form(item("q", code=json.loads("[" * 200 + "]" * 200)))).encode(), "too_deep"),
        (json.dumps(form(*(item(str(n)) for n in range(5001)))).encode(), "too_many_items"),
        (json.dumps(form(item("q", prefix="\ud800"))).encode(), "unusable_characters"),
        (json.dumps(form(item("q", prefix="\0"))).encode(), "unusable_characters"),
    ],
)
def test_files_that_are_no_form_are_refused(content: bytes, code: str) -> None:
    """Size, depth and characters that nothing after this could bear."""
    with pytest.raises(FormRefused) as refused:
        parse_questionnaire(content)
    assert [note.code for note in refused.value.notes] == [code]


def test_escapes_that_only_look_bad_are_fine() -> None:
    """An emoji is two escapes; a backslash may be followed by anything."""
    assert parse_questionnaire(json.dumps(form(item("q", prefix="😀 \\u0000"))).encode())


def test_forty_items_deep_is_read() -> None:
    """The deepest that is not refused."""
    assert len(read_form(parse_questionnaire(json.dumps(nested(40)).encode())).form.by_link) == 40


def test_a_key_that_stands_there_twice_is_noted() -> None:
    """JSON takes the last; the owner should know."""
    written = json.dumps(form(item("q"))).replace('"linkId": "q"', '"linkId": "q", "prefix": "a", "prefix": "b"')
    notes = read_form(parse_questionnaire(written.encode())).notes
    assert [(note.code, note.link_id, note.detail) for note in notes] == [("duplicate_key", "q", "prefix")]


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]{5}",
        r"^\d{1,3}(\.\d{1,3}){3}$",
        r"(\d{3}-)+\d",
        "[(+]*",
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
        r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$",
        r"(a\+)+",
        "(a|b)?",
        "^[A-Za-z ]+$",
        "^[A-Za-z '-]+ [A-Za-z '-]+$",
        "^\\+?[0-9 ]{7,15}$",
        r"^(\+358|0)[ -]?[0-9]{1,3}[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}$",
        r"^\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]$",
        r"^(0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.(19|20)\d{2}$",
        r"^(FI)?\d{2}( ?\d{4}){3} ?\d{2}$",
        r"^\d+([.,]\d+)?$",
        ".*asthma.*",
    ],
)
def test_common_patterns_are_usable(pattern: str) -> None:
    """What authors write for numbers, codes and dates."""
    assert usable(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "((a*)b)*",
        "(a|aa)+$",
        ".*a.*b.*",
        r"\d+\d+",
        "[a-z]*[a-z]*",
        "(a{1,9})*",
        "(.*){9}",
        "(?:a?a)*",
        "(",
        "a" * 501,
        "(a{1,9}){99}",
        "(?<n>a)",
        r"\w+\s*\w+\s*\w+\s*\w+",
        "(a+)(a+)(a+)(a+)b",
        r"\d{1,999}\d{1,999}x",
        r"\d{1,99}(\d{1,99})(\d{1,99})x",
        "a?" * 30 + "a" * 30,
        "(a|aa)" * 20,
        "(a?a?a?a?){5}",
        r"\\w+d+d*w*\\",
        "[a-z.]+[a-y]+[a-x]+[a-w]+!",
        "(?i)[a-z]+A[a-z]+A[a-z]+A",
        "^([a-zA-Z0-9]+[._-]?)+@[a-z.]+$",
    ],
)
def test_patterns_that_may_never_end_are_not(pattern: str) -> None:
    """A resident's answer must not hold up the server."""
    assert not usable(pattern)


def test_a_search_counts_its_beginning() -> None:
    """A pattern that may begin anywhere in a text tries each place, which is one choice more."""
    pattern = r"\w*\d*[^@]+@"
    assert usable(pattern)
    assert not usable(pattern, anywhere=True)
    assert usable("^" + pattern, anywhere=True)


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [("[a-z]+", LONGEST_MATCHED), (".{2,}", LONGEST_MATCHED), ("a{1,999}", LONGEST_MATCHED), ("a{5}[+*]", 9_999)],
)
def test_long_texts_are_for_plain_patterns(pattern: str, longest: int) -> None:
    """Where a repetition has no end, the time grows with the text, so a long text is not tried."""
    assert short_enough(pattern, "a" * longest)
    assert short_enough(pattern, "a" * (longest + 1)) is (longest != LONGEST_MATCHED)


def test_every_note_has_its_weight() -> None:
    """A code that the reader uses is one that the page has words for, and no word is for nothing."""
    folder = Path(str(forms.__file__)).parent
    files = tuple((folder / "reading").glob("*.py"))
    sources = "".join(path.read_text("utf-8") for path in files if path.name != "note_codes.py")
    assert {code for code in NOTE_CODES if f'"{code}"' not in sources} == set()
    used = re.findall(r'(?:\bnote|_refuse|add|add_once)\(\s*"(\w+)"', sources)
    assert len(used) > 30
    assert set(used) <= set(NOTE_CODES)


RULE = [expression("expression", "true"), extension("human", "String", "x"), extension("key", "Id", "k")]
VALID = form(
    item(
        "g",
        "group",
        repeats=True,
        item=[
            item(
                "a", "choice", answerOption=codings("x", "y"), initial=[{"valueCoding": {"code": "x", "system": "s"}}]
            ),
            item("b", "choice", answerValueSet="#v", extension=[control("drop-down")]),
            item("c", enableWhen=[when("a", answerCoding={"code": "x"})], enableBehavior="all", maxLength=3),
        ],
    ),
    item("d", "quantity", extension=[extension(CORE + "questionnaire-unit", "Coding", {"code": "kg"})]),
    item(
        "e",
        "decimal",
        extension=[extension(CORE + "minValue", "Integer", 1), expression(SDC + "calculatedExpression", "1")],
    ),
    item("f", "date", extension=[{"url": CORE + "targetConstraint", "extension": RULE}], prefix="1"),
    item("h", "display", _text={"extension": [extension(OWN + "text-for-another", "String", "x")]}),
    extension=[expression(CORE + "variable", "1", name="v")],
    contained=[{"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [{"code": "z"}]}}],
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "g", "#v", "group"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "code", "linkId", "item", "extension", "valueString", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in the data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*above, key)
        yield from places(value, (*above, key))


PLACES = list(places(VALID))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Any value in any place: never another error."""
    data = copy.deepcopy(VALID)
    for place, value in changes:
        with suppress(LookupError, TypeError):  # an earlier change may have taken the place away
            holder = reduce(getitem, place[:-1], data)
            holder[place[-1]] = value if place[-1] in holder or isinstance(holder, list) else holder[place[-1]]
    with suppress(FormRefused):
        read_form(data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_bytes_arrive_they_are_parsed_or_refused(content: bytes) -> None:
    """Any bytes: never another error."""
    with pytest.raises(FormRefused):
        parse_questionnaire(content)


def test_the_form_that_is_mutated_is_sound() -> None:
    """The mutations start from a form that is read with everything in it."""
    assert len(read_form(VALID).form.by_link) == 8
