"""A day as people type it: 5.3.1948, also with noughts; and 1948-03-05, as programs write it."""

import re
from datetime import date

from app.web.forms import Form

_FINNISH = re.compile(r"([0-9]{1,2})\.\s*([0-9]{1,2})\.\s*([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def read_day(typed: str) -> date | None:
    """The day that was typed; None for what is no day of the calendar."""
    finnish, iso = _FINNISH.fullmatch(typed.strip()), _ISO.fullmatch(typed.strip())
    if finnish:
        day, month, year = map(int, finnish.groups())
    elif iso:
        year, month, day = map(int, iso.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def write_day(day: date) -> str:
    """The day as a field shows it: 5.3.1948."""
    return f"{day.day}.{day.month}.{day.year}"


def day_of(form: Form, name: str, message: str) -> date | None:
    """The day in a field; `message` becomes the field's error where it is none."""
    day = read_day(form.value(name))
    if day is None:
        form.errors[name] = message
    return day
