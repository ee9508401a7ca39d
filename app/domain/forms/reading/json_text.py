"""The file of a Questionnaire: bytes that may come from anywhere, made into an object of a sound size and depth."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.reading.heads import check_size
from app.domain.forms.reading.note_codes import Notes
from app.domain.forms.reading.stu3 import to_r4

LARGEST = 5_000_000  # bytes
DEEPEST_JSON = 140  # lists and objects within each other: 40 items deep, and what an item may hold
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
Pairs = list[tuple[str, Any]]
_MEANING = ("item", "linkId", "type", "enableWhen", "enableBehavior", "answerOption", "answerValueSet")


class Parsed(dict[str, Any]):
    """A Questionnaire as it was parsed; `notes` are what the JSON itself departed in."""

    notes: tuple[Note, ...] = ()


def parse_questionnaire(content: bytes) -> Mapping[str, Any]:
    """The Questionnaire in a file of UTF-8 JSON, with or without a byte order mark.

    Raises FormRefused where it is no JSON, no Questionnaire, larger than 5 MB, or too deep or too many items for us.
    """
    if len(content) > LARGEST:
        _refuse("too_large", len(content))
    found, repeated = _loaded(content)
    if not isinstance(found, dict):
        _refuse("not_an_object", type(found).__name__)
    if found.get("resourceType") != "Questionnaire":
        _refuse("not_a_questionnaire", found.get("resourceType"))
    check_size(found)
    _check_depth(found)
    _check_characters(content, found)
    notes = Notes()
    if to_r4(found):
        notes.add("from_stu3")
    parsed = Parsed(found)
    parsed.notes = (*repeated, *notes.all())
    return parsed


def _loaded(content: bytes) -> tuple[Any, tuple[Note, ...]]:
    notes = Notes()

    def unique(pairs: Pairs) -> dict[str, Any]:
        made = {name: _without_control(value, notes) for name, value in pairs}
        if len(made) != len(pairs):
            _note_repeated(pairs, made, notes)
        return made

    try:
        text = content.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=unique, parse_constant=_no_number, parse_float=_float)
    except RecursionError:
        _refuse("too_deep")
    except ValueError as error:  # JSON, UTF-8 and number errors are all of this kind
        _refuse("not_json", error)
    return found, notes.all()


def _note_repeated(pairs: Pairs, made: dict[str, Any], notes: Notes) -> None:
    """Note the first key that stands there twice; JSON takes the last, which may take questions away."""
    names = [name for name, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    lost = [name for name, value in pairs if name in _MEANING and value != made[name]]
    code = "duplicate_key_lost" if lost else "duplicate_key"
    notes.add(code, str(made.get("linkId", "")), (lost or twice)[0])


def _without_control(value: Any, notes: Notes) -> Any:
    """A string without the characters that FHIR has none of. (NUL is refused: it can be no slip of an editor.)"""
    if not isinstance(value, str) or not _CONTROL.search(value):
        return value
    notes.add("control_characters")
    return _CONTROL.sub("", value)


def _float(written: str) -> float:
    number = float(written)
    return number if isfinite(number) else _no_number(written)


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


def _check_depth(found: object) -> None:
    """Level by level: nobody after this may run out of stack."""
    level, depth = [found], 0
    while level:
        depth += 1
        inner = (child for one in level for child in (one.values() if isinstance(one, dict) else _list(one)))
        level = [child for child in inner if isinstance(child, dict | list)]
        if depth > DEEPEST_JSON:
            _refuse("too_deep")


def _list(one: object) -> list[object]:
    return one if isinstance(one, list) else []


def _check_characters(content: bytes, found: object) -> None:
    """Neither the database nor UTF-8 can hold NUL or half a character; JSON can write them, escaped."""
    if b"\\u0000" not in content and b"\\ud" not in content.lower():
        return
    written = json.dumps(found, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        _refuse("unusable_characters")
    if r"\u0000" in written.replace(r"\\", ""):
        _refuse("unusable_characters")


def _refuse(code: str, detail: object = "") -> NoReturn:
    notes = Notes()
    notes.add(code, detail=detail)
    raise FormRefused(notes.all())
