"""What templates make of plain values."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from app.domain.catalogue import Phone
from app.web.filters import capitalize_first, format_soon, numbers_to_call, paragraphs, phone_number, unbroken
from app.web.i18n import current_language

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    token = current_language.set("en")
    yield
    current_language.reset(token)


def test_paragraphs_part_at_empty_lines_and_escape() -> None:
    """Catalogue texts keep their paragraphs and can't bring markup along."""
    assert paragraphs("One\nline\n\n \nTwo <b>") == "<p>One\nline</p><p>Two &lt;b&gt;</p>"
    assert paragraphs("") == ""


@pytest.mark.parametrize(
    ("hour", "day", "said"),
    [
        (11, 24, "today at 13:20"),
        (22, 24, "tomorrow at 0:20"),
        (7, 25, "tomorrow at 9:20"),
        (7, 30, "Mon 30 Nov at 9:20"),
    ],
)
def test_near_times_are_said_as_people_say_them(hour: int, day: int, said: str) -> None:
    """Today and tomorrow are days of Helsinki, not of UTC."""
    assert format_soon(datetime(2026, 11, day, hour, 20, tzinfo=UTC), TODAY) == said


def test_capital_only_at_the_start() -> None:
    """Names inside a sentence keep their capitals."""
    assert capitalize_first("in Mikkeli") == "In Mikkeli"
    assert capitalize_first("") == ""


def test_numbers_are_grouped_and_dialled_whole() -> None:
    """A number is read in threes and called in its international form."""
    phones = [Phone("+358", "15000000", "fi", "Neuvonta"), Phone("+358", "15000000", "sv", "Rådgivning")]
    [number] = numbers_to_call(phones, "sv")
    assert number.display.replace("\N{NO-BREAK SPACE}", " ") == "015 000 000"
    assert (number.href, number.info) == ("tel:+35815000000", "Rådgivning")


def test_other_languages_number_is_better_than_none() -> None:
    """Where the catalogue gives a number in Finnish only, everybody gets it; short numbers stay as they are."""
    [number] = numbers_to_call([Phone(None, "116117", "fi", None)], "en")
    assert (number.display, number.href, number.info) == ("116117", "tel:116117", "")


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("+358401234567", "040 123 4567"),
        ("+35815000000", "015 000 000"),
        ("+46701234567", "+46 70 123 45 67"),
        ("112", "112"),
        ("no number", "no number"),
    ],
)
def test_phone_numbers_are_shown_as_people_write_them(stored: str, read: str) -> None:
    """What is kept in international form is read in groups; no digit stands alone."""
    assert phone_number(stored).replace("\N{NO-BREAK SPACE}", " ") == read


def test_numbers_stay_on_one_line() -> None:
    """A number to call or a range is never cut at the end of a line; the words around it may be."""
    whole = unbroken("In 1–3 days call 116 117 now")
    assert "116\N{NO-BREAK SPACE}117 now" in whole
    assert whole.replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ") == "In 1–3 days call 116 117 now"
