"""An answer in words: for checking one's answers, for print, for staff."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date

from app.domain.clock import HELSINKI
from app.domain.forms.model import Item
from app.domain.forms.values import Coding, File, Quantity, Reference, Value
from app.domain.text import Language

_DAY = {4: "y", 7: "M/y", 10: "d.M.y"}
_ENGLISH_DAY = {4: "y", 7: "MMMM y", 10: "d MMMM y"}


def shown(item: Item, value: Value, language: Language, *, for_another: bool = False) -> str:
    """The answer as people of `language` write it. Yes and no are words of the page, so a boolean comes as FHIR's."""
    option = next((option for option in item.options if option.value == value), None)
    if option:
        return option.text.voice(for_another=for_another).to(language) or _plain(item, value, language)
    return _plain(item, value, language)


def _plain(item: Item, value: Value, language: Language) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Coding() | Reference():
            return value.display or (value.code if isinstance(value, Coding) else value.reference)
        case Quantity():
            return f"{number_shown(value.value, language)} {_unit(item, value, language)}".strip()
        case File():
            return f"{value.title} ({size_shown(value.size, language)})" if value.size else value.title
        case int() | Decimal():
            unit = item.unit.text.to(language) if item.unit else ""
            return f"{number_shown(value, language)} {unit}".strip()
    return moment_shown(value, language) if item.type in ("date", "dateTime", "time") else value


def number_shown(value: int | Decimal, language: Language) -> str:
    """36,6 in Finnish and Swedish, 36.6 in English; no marks between thousands, since a number may be a year."""
    plain = format(value, "f") if isinstance(value, Decimal) else str(value)
    return (plain if language == "en" else plain.replace(".", ",")).replace("-", "\N{MINUS SIGN}")


def size_shown(size: int, language: Language) -> str:
    """The size of a file, given in bytes: 1,4 MB, or in kB where it is small."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{number_shown(Decimal(round(size / 100_000)) / 10, language)} MB"


def moment_shown(value: str, language: Language) -> str:
    """A FHIR date (whole or partial), dateTime or time as people write it; what is none of them as it is."""
    try:
        if len(value) <= 10 and ":" not in value:
            return _day_shown(value, language)
        if "T" not in value:
            return clock_time(value, language)
        local = datetime.fromisoformat(value).astimezone(HELSINKI)
    except ValueError:
        return value
    return f"{_day_shown(local.date().isoformat(), language)} {clock_time(local.time().isoformat(), language)}"


def clock_time(value: str, language: Language) -> str:
    """9.30 in Finnish and Swedish, 9:30 in English, from the FHIR time 09:30:00."""
    hour, minute = value.split(":")[:2]
    return f"{int(hour)}{':' if language == 'en' else '.'}{minute}"


def _day_shown(value: str, language: Language) -> str:
    whole = date.fromisoformat(f"{value}-01-01"[:10])
    patterns = _ENGLISH_DAY if language == "en" else _DAY
    return format_date(whole, patterns[len(value)], locale="en_GB" if language == "en" else "fi")


def _unit(item: Item, value: Quantity, language: Language) -> str:
    """The unit in the reader's language where the form has it, else as it was sent."""
    units = (*item.units, *((item.unit,) if item.unit else ()))
    known = next((unit.text.to(language) for unit in units if unit.code == value.code), "")
    return known or value.unit or value.code
