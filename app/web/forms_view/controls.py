"""Which control a question gets, and what belongs to the control: options, units, hints, the keyboard of a phone."""

import re
from collections.abc import Iterable
from decimal import Decimal

from markupsafe import Markup, escape

from app.domain.forms.answering.bounds import longest
from app.domain.forms.answering.shown import number_shown, shown
from app.domain.forms.answering.typed import OTHER, RawField
from app.domain.forms.answering.typed_parts import date_parts
from app.domain.forms.layout import answerable
from app.domain.forms.model import Item
from app.domain.forms.values import Quantity, Value
from app.web.forms_view.asking import Asking
from app.web.forms_view.views import Kind, OptionView
from app.web.forms_view.words import file_types_text, names_file_types, yes_or_no
from app.web.i18n import gettext as _

MOST_RADIOS = 9  # more are a drop-down list, unless the form says otherwise: radios are easier, but not by the page
_LISTS = ("drop-down", "autocomplete")
_KINDS: dict[str, Kind] = {
    "integer": "number",
    "decimal": "number",
    "quantity": "quantity",
    "date": "date",
    "dateTime": "date",
    "text": "area",
    "attachment": "files",
}


def kind_of(item: Item) -> Kind:
    """The control for a question; one that is not to be filled is only shown."""
    if not answerable(item):
        return "output"
    if item.type == "boolean":
        return "tick" if item.control == "check-box" else "radios"
    if item.options:
        return _choice_kind(item)
    return "area" if item.control == "text-area" else _KINDS.get(item.type, "line")


def _choice_kind(item: Item) -> Kind:
    if item.repeats:
        return "select" if item.control in _LISTS else "checkboxes"
    by_itself = not item.control and len(item.options) > MOST_RADIOS
    return "select" if item.control in _LISTS or by_itself else "radios"


def options_of(asking: Asking, item: Item, raw: RawField) -> tuple[OptionView, ...]:
    """The options with those chosen; yes and no for a boolean. ”Something else” comes before ”none of these”."""
    chosen = raw.get("", ())
    if item.type == "boolean":
        return tuple(OptionView(value, yes_or_no(value == "true"), value in chosen) for value in ("true", "false"))
    offered = [_option(asking, item, index, chosen) for index in range(len(item.options))]
    other = [OptionView(OTHER, _("Something else"), OTHER in chosen)] if item.type == "open-choice" else []
    return (*(one for one in offered if not one.exclusive), *other, *(one for one in offered if one.exclusive))


def _option(asking: Asking, item: Item, index: int, chosen: tuple[str, ...]) -> OptionView:
    option = item.options[index]
    text = shown(item, option.value, asking.language, for_another=asking.for_another)
    words = f"{asking.words(option.prefix)} {text}".strip()
    return OptionView(str(index), words, str(index) in chosen, option.exclusive, asking.lang(option.text))


def units_of(asking: Asking, item: Item) -> tuple[OptionView, ...]:
    """The units to choose from; none where there is only one."""
    if len(item.units) < 2:
        return ()
    texts = (asking.words(unit.text) or unit.code for unit in item.units)
    return tuple(OptionView(str(index), text) for index, text in enumerate(texts))


def suffix_of(asking: Asking, item: Item) -> Markup | None:
    """The one unit of a number, shown after it."""
    unit = item.units[0] if len(item.units) == 1 else item.unit
    if unit is None or len(item.units) > 1:
        return None
    return asking.said(unit.text) or escape(unit.code) or None


def parts_of(item: Item) -> tuple[str, ...]:
    """The fields of a date, and of a moment."""
    if kind_of(item) != "date":
        return ()
    return (*date_parts(item), "time") if item.type == "dateTime" else date_parts(item)


def may_add(item: Item, kind: Kind, standing: int) -> bool:
    """Whether one more answer or file fits, where so many stand there now."""
    if kind == "files":
        return standing < 1 or (item.repeats and (item.max_occurs is None or standing < item.max_occurs))
    by_inputs = item.repeats and kind not in ("radios", "checkboxes", "tick")
    return by_inputs and (item.max_occurs is None or standing < item.max_occurs)


def format_hint(asking: Asking, item: Item) -> str:
    """How the answer is written, where the form gives no format of its own. What the help of the form for the question
    says is not said twice; that several may be chosen, any such help says."""
    low, high = _number(item.bounds.minimum), _number(item.bounds.maximum)
    if item.type in ("integer", "decimal", "quantity") and low is not None and high is not None:
        ends = {"low": number_shown(low, asking.language), "high": number_shown(high, asking.language)}
        return "" if _names_all(asking.words(item.help), ends.values()) else _("From %(low)s to %(high)s") % ends
    if item.type == "attachment" and item.bounds.file_types:
        told = names_file_types(asking.words(item.help), item)
        return "" if told else _("Type of file: %(types)s") % {"types": file_types_text(item)}
    if item.type in ("date", "dateTime") and len(date_parts(item)) == 3:
        return _("For example 5 3 1948")
    if item.options and item.repeats:
        return "" if asking.words(item.help) else _("You may choose several")
    return asking.words(item.placeholder)


def _names_all(text: str, numbers: Iterable[str]) -> bool:
    """Whether each of these numbers stands in the text by itself."""
    return all(re.search(rf"(?<![\w.,]){re.escape(one)}(?!\w|[.,]\d)", text) for one in numbers)


def _number(limit: Value | None) -> int | Decimal | None:
    if isinstance(limit, Quantity):
        return limit.value
    return limit if isinstance(limit, int | Decimal) else None


def inputmode_of(item: Item) -> str | None:
    """The keyboard of a phone. That for numbers has no minus on every phone, so a question that may need one gets the
    ordinary keyboard."""
    low = _number(item.bounds.minimum)
    if kind_of(item) not in ("number", "quantity"):
        return {"url": "url"}.get(item.type)
    if low is not None and low < 0:
        return None
    return "numeric" if item.type == "integer" else "decimal"


def longest_of(item: Item) -> int | None:
    """The limit that the counter of a text area tells."""
    return longest(item) if kind_of(item) == "area" else None
