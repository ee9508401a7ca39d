"""Answers and problems in the words of the page. Every sentence about a problem says what to do, and blames nobody."""

import mimetypes
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.shown import clock_time, moment_shown, number_shown, shown, size_shown
from app.domain.forms.answering.typed_parts import date_parts
from app.domain.forms.model import Item
from app.domain.forms.values import Quantity, Value
from app.domain.text import Language
from app.web.i18n import N_, ngettext, pgettext
from app.web.i18n import gettext as _

Sentence = Callable[[Problem, Item, Language], str]


_ANSWER = N_("Write an answer")
_MISSING = {
    "group": N_("Answer at least one of these questions"),
    "integer": N_("Write a number"),
    "decimal": N_("Write a number"),
    "quantity": N_("Write a number"),
    "date": N_("Write the date"),
    "dateTime": N_("Write the date and the time"),
    "time": N_("Write the time"),
    "attachment": N_("Add a file"),
}


def answer_text(item: Item, value: Value, language: Language, *, for_another: bool = False) -> str:
    """One answer as it is read back: on the page of answers to check, in print, by staff."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return shown(item, value, language, for_another=for_another)


def yes_or_no(value: bool) -> str:
    """A boolean in words."""
    return pgettext("choice", "Yes") if value else pgettext("choice", "No")


def problem_text(problem: Problem, item: Item, language: Language) -> str:
    """What is to be done about a problem, in one sentence. A broken rule speaks in the form's own words."""
    if problem.code == "rule":
        return problem.said.to(language)
    return _SENTENCES[problem.code](problem, item, language)


def _missing(_problem: Problem, item: Item, _language: Language) -> str:
    if item.options and item.repeats:
        return _("Choose at least one answer")
    if item.options:
        return _("Choose the answer that fits best")
    if item.type == "boolean":
        return _("Tick the box") if item.control == "check-box" else _("Choose yes or no")
    return _(_MISSING.get(item.type, _ANSWER))


def _too_many(problem: Problem, _item: Item, _language: Language) -> str:
    limit = _count(problem)
    return ngettext("Give only %(num)s answer", "Give at most %(num)s answers", limit) % {"num": limit}


def _too_few(problem: Problem, _item: Item, _language: Language) -> str:
    limit = _count(problem)
    return ngettext("Give at least %(num)s answer", "Give at least %(num)s answers", limit) % {"num": limit}


def _too_long(problem: Problem, _item: Item, _language: Language) -> str:
    numbers = {"limit": _count(problem), "count": problem.count}
    return _("Shorten the answer to at most %(limit)s characters. Now it has %(count)s.") % numbers


def _too_short(problem: Problem, _item: Item, _language: Language) -> str:
    limit = _count(problem)
    return ngettext("Write at least %(num)s character", "Write at least %(num)s characters", limit) % {"num": limit}


def _below(problem: Problem, item: Item, language: Language) -> str:
    limit = {"limit": _limit(problem, item, language)}
    match item.type:
        case "date":
            return _("Write %(limit)s or a later day") % limit
        case "time" | "dateTime":
            return _("Write %(limit)s or a later time") % limit
    return _("Write %(limit)s or more") % limit


def _above(problem: Problem, item: Item, language: Language) -> str:
    limit = {"limit": _limit(problem, item, language)}
    match item.type:
        case "date":
            return _("Write %(limit)s or an earlier day") % limit
        case "time" | "dateTime":
            return _("Write %(limit)s or an earlier time") % limit
    return _("Write %(limit)s or less") % limit


def _limit(problem: Problem, item: Item, language: Language) -> str:
    match problem.limit:
        case Quantity():
            return shown(item, problem.limit, language)
        case str():
            return moment_shown(problem.limit, language)
        case int() | Decimal():
            return number_shown(problem.limit, language)
    return ""


