"""Language, dates and times as people read them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.messages.pofile import read_po

from app.domain.text import LANGUAGES, Language
from app.web import i18n

SUNDAY = date(2026, 11, 22)
LUNCH = datetime(2026, 11, 22, 11, 20, tzinfo=UTC)  # 13.20 in Helsinki


@pytest.fixture(autouse=True)
def _language_restored() -> Iterator[None]:
    token = i18n.current_language.set("fi")
    yield
    i18n.current_language.reset(token)


@pytest.mark.parametrize(
    ("language", "day", "short", "time", "when"),
    [
        ("fi", "sunnuntai 22.11.2026", "su 22.11.", "13.20", "su 22.11.2026 klo 13.20"),
        ("sv", "söndag 22.11.2026", "sö 22.11", "13.20", "sö 22.11.2026 kl. 13.20"),
        ("en", "Sunday 22 November 2026", "Sun 22 Nov", "13:20", "Sunday 22 November 2026 at 13:20"),
    ],
)
def test_dates_as_written(language: Language, day: str, short: str, time: str, when: str) -> None:
    """Each language writes days and times its own way, in Helsinki time."""
    i18n.current_language.set(language)
    assert i18n.format_day(SUNDAY) == day
    assert i18n.format_short_day(SUNDAY) == short
    assert i18n.format_time(LUNCH) == time
    assert i18n.format_when(LUNCH) == when


def test_morning_has_no_leading_zero() -> None:
    """Twenty to ten is 9.40, as people write it."""
    assert i18n.format_time(datetime(2026, 11, 23, 7, 40, tzinfo=UTC)) == "9.40"


def test_both_sides_of_the_clock_changes() -> None:
    """The offset to Helsinki follows summer time, on the days when the clocks change too."""
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert i18n.format_time(before) == "2.59"
    assert i18n.format_time(before + timedelta(minutes=1)) == "4.00"
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert i18n.format_time(autumn) == i18n.format_time(autumn + timedelta(hours=1)) == "3.30"


def test_any_offset_is_the_same_instant() -> None:
    """An instant with another offset is shown in Helsinki time."""
    elsewhere = LUNCH.astimezone(timezone(timedelta(hours=-5)))
    assert i18n.format_when(elsewhere) == i18n.format_when(LUNCH)


@pytest.mark.parametrize("show", [i18n.format_time, i18n.format_when])
def test_naive_time_is_refused(show: object) -> None:
    """A time without a zone could be shown hours wrong, so it is an error."""
    assert callable(show)
    with pytest.raises(ValueError, match="time zone"):
        show(datetime(2026, 11, 22, 13, 20))  # noqa: DTZ001 - the point of the test


def test_near_shows_time_today_and_day_otherwise() -> None:
    """A narrow column tells the time of today's events and the day of others; midnight is Helsinki's."""
    late = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert i18n.format_near(LUNCH, SUNDAY) == "13.20"
    assert i18n.format_near(late, SUNDAY) == "ma 23.11."
    with pytest.raises(ValueError, match="time zone"):
        i18n.format_near(datetime(2026, 11, 22), SUNDAY)  # noqa: DTZ001 - the point of the test


def test_language_is_looked_up_at_call_time() -> None:
    """The same call answers in the language that the request has set."""
    heard = []
    for language in LANGUAGES:
        i18n.current_language.set(language)
        heard.append(i18n.gettext("Back"))
    assert heard == ["Takaisin", "Tillbaka", "Back"]


def test_number_and_context_choose_the_form() -> None:
    """One time, two times; and a word that means another thing elsewhere is translated by where it stands."""
    assert i18n.ngettext("%(num)s time", "%(num)s times", 1) == "%(num)s aika"
    assert i18n.ngettext("%(num)s time", "%(num)s times", 2) == "%(num)s aikaa"
    assert i18n.pgettext("acting", "Stop") == "Lopeta"
    assert i18n.pgettext("nowhere", "Stop") == "Stop"
    assert i18n.npgettext("nowhere", "one", "many", 2) == "many"


def test_unknown_message_stays_readable() -> None:
    """A text that nobody has translated yet is shown in English rather than lost."""
    assert i18n.gettext("A sentence that no catalogue has") == "A sentence that no catalogue has"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_complete_and_keeps_placeholders(language: Language) -> None:
    """No catalogue has an empty or fuzzy entry or a changed placeholder."""
    path = i18n.LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    messages = [message for message in catalogue if message.id]
    assert messages
    for message in messages:
        texts = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        assert all(texts), f"{language}: {message.id!r} has no text"
        assert not message.fuzzy, f"{language}: {message.id!r} is fuzzy"
        assert not list(message.check(catalogue)), f"{language}: {message.id!r} changes a placeholder"
