"""What an item says: its text, its help, and how it wishes to be shown."""

import re

from app.domain.fhir import ITEM_CONTROL
from app.domain.forms.model import NOTHING, ItemType
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.heads import Head
from app.domain.forms.reading.types import READ_ONLY
from app.domain.forms.reading.urls import DISPLAY_CATEGORY, ENABLE, HELP
from app.domain.phrase import Phrase
from app.domain.text import Text

_HELP = ("help", "flyover")
# The codes of R4 and SDC; others are noted, and the item looks like any of its type.
_CONTROLS = frozenset(
    {
        *("list", "table", "htable", "gtable", "atable", "tab-container", "header", "footer", "page", "grid"),
        *("inline", "prompt", "unit", "lower", "upper", "flyover", "help", "legal", "instructions", "security"),
        *("autocomplete", "drop-down", "check-box", "lookup", "radio-button", "slider", "spinner", "text-box"),
        *("text-area", "year", "month-year", *READ_ONLY),  # not of the standard, and common
    }
)
_LETTERS = re.compile(r"[^a-z]")
_SPELT = {_LETTERS.sub("", code): code for code in _CONTROLS} | {"yearmonth": "month-year"}


def text_of(item: Element, item_type: ItemType) -> Phrase:
    """The wording of an item. A group needs none; a question without one is named by its first code."""
    if item.string("text").strip() or item_type == "group":
        return item.phrase("text")
    item.note("text_missing")
    codes = item.objects("code") if "code" in item.data else []
    return codes[0].phrase("display") if codes else NOTHING


def control_of(item: Element, item_type: ItemType) -> str:
    """The code of the itemControl; of a text to read, else its category."""
    written = item.coded(ITEM_CONTROL)
    control = _SPELT.get(_LETTERS.sub("", written.lower()), written)
    if control and control not in _CONTROLS:
        item.note("control_unknown", control)
    elif control != written:
        item.note("control_spelling", written)
    return control or (item.coded(DISPLAY_CATEGORY) if item_type == "display" else "")


def help_of(item: Element, helper: Head | None) -> Phrase:
    """The help of an item: its own extension, a text below it, or (older forms) the words of its category."""
    own = item.extension(HELP)
    if own:
        return own.phrase(next((name for name in ("valueString", "valueMarkdown") if name in own.data), "valueString"))
    if helper:
        return helper.element.phrase("text")
    category = item.extension(DISPLAY_CATEGORY) if item.data.get("type") != "display" else None
    concept = category.object("valueCodeableConcept") if category else None
    words = concept.text("text") if concept else Text()
    if words.values:
        item.note("category_as_help")
    return Phrase.neutral(words)


def display_help(head: Head) -> Head | None:
    """The text below an item that only explains it; one with a condition of its own stays an item."""
    if head.element.extension(HELP):
        return None
    return next((below for below in head.below if _is_help(below)), None)


def without(heads: tuple[Head, ...], helper: Head | None) -> tuple[Head, ...]:
    """These without the one that became help."""
    return tuple(head for head in heads if head is not helper)


def _is_help(head: Head) -> bool:
    item = head.element
    conditional = "enableWhen" in item.data or item.extension(*ENABLE)
    return head.type == "display" and not conditional and not head.below and item.coded(ITEM_CONTROL) in _HELP
