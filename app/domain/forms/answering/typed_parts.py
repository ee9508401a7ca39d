"""Numbers, days, times of day and web addresses as people type them."""

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from urllib.parse import urlsplit

from app.domain.clock import HELSINKI, local_instant
from app.domain.forms.answering.problem import Problem
from app.domain.forms.model import Item
from app.domain.text import Language

Entry = Mapping[str, str]

# FHIR's integer has 32 bits; a JSON number keeps 15 digits whatever program reads it.
LEAST_INTEGER, MOST_INTEGER = -(2**31), 2**31 - 1
MOST_DIGITS = 15

_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_WHOLE_DAY = re.compile(r"(\d{1,2})[./ ](\d{1,2})[./ ](\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")
_NO_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+([/?#].*)?")
# The author's entry format says how much of a date is wanted: only a year, or a month and a year, in our languages.
_YEAR_ONLY = re.compile(r"[yvå]{4}", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(r"[mk]{1,2}[./ -]*[yvå]{4}|[yvå]{4}[./ -]*[mk]{1,2}", re.IGNORECASE)


def number(typed: str, language: Language) -> Decimal | Problem:
    """A number with comma or point, spaces between thousands, any dash for minus.

    In English ”1,000” may be one or a thousand, so it is asked again.
    """
    plain = "".join(typed.split()).translate(_MINUS)
    if not _NUMBER.fullmatch(plain) or (language == "en" and _THOUSANDS.fullmatch(plain)):
        return Problem("not_a_number")
    found = Decimal(plain.replace(",", "."))
    return found if len(found.as_tuple().digits) <= MOST_DIGITS else Problem("too_many_digits", limit=MOST_DIGITS)


def integer(typed: str, language: Language) -> int | Problem:
    """A whole number; ”7,0” is none, since a decimal may be a slip of the finger."""
    found = number(typed, language)
    if isinstance(found, Problem):
        return found
    if found.as_tuple().exponent != 0:
        return Problem("not_whole")
    if not LEAST_INTEGER <= found <= MOST_INTEGER:
        return Problem("above", limit=MOST_INTEGER) if found > 0 else Problem("below", limit=LEAST_INTEGER)
    return int(found)


def date_parts(item: Item) -> tuple[str, ...]:
    """Which parts of a date are asked, in the order of the page. A whole date, unless itemControl is `year` or
    `month-year` or the entry format names only those (”YYYY”, ”kk.vvvv”)."""
    formats = [text.strip() for text in item.placeholder.values.values()]
    if item.control == "year" or any(_YEAR_ONLY.fullmatch(text) for text in formats):
        return ("year",)
    if item.control == "month-year" or any(_MONTH_AND_YEAR.fullmatch(text) for text in formats):
        return ("month", "year")
    return ("day", "month", "year")


def day(item: Item, entry: Entry) -> str | Problem:
    """A FHIR date from its parts. A whole one in the first field (”5.3.1948”) is understood too."""
    parts = [entry.get(part, "").strip() for part in date_parts(item)]
    whole = _WHOLE_DAY.fullmatch(parts[0])
    if len(parts) == 3 and whole and not any(parts[1:]):
        parts = list(whole.groups())
    if not all(part.isdecimal() and len(part) <= 2 for part in parts[:-1]):
        return Problem("not_a_date")
    if not (parts[-1].isdecimal() and len(parts[-1]) == 4):
        return Problem("not_a_date")
    return _existing([int(part) for part in reversed(parts)])


def _existing(parts: list[int]) -> str | Problem:
    """Year, month and day (the later ones may lack) as FHIR writes them, where there is such a day."""
    try:
        found = date(*[*parts, 1, 1][:3])
    except ValueError:
        return Problem("impossible_date")
    return found.isoformat()[: (4, 7, 10)[len(parts) - 1]]


def time_of_day(typed: str) -> str | Problem:
    """”9”, ”9.30” and ”9:30” as FHIR writes a time."""
    found = _TIME.fullmatch(typed.strip())
    if not found:
        return Problem("not_a_time")
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute).isoformat() if hour < 24 and minute < 60 else Problem("not_a_time")


def moment(item: Item, entry: Entry) -> str | Problem:
    """A FHIR dateTime: a day and a time on a clock in Helsinki, with the offset of that moment."""
    on = day(item, entry)
    if isinstance(on, Problem) or len(date_parts(item)) < 3:
        return on
    at = time_of_day(entry.get("time", ""))
    if isinstance(at, Problem):
        return at
    return local_instant(date.fromisoformat(on), time.fromisoformat(at)).astimezone(HELSINKI).isoformat()


def web_address(typed: str) -> str | Problem:
    """An http or https address; one without a scheme (”example.fi”) gets https."""
    plain = typed.strip()
    address = f"https://{plain}" if _NO_SCHEME.fullmatch(plain) else plain
    try:
        parts = urlsplit(address)
    except ValueError:
        return Problem("not_a_url")
    sound = parts.scheme in ("http", "https") and parts.hostname and not any(letter.isspace() for letter in address)
    return address if sound else Problem("not_a_url")
