"""Answers back into fields: the opposite of `typed.read`."""

from datetime import datetime

from app.domain.clock import HELSINKI
from app.domain.forms.answering.shown import clock_time, number_shown
from app.domain.forms.answering.typed import OTHER, RawField
from app.domain.forms.answering.typed_parts import Entry
from app.domain.forms.model import Item
from app.domain.forms.values import Coding, File, Quantity, Reference, Value
from app.domain.text import Language


def raw_of(item: Item, values: tuple[Value, ...], language: Language) -> RawField:
    """What a browser would send for these answers. One that the form does not offer any more is left out."""
    if item.options:
        return _options_of(item, values)
    rows = [_entry(item, value, language) for value in values]
    parts = dict.fromkeys(part for row in rows for part in row)
    return {part: tuple(row.get(part, "") for row in rows) for part in parts}


def _options_of(item: Item, values: tuple[Value, ...]) -> RawField:
    offered = [option.value for option in item.options]
    chosen = [str(offered.index(value)) for value in values if value in offered]
    own = [value for value in values if isinstance(value, str) and value not in offered]
    if item.type != "open-choice" or not own:
        return {"": tuple(chosen)}
    return {"": (*chosen, OTHER), OTHER: tuple(own)}


def _entry(item: Item, value: Value, language: Language) -> Entry:
    match value:
        case bool():
            return {"": "true" if value else "false"}
        case Quantity():
            return {"": number_shown(value.value, language), "unit": _unit(item, value)}
        case Coding() | Reference():
            return {"": value.display or (value.code if isinstance(value, Coding) else value.reference)}
        case str():
            return _of_text(item, value, language)
        case File():
            return {}
    return {"": number_shown(value, language)}


def _of_text(item: Item, value: str, language: Language) -> Entry:
    if item.type == "time":
        return {"": clock_time(value, language)}
    if item.type not in ("date", "dateTime"):
        return {"": value}
    if "T" not in value:
        return _day(value)
    local = datetime.fromisoformat(value).astimezone(HELSINKI)
    return _day(local.date().isoformat()) | {"time": clock_time(local.time().isoformat(), language)}


def _day(value: str) -> dict[str, str]:
    """The parts of a FHIR date without leading zeros; a partial one has fewer."""
    return {part: str(int(text)) for part, text in zip(("year", "month", "day"), value.split("-"), strict=False)}


def _unit(item: Item, value: Quantity) -> str:
    return next((str(index) for index, unit in enumerate(item.units) if unit.code == value.code), "")
