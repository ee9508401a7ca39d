"""The answers that a contained ValueSet lists: its expansion, or the concepts that it names one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.fhir import language_of
from app.domain.forms.reading.elements import Element
from app.domain.forms.values import plain_code
from app.domain.text import Text


@dataclass(frozen=True)
class Concept:
    """One code offered, where it stands (its extensions hold a score) and its words."""

    code: str
    system: str
    display: str
    text: Text
    element: Element


@dataclass(frozen=True)
class Listed:
    """What a ValueSet lists; `whole`: nothing else belongs to it."""

    concepts: tuple[Concept, ...]
    whole: bool


def contained_in(root: Element) -> dict[str, Element]:
    """The resources within the Questionnaire, by what names them: `#id`, and their own url."""
    found: dict[str, Element] = {}
    for resource in root.objects("contained") if "contained" in root.data else ():
        for name in (f"#{resource.string('id')}", resource.string("url")):
            if name not in ("", "#"):
                found.setdefault(name, resource)
    return found


def found_in(contained: Mapping[str, Element], canonical: str) -> Element | None:
    """The resource that a canonical url names, if it came along; its version makes no difference."""
    return contained.get(canonical) or contained.get(canonical.partition("|")[0])


def listed(value_set: Element) -> Listed:
    """The answers of a ValueSet that can be chosen."""
    expansion = value_set.object("expansion")
    if expansion and expansion.data.get("contains"):
        return Listed(tuple(_contains(expansion)), whole=True)
    compose = value_set.object("compose")
    if not compose:
        return Listed((), whole=False)
    includes = compose.objects("include")
    barred = {(concept.system, concept.code) for part in compose.objects("exclude") for concept in _concepts(part)}
    found = (concept for part in includes for concept in _concepts(part))
    named = all("concept" in part.data and "valueSet" not in part.data for part in includes)
    return Listed(tuple(one for one in found if (one.system, one.code) not in barred), whole=named and bool(includes))


def _contains(expansion: Element) -> Iterator[Concept]:
    """The codes of an expansion in their order, those below others too; a stack, for it may be nested very deep."""
    waiting = expansion.objects("contains")[::-1]
    while waiting:
        entry = waiting.pop()
        if not (entry.flag("abstract") or entry.flag("inactive")) and _code(entry):
            yield _concept(entry, entry.string("system"))
        if "contains" in entry.data:
            waiting += entry.objects("contains")[::-1]


def _concepts(part: Element) -> Iterator[Concept]:
    system = part.string("system")
    return (_concept(entry, system) for entry in part.objects("concept") if _code(entry))


def _concept(entry: Element, system: str) -> Concept:
    code, display = _code(entry), entry.string("display")
    words: Mapping[str, str] = entry.text("display").values or {entry.base: code}
    designations = entry.objects("designation") if "designation" in entry.data else ()
    others = {language_of(other.string("language")): other.string("value") for other in designations}
    added: dict[str, str] = {language: value for language, value in others.items() if language and value}
    return Concept(code, system, display or code, Text({**added, **words}), entry)


def _code(entry: Element) -> str:
    """The code, or the display where there is none."""
    return plain_code(entry.string("code") or entry.string("display"))
