"""From what is typed to typed answers, and back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.raw import raw_of
from app.domain.forms.answering.shown import shown, size_shown
from app.domain.forms.answering.typed import RawField, read
from app.domain.forms.model import NOTHING, Item, ItemType, Option, Unit
from app.domain.forms.values import Coding, File, Quantity, Reference, Value
from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Language, Text
from tests.tools.forms import choice, item

KG = Unit("kg", Text({"fi": "kiloa", "en": "kilograms"}), "http://unitsofmeasure.org")
GRAM = Unit("g", Text({"fi": "grammaa"}), "http://unitsofmeasure.org")


def typed(kind: ItemType, text: str, language: Language = "fi", **more: Any) -> tuple[Value, ...] | str:
    """The answers read from one line, or the code of the problem."""
    return code_or_answers(read(item("x", kind, **more), {"": (text,)}, language))


def code_or_answers(found: tuple[Value, ...] | Problem) -> tuple[Value, ...] | str:
    return found.code if isinstance(found, Problem) else found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12", (12,)),
        (" 1 000 ", (1000,)),
        ("1\N{NO-BREAK SPACE}000", (1000,)),
        ("\N{MINUS SIGN}3", (-3,)),
        ("\N{EN DASH}3", (-3,)),
        ("+7", (7,)),
        ("", ()),
        ("   ", ()),
        ("7,0", "not_whole"),
        ("1.000", "not_whole"),
        ("12 kg", "not_a_number"),
        ("1e3", "not_a_number"),
        ("kolme", "not_a_number"),
        ("-", "not_a_number"),
        ("2147483648", "above"),
        ("-2147483649", "below"),
    ],
)
def test_whole_numbers(text: str, wanted: object) -> None:
    """Spaces and any dash for minus are understood; a unit, a decimal or a word is asked again."""
    assert typed("integer", text) == wanted


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("36,6", "fi", (Decimal("36.6"),)),
        ("36.60", "fi", (Decimal("36.60"),)),
        (",5", "sv", (Decimal("0.5"),)),
        ("1,234", "fi", (Decimal("1.234"),)),
        ("1,234", "en", "not_a_number"),
        ("1234567890123456", "fi", "too_many_digits"),
        ("1,2,3", "fi", "not_a_number"),
        ("NaN", "fi", "not_a_number"),
        ("Infinity", "en", "not_a_number"),
    ],
)
def test_decimals(text: str, language: Language, wanted: object) -> None:
    """Comma and point both part the decimals; an English thousand with a comma could be one, so it is asked again."""
    assert typed("decimal", text, language) == wanted


def date(day: str, month: str, year: str, kind: ItemType = "date", time: str = "", **more: Any) -> object:
    raw: RawField = {"day": (day,), "month": (month,), "year": (year,), "time": (time,)}
    return code_or_answers(read(item("x", kind, **more), raw, "fi"))


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (("5", "3", "1948"), ("1948-03-05",)),
        (("05", "03", "1948"), ("1948-03-05",)),
        (("5.3.1948", "", ""), ("1948-03-05",)),
        (("29", "2", "2024"), ("2024-02-29",)),
        (("29", "2", "2025"), "impossible_date"),
        (("0", "3", "1948"), "impossible_date"),
        (("5", "13", "1948"), "impossible_date"),
        (("5", "3", "0000"), "impossible_date"),
        (("5", "3", "48"), "not_a_date"),
        (("5", "maaliskuu", "1948"), "not_a_date"),
        (("", "3", "1948"), "not_a_date"),
        (("", "", ""), ()),
    ],
)
def test_dates(parts: tuple[str, str, str], wanted: object) -> None:
    """A day has its three parts, with or without zeros; one that does not exist is told from one that is not whole."""
    assert date(*parts) == wanted


def test_dates_in_part_where_the_form_asks_for_that() -> None:
    """A year, or a month and a year, where itemControl or the entry format says so."""
    assert date("", "", "1948", control="year") == ("1948",)
    assert date("", "", "1948", placeholder=Text({"fi": "vvvv"})) == ("1948",)
    assert date("", "3", "1948", control="month-year") == ("1948-03",)
    assert date("", "3", "1948", placeholder=Text({"en": "MM/YYYY"})) == ("1948-03",)
    assert date("", "3", "1948", placeholder=Text({"fi": "pp.kk.vvvv"})) == "not_a_date"


@pytest.mark.parametrize(
    ("day", "time", "wanted"),
    [
        ("5", "9.30", ("2026-03-05T09:30:00+02:00",)),
        ("5", "9", ("2026-03-05T09:00:00+02:00",)),
        ("29", "3:30", ("2026-03-29T04:30:00+03:00",)),  # the clocks have just been moved on
        ("5", "", "not_a_time"),
        ("5", "24.00", "not_a_time"),
        ("5", "9.3", "not_a_time"),
        ("", "9.30", "not_a_date"),
    ],
)
def test_moments(day: str, time: str, wanted: object) -> None:
    """A day and a time on a clock in Helsinki, with the offset of that moment."""
    month, year = ("3", "2026") if day else ("", "")
    assert date(day, month, year, "dateTime", time) == wanted


def test_times() -> None:
    """Point and colon both part hours and minutes."""
    assert typed("time", "9.05") == ("09:05:00",)
    assert typed("time", "23:59") == ("23:59:00",)
    assert typed("time", "7") == ("07:00:00",)
    assert typed("time", "seven") == "not_a_time"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://www.example.fi/a?b=c", ("https://www.example.fi/a?b=c",)),
        ("example.fi/a", ("https://example.fi/a",)),
        ("javascript:alert(1)", "not_a_url"),
        ("ftp://example.fi", "not_a_url"),
        ("https://", "not_a_url"),
        ("http://[", "not_a_url"),
        ("two words", "not_a_url"),
    ],
)
def test_web_addresses(text: str, wanted: object) -> None:
    """Only http and https; a bare name gets https."""
    assert typed("url", text) == wanted


def test_words() -> None:
    """A line is one line, a text keeps its lines, a reference is a name in words."""
    assert typed("string", " a \n b ") == ("a b",)
    assert typed("text", " a\n\nb ") == ("a\n\nb",)
    assert typed("reference", "Sairaala") == (Reference(display="Sairaala"),)
    found = typed("choice", "Suomi")
    assert found == (Coding("Suomi", "", "Suomi"),)


def test_yes_and_no() -> None:
    """An empty field beside the buttons is no answer, nor is anything but yes and no."""
    assert read(item("x", "boolean"), {"": ("", "true")}, "fi") == (True,)
    assert read(item("x", "boolean"), {"": ("", "false")}, "fi") == (False,)
    assert read(item("x", "boolean"), {"": ("",)}, "fi") == ()
    assert typed("boolean", "maybe") == "not_offered"


def test_options_travel_by_number() -> None:
    """A choice sends the numbers of options; what is none of them is told."""
    one, two = Coding("a", "s"), Coding("b", "s")
    assert read(choice("x", "a", "b"), {"": ("", "1")}, "fi") == (two,)
    assert read(choice("x", "a", "b", repeats=True), {"": ("", "0", "1", "1")}, "fi") == (one, two)
    for strange in ("2", "-1", "a", "²", "other"):
        assert code_or_answers(read(choice("x", "a", "b"), {"": (strange,)}, "fi")) == "not_offered"


def open_choice(**more: Any) -> Item:
    return item("x", "open-choice", options=(Option(Coding("a"), NOTHING), Option("b", NOTHING)), **more)


@pytest.mark.parametrize(
    ("chosen", "words", "wanted"),
    [
        (("other",), ("own  words",), ("own words",)),
        ((), ("own words",), ("own words",)),
        (("0",), ("forgotten",), (Coding("a"),)),
        (("0", "other"), ("own",), (Coding("a"), "own")),
        (("other",), (" ",), "no_words"),
        ((), ("",), ()),
    ],
)
def test_words_of_ones_own(chosen: tuple[str, ...], words: tuple[str, ...], wanted: object) -> None:
    """They count where ”something else” is chosen or nothing at all; whoever went back to an option meant it."""
    found = read(open_choice(repeats=True), {"": ("", *chosen), "other": words}, "fi")
    assert code_or_answers(found) == wanted


def test_amounts() -> None:
    """A unit that is fixed goes along, one of several is chosen, and a unit alone is no answer."""
    fixed, several = item("x", "quantity", unit=KG), item("x", "quantity", units=(KG, GRAM))
    (found,) = read(fixed, {"": ("71,5",)}, "fi")  # type: ignore[misc]
    assert found == Quantity(Decimal("71.5"), "kiloa", "http://unitsofmeasure.org", "kg")
    assert isinstance(found, Quantity)
    assert found.unit == "kiloa"
    assert read(several, {"": ("3",), "unit": ("1",)}, "fi") == (Quantity(Decimal(3), "", GRAM.system, "g"),)
    assert code_or_answers(read(several, {"": ("3",), "unit": ("",)}, "fi")) == "wrong_unit"
    assert code_or_answers(read(several, {"": ("3",), "unit": ("9",)}, "fi")) == "wrong_unit"
    assert read(several, {"": ("",), "unit": ("1",)}, "fi") == ()
    assert read(item("x", "quantity"), {"": ("3",)}, "fi") == (Quantity(Decimal(3)),)


def test_several_answers() -> None:
    """Empty inputs between answers are passed over; a problem names the answer that it is in."""
    drugs = item("x", "integer", repeats=True)
    assert read(drugs, {"": ("1", "", "3")}, "fi") == (1, 3)
    assert read(drugs, {"": ("1", "", "x")}, "fi") == Problem("not_a_number", 1)
    days = item("x", "date", repeats=True)
    raw = {"day": ("1", "2"), "month": ("1", "2"), "year": ("2020", "2021")}
    assert read(days, raw, "fi") == ("2020-01-01", "2021-02-02")


ANSWERS: list[tuple[Item, tuple[Value, ...]]] = [
    (item("x", "boolean"), (True,)),
    (item("x", "integer", repeats=True), (1, -2)),
    (item("x", "decimal"), (Decimal("-36.60"),)),
    (item("x", "date"), ("1948-03-05",)),
    (item("x", "date", control="month-year"), ("1948-03",)),
    (item("x", "dateTime"), ("2026-07-05T09:30:00+03:00",)),
    (item("x", "time"), ("09:30:00",)),
    (item("x", "text"), ("a\nb",)),
    (item("x", "url"), ("https://example.fi",)),
    (item("x", "reference"), (Reference(display="a"),)),
    (item("x", "quantity", units=(KG, GRAM)), (Quantity(Decimal("1.5"), "", KG.system, "kg"),)),
    (choice("x", "a", "b", "c", repeats=True), (Coding("b", "s"), Coding("c", "s"))),
    (open_choice(repeats=True), (Coding("a"), "own", "words")),
    (item("x", "open-choice"), ("own",)),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("question", "values"), ANSWERS)
def test_fields_give_back_the_answers(question: Item, values: tuple[Value, ...], language: Language) -> None:
    """What a page shows in its fields is read as the same answers: saving a page unchanged changes nothing."""
    assert read(question, raw_of(question, values, language), language) == values


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_decimals_survive_the_page(number: Decimal) -> None:
    """Every decimal is read back as it was written in the field, in every language with a decimal comma."""
    question = item("x", "decimal")
    assert read(question, raw_of(question, (number,), "fi"), "fi") == (number,)


@given(st.text(), st.sampled_from(["integer", "decimal", "date", "dateTime", "time", "url", "boolean", "quantity"]))
def test_nothing_that_is_typed_breaks_the_reading(text: str, kind: ItemType) -> None:
    """Whatever is typed, it is an answer or a problem, never a failure."""
    raw = dict.fromkeys(("", "day", "month", "year", "time", "unit", "other"), (text,))
    assert isinstance(read(item("x", kind), raw, "en"), tuple | Problem)
    assert isinstance(read(choice("x", "a"), raw, "en"), tuple | Problem)


@pytest.mark.parametrize(
    ("question", "value", "wanted"),
    [
        (item("x", "date"), "2026-03-05", ("5.3.2026", "5.3.2026", "5 March 2026")),
        (item("x", "date"), "2026-03", ("3/2026", "3/2026", "March 2026")),
        (item("x", "date"), "2026", ("2026", "2026", "2026")),
        (item("x", "date"), "not a date", ("not a date",) * 3),
        (item("x", "dateTime"), "2026-03-05T07:30:00Z", ("5.3.2026 9.30", "5.3.2026 9.30", "5 March 2026 9:30")),
        (item("x", "time"), "09:30:00", ("9.30", "9.30", "9:30")),
        (item("x", "string"), "2026-03-05", ("2026-03-05",) * 3),
        (item("x", "integer"), 1948, ("1948",) * 3),
        (item("x", "decimal"), Decimal("-36.6"), ("−36,6", "−36,6", "−36.6")),
        (item("x", "integer", unit=KG), 70, ("70 kiloa", "70 kiloa", "70 kilograms")),
        (item("x", "quantity", unit=KG), Quantity(Decimal(7), "x", "", "kg"), ("7 kiloa", "7 kiloa", "7 kilograms")),
        (item("x", "quantity"), Quantity(Decimal(70), "kg"), ("70 kg",) * 3),
        (item("x", "reference"), Reference("Patient/1", "Aino"), ("Aino",) * 3),
        (
            item("x", "attachment"),
            File("1", title="a.jpg", size=1_420_000),
            (*["a.jpg (1,4 MB)"] * 2, "a.jpg (1.4 MB)"),
        ),
        (item("x", "choice"), Coding("a", "s", "Kyllä"), ("Kyllä",) * 3),
    ],
)
def test_answers_in_words(question: Item, value: Value, wanted: tuple[str, str, str]) -> None:
    """Days, numbers and units are written as people of each language write them."""
    assert tuple(shown(question, value, language) for language in LANGUAGES) == wanted


def test_options_in_words() -> None:
    """An option is said in the language and voice of the page, else as it was answered."""
    own, another = Text({"fi": "Minä", "sv": "Jag"}), Text({"fi": "Hän"})
    question = item("x", "choice", options=(Option(Coding("a", "s"), Phrase(own, another)),))
    assert shown(question, Coding("a", "s", "x"), "sv") == "Jag"
    assert shown(question, Coding("a", "s"), "fi", for_another=True) == "Hän"
    assert shown(choice("x", "a"), Coding("a", "s", "Display"), "fi") == "Display"


def test_sizes() -> None:
    """Small files in kilobytes, never nothing."""
    assert size_shown(12, "fi") == "1 kB"
    assert size_shown(999_000, "fi") == "999 kB"
    assert size_shown(5_000_000, "fi") == "5 MB"
