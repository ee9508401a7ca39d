"""Dates and times as FHIR R4 writes them, of what authors and expressions write: a time has its seconds, a moment its
zone."""

import re
from datetime import date, datetime, time

from app.domain.clock import HELSINKI

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TIME = re.compile(r"(\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T([\d:.]+)(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?")


def date_of(written: str) -> str | None:
    """A date, or a year or a month alone; None where it is none or there is no such day."""
    if not _DATE.fullmatch(written):
        return None
    try:
        date.fromisoformat(f"{written}-01-01"[:10])
    except ValueError:
        return None
    return written


def time_of(written: str) -> str | None:
    """A time of day with its seconds."""
    found = _TIME.fullmatch(written)
    whole = f"{found[1]}{found[2] or ':00'}" if found else ""
    try:
        time.fromisoformat(whole[:8])
    except ValueError:
        return None
    return whole


def moment_of(written: str) -> str | None:
    """A date, or a day and a time with its zone; one without a zone is on a clock in Helsinki."""
    found = _MOMENT.fullmatch(written)
    if not found:
        return date_of(written)
    day, clock = date_of(found[1]), time_of(found[2])
    if not day or not clock:
        return None
    if found[3]:
        return f"{day}T{clock}{found[3]}"
    return datetime.fromisoformat(f"{day}T{clock[:8]}").replace(tzinfo=HELSINKI).isoformat()
