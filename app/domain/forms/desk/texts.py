"""Every text of a Questionnaire with where it stands, in the order in which content owners go through them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.alarm_words import KINDS
from app.domain.fhir import UNIT, extension_of, language_of, translated
from app.domain.forms.desk.places import Extension, Place, objects_in
from app.domain.forms.reading.urls import (
    ALARMING,
    CONSTRAINTS,
    ENTRY_FORMAT,
    FOR_ANOTHER,
    HELP,
    MEANING_CHANGED,
    OPTION_PREFIX,
    UNIT_OPTION,
)
from app.domain.text import LANGUAGES, Language, Text

SlotKind = Literal[
    "title",
    "description",
    "text",
    "another",
    "help",
    "prefix",
    "placeholder",
    "option",
    "option_another",
    "option_prefix",
    "unit",
    "rule",
]
NEUTRAL = 5  # characters: "1 a)" and "kg/m²" read the same in all languages


@dataclass(frozen=True)
class Slot:
    """One text: the string `name` of the object at `place`. `number` names it within this content. `alarming`: of an
    option, the kind of emergency that it raises (empty: none); None of everything else. `at`: the option itself."""

    number: int
    kind: SlotKind
    place: Place
    name: str
    text: Text
    alarming: str | None = None
    at: Place = ()

    @property
    def missing(self) -> tuple[Language, ...]:
        """The languages that this text lacks; none where nobody has written it, or where there is no word in it."""
        words = "".join(self.text.values.values())
        short = len(words) <= NEUTRAL * len(self.text.values)
        neutral = short and self.kind in ("prefix", "option_prefix", "unit")
        if neutral or not any(letter.isalpha() for letter in words):
            return ()
        return tuple(code for code in LANGUAGES if not self.text.values.get(code))


@dataclass(frozen=True)
class Entry:
    """What the texts belong to: the form itself (`type` is "form"), an item, or a list of answers (`type` is "list").

    `changed`: the author marked that the meaning changed. `number` names it within this content.
    """

    number: int
    type: str
    link_id: str
    place: Place
    slots: tuple[Slot, ...]
    changed: bool = False

    @property
    def title(self) -> Text:
        """What it is called."""
        return self.slots[0].text if self.slots else Text()

    @property
    def is_question(self) -> bool:
        return self.type not in ("form", "list", "group", "display")


def base_language(content: Mapping[str, Any]) -> Language:
    """The language of the strings themselves, beside which the translations stand."""
    return language_of(content.get("language")) or "fi"


def entries_of(content: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Everything that has texts: the form, its items in reading order, then the lists of answers."""
    return _Reader(base_language(content)).all(content)


def missing_texts(entries: Sequence[Entry]) -> Mapping[Language, int]:
    """How many texts lack each language; only languages that lack some."""
    lacking = [code for entry in entries for slot in entry.slots for code in slot.missing]
    return {code: lacking.count(code) for code in LANGUAGES if code in lacking}


