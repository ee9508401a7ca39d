"""Changed texts and marks, written into a copy of the Questionnaire."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from app.domain.forms.desk.places import Extension, Place, drop, put_words, reach
from app.domain.forms.desk.texts import Entry, Slot, base_language
from app.domain.forms.reading.urls import ALARMING, MEANING_CHANGED
from app.domain.text import LANGUAGES, Language

# What a form can be without; anything else keeps its words in the language of the form.
OPTIONAL = frozenset({"description", "another", "help", "prefix", "placeholder", "option_another", "option_prefix"})
Words = Mapping[Language, str]


@dataclass(frozen=True)
class Edits:
    """What was typed, by the number of the text or of what it belongs to; what is not named stays as it is."""

    words: Mapping[int, Words] = field(default_factory=dict)
    alarming: Mapping[int, str] = field(default_factory=dict)
    changed: Mapping[int, bool] = field(default_factory=dict)


def wordless(entries: Sequence[Entry], edits: Edits, base: Language) -> tuple[int, ...]:
    """The numbers of the texts that would lose the words that all others translate: a text needs its wording in the
    language of the form wherever it has one in another, and what people read to answer needs one anyhow."""
    slots = {slot.number: slot for entry in entries for slot in entry.slots}
    return tuple(number for number, words in edits.words.items() if _loses(slots[number], words, base))


def edited(content: Mapping[str, Any], entries: Sequence[Entry], edits: Edits) -> dict[str, Any]:
    """The Questionnaire with these edits. `entries` are those of `content`."""
    made, base = deepcopy(dict(content)), base_language(content)
    for entry in entries:
        for slot in entry.slots:
            if slot.number in edits.words:
                _put(made, slot, edits.words[slot.number], base)
            if slot.number in edits.alarming and edits.alarming[slot.number] != slot.alarming:
                _mark(made, slot, edits.alarming[slot.number])
        if edits.changed.get(entry.number, entry.changed) != entry.changed:
            _flag(made, entry.place, MEANING_CHANGED, on=not entry.changed)
    return made


def _loses(slot: Slot, words: Words, base: Language) -> bool:
    if words.get(base):
        return False
    kept_without = slot.kind in OPTIONAL or not slot.text.values
    return any(words.get(code) for code in LANGUAGES) or not kept_without


def _put(made: dict[str, Any], slot: Slot, words: Words, base: Language) -> None:
    if {code: words.get(code, "") for code in LANGUAGES} == {
        code: slot.text.values.get(code, "") for code in LANGUAGES
    }:
        return
    if not any(words.values()) and slot.place and isinstance(slot.place[-1], Extension):
        drop(made, slot.place)
    else:
        put_words(reach(made, slot.place), slot.name, words, base)


def _mark(made: dict[str, Any], slot: Slot, kind: str) -> None:
    """The mark stands on the option itself; one on its coding goes."""
    drop(made, (*slot.at, Extension(ALARMING)))
    if slot.place != slot.at:
        drop(made, (*slot.place, Extension(ALARMING)))
    if kind:
        reach(made, (*slot.at, Extension(ALARMING)))["valueCode"] = kind


def _flag(made: dict[str, Any], place: Place, url: str, *, on: bool) -> None:
    if on:
        reach(made, (*place, Extension(url)))["valueBoolean"] = True
    else:
        drop(made, (*place, Extension(url)))
