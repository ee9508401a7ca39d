"""The type of an item: as R4 writes it, or as it is commonly written instead."""

import re
from collections.abc import Mapping
from typing import cast, get_args

from app.domain.fhir import ITEM_CONTROL
from app.domain.forms.model import ItemType
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.urls import ANSWER_CONSTRAINT

_LETTERS = re.compile(r"[^a-z]")
_TYPES: Mapping[str, ItemType] = {_LETTERS.sub("", name.lower()): name for name in get_args(ItemType)} | {"uri": "url"}
# Texts to read that some forms (Helsenorge's) give the type of a question.
READ_ONLY = ("help", "flyover", "inline", "sidebar", "highlight", "legal", "security", "instructions")
_ASKING = ("required", "repeats", "answerOption", "answerValueSet", "initial", "maxLength", "readOnly")
_OPEN = ("optionsOrType", "optionsOrString")


def type_of(item: Element) -> ItemType:
    """The type of the item; one that has none we know is noted, and taken as a text to read."""
    written = item.string("type")
    plain = _LETTERS.sub("", written.lower())
    if plain == "coding":
        item.note("type_of_r5", written)
        return "open-choice" if _is_open(item) else "choice"
    if not written or plain == "question":
        return _guessed(item, written)
    known = _TYPES.get(plain)
    if known is None:
        item.note("type_unknown", written)
    elif known != written:
        item.note("type_spelling", written)
    if known in ("string", "text") and _is_only_read(item):
        item.note("type_guessed", "display")
        return "display"
    return "open-choice" if known == "choice" and _is_open(item) else known or "display"


def _guessed(item: Element, written: str) -> ItemType:
    """The type of an item that does not say it: what offers answers is a choice, what holds items is a group."""
    holds = item.data
    if holds.get("answerOption") or holds.get("answerValueSet"):
        guess = "open-choice" if _is_open(item) else "choice"
    elif holds.get("item"):
        guess = "group"
    elif written:
        guess = "string"
    else:
        item.note("type_missing")
        return "display"
    item.note("type_guessed", guess)
    return cast(ItemType, guess)


def _is_only_read(item: Element) -> bool:
    """Whether a question is a text to read, by how it wishes to be shown; one that asks for anything is none."""
    return item.coded(ITEM_CONTROL) in READ_ONLY and not any(item.data.get(name) for name in _ASKING)


def _is_open(item: Element) -> bool:
    """Whether R5's answerConstraint lets people answer in their own words."""
    entry = item.extension(ANSWER_CONSTRAINT)
    return (item.string("answerConstraint") or (entry.string("valueCode") if entry else "")) in _OPEN