def _decimals(problem: Problem, item: Item, language: Language) -> str:
    limit = _count(problem)
    if limit == 0:
        return _whole(problem, item, language)
    sentence = ngettext("Write at most %(num)s decimal", "Write at most %(num)s decimals", limit)
    return sentence % {"num": limit}


def _digits(problem: Problem, _item: Item, _language: Language) -> str:
    return _("Write a shorter number, with at most %(limit)s digits") % {"limit": _count(problem)}


def _number(problem: Problem, item: Item, language: Language) -> str:
    if item.type == "integer":
        return _whole(problem, item, language)
    example = {"example": "36.6" if language == "en" else "36,6"}
    return _("Write only the number, such as 1200 or %(example)s") % example


def _whole(_problem: Problem, _item: Item, _language: Language) -> str:
    return _("Write a whole number, such as 38")


def _date(_problem: Problem, item: Item, _language: Language) -> str:
    match date_parts(item):
        case ("year",):
            return _("Write the year with four digits, such as 1948")
        case ("month", "year"):
            return _("Write the month and the year in numbers, such as 3 and 1948")
    return _("Write the day, month and year in numbers, such as 5, 3 and 1948")


def _time(_problem: Problem, _item: Item, language: Language) -> str:
    return _("Write the time like this: %(example)s") % {"example": clock_time("09:30:00", language)}


def _exclusive(problem: Problem, item: Item, language: Language) -> str:
    chosen = "" if problem.limit is None else answer_text(item, problem.limit, language)
    return _("Choose either “%(option)s” or other answers, not both") % {"option": chosen}


def _format(_problem: Problem, item: Item, language: Language) -> str:
    wanted = item.placeholder.to(language)
    if wanted:
        return _("Write the answer like this: %(example)s") % {"example": wanted}
    return _("Check how the answer is written")


def _file_type(_problem: Problem, item: Item, _language: Language) -> str:
    return _("Add a file of this type: %(types)s") % {"types": file_types_text(item)}


def file_types_text(item: Item) -> str:
    """The types of file that a question takes, as people call them: ”PDF, JPG”."""
    return ", ".join(_file_type_text(one) for one in item.bounds.file_types)


def names_file_types(text: str, item: Item) -> bool:
    """Whether the text names each type of file that a question takes, by whichever of its endings."""
    named = set(re.findall(r"\w+", text.lower()))
    endings = (mimetypes.guess_all_extensions(mime) for mime in item.bounds.file_types)
    return all(named & {one.removeprefix(".") for one in ours} for ours in endings)


def _file_type_text(mime: str) -> str:
    if mime.endswith("/*"):
        return _("pictures") if mime == "image/*" else mime[:-2]
    return (mimetypes.guess_extension(mime) or mime).removeprefix(".").upper()


def _file_size(problem: Problem, _item: Item, language: Language) -> str:
    return _("Add a smaller file: at most %(size)s") % {"size": size_shown(_count(problem), language)}


def _count(problem: Problem) -> int:
    return problem.limit if isinstance(problem.limit, int) else 0


_SENTENCES: Mapping[str, Sentence] = {
    "missing": _missing,
    "too_few": _too_few,
    "too_many": _too_many,
    "too_long": _too_long,
    "too_short": _too_short,
    "below": _below,
    "above": _above,
    "too_many_decimals": _decimals,
    "too_many_digits": _digits,
    "not_a_number": _number,
    "not_whole": _whole,
    "not_a_date": _date,
    "impossible_date": lambda *_about: _("Check the date: there is no such day"),
    "not_a_time": _time,
    "not_offered": lambda *_about: _("Choose one of the answers on this page"),
    "no_words": lambda *_about: _("Write your own answer, or choose another one"),
    "exclusive": _exclusive,
    "wrong_format": _format,
    "not_a_url": lambda *_about: _("Write a web address, such as https://www.example.fi"),
    "wrong_unit": lambda *_about: _("Choose the unit"),
    "wrong_file_type": _file_type,
    "file_too_large": _file_size,
}
