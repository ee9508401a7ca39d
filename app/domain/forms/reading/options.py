"""The answers that a question offers: its answerOptions, or the list of a contained ValueSet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.domain.alarm_words import KINDS, AlarmKind
from app.domain.fhir import EXCLUSIVE, extension_of
from app.domain.forms.model import Option
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.urls import ALARMING, OPTION_PREFIX, SCORES
from app.domain.forms.reading.value_sets import Concept, found_in, listed
from app.domain.forms.reading.values import keys_of, value_in
from app.domain.forms.values import Coding, Value
from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Text

_WITHOUT_OPTIONS = ("group", "display", "boolean", "attachment")


@dataclass(frozen=True)
class Offer:
    """What is offered; where it is not `whole`, there are answers that could not be listed."""

    options: tuple[Option, ...] = ()
    whole: bool = True


def offer_of(item: Element, item_type: str, contained: Mapping[str, Element]) -> Offer:
    """The answers that `item` offers."""
    entries = item.objects("answerOption") if "answerOption" in item.data else []
    canonical = item.string("answerValueSet")
    if (entries or canonical) and item_type in _WITHOUT_OPTIONS:
        item.note("options_not_for_type", item_type)
        return Offer()
    if entries:
        return Offer(_distinct(item, [_option(entry, item_type) for entry in entries]))
    return _from_value_set(item, canonical, contained) if canonical else Offer()


def _option(entry: Element, item_type: str) -> Option | None:
    value = value_in(entry, "value", item_type)
    if value is None:
        entry.note("option_unreadable", ", ".join(keys_of(entry, "value")))
        return None
    coding = entry.object("valueCoding") if isinstance(value, Coding) else None
    if coding and not coding.string("code"):
        entry.note("option_without_code", coding.string("display"))
    prefix = entry.extension(OPTION_PREFIX)
    return Option(
        value=value,
        text=_words(entry, coding, value),
        exclusive=entry.flagged(EXCLUSIVE),
        initial=entry.flag("initialSelected"),
        score=_score(entry) if coding is None else _score(entry, coding),
        prefix=prefix.text("valueString") if prefix else Text(),
        alarming=_alarm(entry) or (_alarm(coding) if coding else ""),
    )


def _words(entry: Element, coding: Element | None, value: Value) -> Phrase:
    """What the option is called; a number or a date reads the same in all languages."""
    if coding:
        return coding.phrase("display") if coding.string("display") else _same(coding.string("code"))
    if "valueString" in entry.data:
        return entry.phrase("valueString")
    return _same(str(getattr(value, "display", "") or getattr(value, "reference", "") or value))


def _same(words: str) -> Phrase:
    return Phrase.neutral(Text(dict.fromkeys(LANGUAGES, words)))


def _alarm(place: Element) -> AlarmKind | Literal[""]:
    """Which emergency card the option raises: its code, or that of immediate help where it only says that it does."""
    code = extension_of(place.data, ALARMING).get("valueCode")
    named = next((kind for kind in KINDS if kind == code), None)
    return named or ("immediate" if code or place.flagged(ALARMING) else "")


def _score(*places: Element) -> Decimal | None:
    """The ordinal or weight of an option, on itself or on its coding."""
    for place in places:
        found = place.extension(*SCORES)
        if found:
            return found.number("valueDecimal" if "valueDecimal" in found.data else "valueInteger")
    return None


def _from_value_set(item: Element, canonical: str, contained: Mapping[str, Element]) -> Offer:
    value_set = found_in(contained, canonical)
    if value_set is None:
        item.note("contained_missing" if canonical.startswith("#") else "value_set_not_resolved", canonical)
        return Offer(whole=False)
    found = listed(value_set)
    if not found.whole:
        item.note("value_set_in_part" if found.concepts else "value_set_not_resolved", canonical)
    return Offer(_distinct(item, [_listed_option(concept) for concept in found.concepts]), found.whole)


def _listed_option(concept: Concept) -> Option:
    coding = Coding(concept.code, concept.system, concept.display)
    return Option(coding, Phrase.neutral(concept.text), score=_score(concept.element), alarming=_alarm(concept.element))


def _distinct(item: Element, options: Iterable[Option | None]) -> tuple[Option, ...]:
    """The options, each value once."""
    by_value: dict[Value, Option] = {}
    for option in options:
        if option and option.value in by_value:
            item.note("option_twice", option.value.code if isinstance(option.value, Coding) else option.value)
        elif option:
            by_value[option.value] = option
    return tuple(by_value.values())
