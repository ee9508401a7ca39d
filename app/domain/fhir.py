"""Reading FHIR R4 elements as parsed JSON: extensions, and strings with their translations."""

from collections.abc import Mapping
from typing import Any

from app.domain.phrase import Phrase
from app.domain.text import LANGUAGES, Language, Text

OWN = "https://asiointi-ikkuna.example/fhir/StructureDefinition/"
CORE = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = CORE + "translation"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
EXCLUSIVE = CORE + "questionnaire-optionExclusive"
UNIT = CORE + "questionnaire-unit"
MINIMUM, MAXIMUM = CORE + "minValue", CORE + "maxValue"
USAGE_CONTEXT = "http://terminology.hl7.org/CodeSystem/usage-context-type"
FOCUS = "focus"  # the usage context that says what a form is about


def phrase_of(element: Mapping[str, Any], name: str = "text", base: Language = "fi") -> Phrase:
    """The string `name` of `element` in both voices and all its languages; `base` is that of the string itself."""
    own = translated(element, name, base)
    other = extension_of(_shadow(element, name), OWN + "text-for-another")
    return Phrase(own, translated(other, "valueString", base)) if other else Phrase.neutral(own)


def translated(element: Mapping[str, Any], name: str, base: Language = "fi") -> Text:
    """The string `name` of `element`, which is in the language `base`, with its translations."""
    values: dict[str, str] = {base: element[name]} if isinstance(element.get(name), str) else {}
    for entry in extensions_of(_shadow(element, name)):
        parts = extensions_of(entry) if entry.get("url") == TRANSLATION else ()
        pair = {str(part.get("url")): _first_string(part) for part in parts}
        language = language_of(pair.get("lang"))
        if language and "content" in pair:
            values[language] = pair["content"]
    return Text({language: words for language, words in values.items() if words})


def language_of(code: object) -> Language | None:
    """Ours of the three that a BCP 47 code (`sv-FI`) means; None for any other."""
    subtag = code.split("-")[0].lower() if isinstance(code, str) else ""
    return next((language for language in LANGUAGES if language == subtag), None)


def _first_string(part: Mapping[str, Any]) -> str:
    found = (part.get(name) for name in ("valueCode", "valueString", "valueMarkdown"))
    return next((value for value in found if isinstance(value, str)), "")


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