@dataclass
class _Reader:
    base: Language
    slots: int = 0
    entries: int = 0

    def all(self, content: Mapping[str, Any]) -> tuple[Entry, ...]:
        form = [self._slot("title", (), content, "title"), self._slot("description", (), content, "description")]
        found = [self._entry("form", "", (), [*form, *self._rules(content, ())])]
        for place, item in objects_in(content, "item", ()):
            found += self._items(item, place)
        for place, value_set in objects_in(content, "contained", ()):
            found += self._list(value_set, place)
        return tuple(found)

    def _items(self, item: Mapping[str, Any], place: Place) -> Iterator[Entry]:
        slots = [
            self._slot("text", place, item, "text"),
            self._another("another", place, item, "text"),
            self._added("help", place, item, HELP),
            *self._there("prefix", place, item, "prefix"),
            *self._extended("placeholder", place, item, ENTRY_FORMAT),
        ]
        for option_place, option in objects_in(item, "answerOption", place):
            slots += self._option(option, option_place)
        slots += [*self._units(item, place), *self._rules(item, place)]
        changed = extension_of(item, MEANING_CHANGED).get("valueBoolean") is True
        yield self._entry(str(item.get("type", "")), str(item.get("linkId", "")), place, slots, changed=changed)
        for child_place, child in objects_in(item, "item", place):
            yield from self._items(child, child_place)

    def _option(self, option: Mapping[str, Any], at: Place) -> Iterator[Slot]:
        coding = option.get("valueCoding")
        holder, place, name = (
            (coding, (*at, "valueCoding"), "display") if isinstance(coding, Mapping) else (option, at, "valueString")
        )
        if isinstance(coding, Mapping) or isinstance(option.get("valueString"), str):
            alarming = _alarm(option) or (_alarm(coding) if isinstance(coding, Mapping) else "")
            yield self._slot("option", place, holder, name, alarming=alarming, at=at)
            if extension_of(_shadow(holder, name), FOR_ANOTHER):
                yield self._another("option_another", place, holder, name)
        yield from self._extended("option_prefix", at, option, OPTION_PREFIX)

    def _list(self, value_set: Mapping[str, Any], place: Place) -> Iterator[Entry]:
        slots = []
        for at, concept in _concepts(value_set, place):
            slots.append(self._slot("option", at, concept, "display", alarming=_alarm(concept), at=at))
        if slots:
            yield self._entry("list", f"#{value_set.get('id', '')}", place, slots)

    def _units(self, item: Mapping[str, Any], place: Place) -> Iterator[Slot]:
        for at, entry in objects_in(item, "extension", place):
            coding = entry.get("valueCoding")
            if entry.get("url") in (UNIT, UNIT_OPTION) and isinstance(coding, Mapping) and _is_named(coding):
                yield self._slot("unit", (*at, "valueCoding"), coding, "display")

    def _rules(self, element: Mapping[str, Any], place: Place) -> Iterator[Slot]:
        for at, rule in objects_in(element, "extension", place):
            if rule.get("url") in CONSTRAINTS:
                for part_at, part in objects_in(rule, "extension", at):
                    if part.get("url") in ("human", "requirements"):
                        yield from self._there("rule", part_at, part, "valueString")
                        yield from self._there("rule", part_at, part, "valueMarkdown")

    def _another(self, kind: SlotKind, place: Place, element: Mapping[str, Any], name: str) -> Slot:
        """The wording of the string `name` where the form is about another person."""
        own = extension_of(_shadow(element, name), FOR_ANOTHER)
        return self._slot(kind, (*place, f"_{name}", Extension(FOR_ANOTHER)), own, "valueString")

    def _added(self, kind: SlotKind, place: Place, element: Mapping[str, Any], url: str) -> Slot:
        """The text of an extension, which may not be there yet."""
        own = extension_of(element, url)
        name = "valueMarkdown" if "valueMarkdown" in own else "valueString"
        return self._slot(kind, (*place, Extension(url)), own, name)

    def _extended(self, kind: SlotKind, place: Place, element: Mapping[str, Any], url: str) -> Iterator[Slot]:
        if extension_of(element, url):
            yield self._added(kind, place, element, url)

    def _there(self, kind: SlotKind, place: Place, element: Mapping[str, Any], name: str) -> Iterator[Slot]:
        if isinstance(element.get(name), str):
            yield self._slot(kind, place, element, name)

    def _slot(
        self,
        kind: SlotKind,
        place: Place,
        element: Mapping[str, Any],
        name: str,
        *,
        alarming: str | None = None,
        at: Place = (),
    ) -> Slot:
        self.slots += 1
        text = Text({**_designated(element), **translated(element, name, self.base).values})
        return Slot(self.slots, kind, place, name, text, alarming, at)

    def _entry(self, kind: str, link_id: str, place: Place, slots: Sequence[Slot], *, changed: bool = False) -> Entry:
        self.entries += 1
        return Entry(self.entries, kind, link_id, place, tuple(slots), changed)


def _concepts(value_set: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """What a ValueSet lists; a stack, for an expansion may be nested very deep."""
    expansion = value_set.get("expansion")
    if isinstance(expansion, Mapping) and expansion.get("contains"):
        waiting = [*objects_in(expansion, "contains", (*place, "expansion"))][::-1]
        while waiting:
            at, concept = waiting.pop()
            yield at, concept
            waiting += [*objects_in(concept, "contains", at)][::-1]
        return
    compose = value_set.get("compose")
    for at, part in objects_in(compose, "include", (*place, "compose")) if isinstance(compose, Mapping) else ():
        yield from objects_in(part, "concept", at)


def _designated(element: Mapping[str, Any]) -> dict[str, str]:
    """The words of a code in other languages, as terminologies tell them."""
    others = [one for _at, one in objects_in(element, "designation", ())]
    pairs = [(language_of(one.get("language")), one.get("value")) for one in others]
    return {language: words for language, words in pairs if language and isinstance(words, str) and words}


def _is_named(coding: Mapping[str, Any]) -> bool:
    """Whether it has a name that is more than its code (kg, cm)."""
    return coding.get("display") not in (None, coding.get("code"))


def _alarm(place: Mapping[str, Any]) -> str:
    found = extension_of(place, ALARMING)
    code = found.get("valueCode")
    return code if code in KINDS else "immediate" if code or found.get("valueBoolean") is True else ""


def _shadow(element: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    shadow = element.get(f"_{name}")
    return shadow if isinstance(shadow, Mapping) else {}
