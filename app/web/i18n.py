"""Language of the page: translations, and dates and times as people write them.

The language of a request lives in `current_language`. The functions here look it up when they are called, so that one
compiled template or component serves all three languages. Message ids are the English sentences.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.domain.clock import HELSINKI
from app.domain.text import Language

LOCALES = Path(__file__).parents[2] / "locales"

current_language: ContextVar[Language] = ContextVar("current_language", default="fi")


@cache
def translations_for(language: Language) -> GNUTranslations:
    """The catalogue of `language`, compiled in memory once per process; no .mo files to forget."""
    source = LOCALES / language / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text for translation where it is written down; it is translated where it is shown."""
    return message


def _translations() -> GNUTranslations:
    return translations_for(current_language.get())


def gettext(message: str) -> str:
    """`message` in the language of the request, or as it is where the catalogue lacks it."""
    return _translations().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the message that goes with the number `n`."""
    return _translations().ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """`message` as it is said in `context`, where one English word has several translations."""
    return _translations().pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, n: int) -> str:
    """The form that goes with `n`, as it is said in `context`."""
    return _translations().npgettext(context, singular, plural, n)


@dataclass(frozen=True)
class _Patterns:
    """How a language writes moments, as CLDR date patterns."""

    locale: str
    day: str
    short_day: str
    time: str
    when: str


# `cccc` is the weekday in its basic form (sunnuntai, not sunnuntaina).
_PATTERNS: dict[Language, _Patterns] = {
    "fi": _Patterns("fi", "cccc d.M.y", "cccccc d.M.", "H.mm", "cccccc d.M.y 'klo' H.mm"),
    "sv": _Patterns("sv_FI", "cccc d.M.y", "cccccc d.M", "H.mm", "cccccc d.M.y 'kl.' H.mm"),
    "en": _Patterns("en_GB", "cccc d MMMM y", "ccc d MMM", "H:mm", "cccc d MMMM y 'at' H:mm"),
}


def _patterns() -> _Patterns:
    return _PATTERNS[current_language.get()]


def _in_helsinki(instant: datetime, pattern: Callable[[_Patterns], str]) -> str:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    patterns = _patterns()
    return format_datetime(instant, pattern(patterns), tzinfo=HELSINKI, locale=patterns.locale)


def format_day(day: date) -> str:
    """sunnuntai 22.11.2026 · söndag 22.11.2026 · Sunday 22 November 2026."""
    return format_date(day, _patterns().day, locale=_patterns().locale)


def format_date_alone(day: date) -> str:
    """22.11.2026 · 22.11.2026 · 22 November 2026: in a sentence, where a weekday would have to be inflected."""
    return format_date(day, "d MMMM y" if current_language.get() == "en" else "d.M.y", locale=_patterns().locale)


def format_short_day(day: date) -> str:
    """su 22.11. · sö 22.11 · Sun 22 Nov."""
    return format_date(day, _patterns().short_day, locale=_patterns().locale)


def format_time(instant: datetime) -> str:
    """13.20 · 13.20 · 13:20 in Helsinki. Raises ValueError where `instant` has no time zone."""
    return _in_helsinki(instant, lambda patterns: patterns.time)


def format_when(instant: datetime) -> str:
    """su 22.11.2026 klo 13.20 · sö 22.11.2026 kl. 13.20 · Sunday 22 November 2026 at 13:20, in Helsinki.

    Raises ValueError where `instant` has no time zone.
    """
    return _in_helsinki(instant, lambda patterns: patterns.when)


def format_near(instant: datetime, today: date) -> str:
    """The time where `instant` is on `today` in Helsinki, else its short day: what a narrow column has room for.

    Raises ValueError where `instant` has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    day = instant.astimezone(HELSINKI).date()
    return format_time(instant) if day == today else format_short_day(day)
