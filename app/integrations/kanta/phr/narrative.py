"""The narrative text that every resource in the record must have: the content again, in words for people."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from app.domain.clock import HELSINKI
from app.domain.text import Language
from app.integrations.kanta.phr.measures import measures, word
from app.integrations.kanta.phr.port import (
    AnsweredItem,
    AnswerValue,
    Choice,
    Entry,
    FilledQuestionnaire,
    Measurement,
    SelfCarePlan,
)

_LOCALES: dict[Language, str] = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def narrative(entry: Entry) -> dict[str, Any]:
    """The resource's `text`: escaped XHTML, generated from the content alone."""
    heading, lines = _told(entry)
    body = "".join(f"<li>{_safe(line)}</li>" for line in lines)
    body = f"<ul>{body}</ul>" if body else ""
    language = f'lang="{entry.language}" xml:lang="{entry.language}"'
    div = f'<div xmlns="http://www.w3.org/1999/xhtml" {language}><p>{_safe(heading)}</p>{body}</div>'
    return {"status": "generated", "div": div}


def _told(entry: Entry) -> tuple[str, Iterable[str]]:
    match entry:
        case Measurement():
            name = measures()[entry.measure].name.to(entry.language)
            return f"{name}, {_moment(entry.measured_at, entry.language)}", _amounts(entry)
        case FilledQuestionnaire():
            return f"{entry.title}, {_moment(entry.filled_at, entry.language)}", _answers(entry.items, entry.language)
        case SelfCarePlan():
            return f"{entry.title}, {_moment(entry.made_at, entry.language)}", (entry.description, *entry.advice)


def _amounts(entry: Measurement) -> Iterator[str]:
    for part, amount in zip(measures()[entry.measure].parts, entry.amounts, strict=True):
        yield f"{part.name.to(entry.language)}: {_number(amount, entry.language)} {part.shown}"


def _answers(items: Iterable[AnsweredItem], language: Language) -> Iterator[str]:
    for item in items:
        if item.answers:
            yield f"{item.text}: {', '.join(_answer(value, language) for value in item.answers)}"
        yield from _answers(item.items, language)


def _answer(value: AnswerValue, language: Language) -> str:
    match value:
        case bool():
            return word("yes" if value else "no").to(language)
        case int() | Decimal():
            return _number(value, language)
        case datetime():
            return _moment(value, language)
        case date():
            return format_date(value, format="medium", locale=_LOCALES[language])
        case Choice():
            return value.display
        case str():
            return value


def _number(value: int | Decimal, language: Language) -> str:
    return format_decimal(value, locale=_LOCALES[language], decimal_quantization=False)


def _moment(value: datetime, language: Language) -> str:
    return format_datetime(value, format="medium", tzinfo=HELSINKI, locale=_LOCALES[language])


def _safe(text: str) -> str:
    """As XML text: markup is escaped, and characters that XML does not have are left out."""
    return escape(_NOT_XML.sub("", text))
