"""Reading FHIR R4 elements as parsed JSON: extensions, and strings with their translations."""

from collections.abc import Mapping
from typing import Any

from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Text

OWN = "https://asiointi-ikkuna.example/fhir/StructureDefinition/"
CORE = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = CORE + "translation"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
EXCLUSIVE = CORE + "questionnaire-optionExclusive"
UNIT = CORE + "questionnaire-unit"
MINIMUM, MAXIMUM = CORE + "minValue", CORE + "maxValue"
USAGE_CONTEXT = "http://terminology.hl7.org/CodeSystem/usage-context-type"
FOCUS = "focus"  # the usage context that says what a form is about


def phrase_of(element: Mapping[str, Any], name: str = "text") -> Phrase:
    """The string `name` of `element` in both voices and all its languages."""
    own = translated(element, name)
    other = extension_of(_shadow(element, name), OWN + "text-for-another")
    return Phrase(own, translated(other, "valueString")) if other else Phrase.neutral(own)


def translated(element: Mapping[str, Any], name: str) -> Text:
    """The string `name` of `element`, taken as Finnish, with its translations."""
    values = {"fi": element[name]} if isinstance(element.get(name), str) else {}
    for entry in extensions_of(_shadow(element, name)):
        parts = extensions_of(entry) if entry.get("url") == TRANSLATION else ()
        pair = {part.get("url"): part.get("valueCode") or part.get("valueString") for part in parts}
        if pair.get("lang") in LANGUAGES and isinstance(pair.get("content"), str):
            values[str(pair["lang"])] = str(pair["content"])
    return Text(values)


def _shadow(element: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The element beside a primitive, `_text` beside `text`, that carries its extensions."""
    shadow = element.get(f"_{name}")
    return shadow if isinstance(shadow, Mapping) else {}


def extensions_of(element: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The extensions of an element; what is no extension is passed over."""
    entries = element.get("extension")
    return tuple(entry for entry in entries if isinstance(entry, Mapping)) if isinstance(entries, list) else ()


def extension_of(element: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    """The first extension with this url, or an empty one."""
    return next((entry for entry in extensions_of(element) if entry.get("url") == url), {})
