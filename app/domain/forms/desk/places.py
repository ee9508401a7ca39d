"""Places in the JSON of a Questionnaire, whatever it may hold, and what is put there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.fhir import TRANSLATION, extensions_of, language_of
from app.domain.text import LANGUAGES, Language


@dataclass(frozen=True)
class Extension:
    """A step into the extension with this url, which is made where there is none yet."""

    url: str


Step = str | int | Extension
Place = tuple[Step, ...]


def objects_in(parent: Mapping[str, Any], name: str, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The objects in the list `name` of `parent`, each with its place; one that stands alone counts as a list."""
    found = parent.get(name)
    if isinstance(found, Mapping):
        yield (*place, name), found
    for number, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, Mapping):
            yield (*place, name, number), entry


def reach(data: dict[str, Any], place: Place) -> dict[str, Any]:
    """The object at `place`, made on the way where it is missing. `data` is changed."""
    here: Any = data
    for at, step in enumerate(place):
        if isinstance(step, Extension):
            here = _extension(here, step.url)
        elif isinstance(step, str) and not isinstance(place[at + 1] if at + 1 < len(place) else "", int):
            here = here.setdefault(step, {})
        else:
            here = here[step]
    found: dict[str, Any] = here
    return found


def drop(data: dict[str, Any], place: Place) -> None:
    """Take away the extension at the end of `place`, and what held nothing else."""
    last = place[-1]
    if not isinstance(last, Extension):
        return
    holder = reach(data, place[:-1])
    holder["extension"] = [entry for entry in _entries(holder) if entry.get("url") != last.url]
    if not holder["extension"]:
        del holder["extension"]
    if not holder and len(place) > 1 and isinstance(place[-2], str):
        reach(data, place[:-2]).pop(place[-2], None)


def put_words(element: dict[str, Any], name: str, words: Mapping[Language, str], base: Language) -> None:
    """The string `name` in the language `base`, with its translations beside it (extension `translation`).

    Translations to languages that we do not have stay as they were.
    """
    element.pop(name, None)
    if words.get(base):
        element[name] = words[base]
    shadow = element.get(f"_{name}")
    shadow = dict(shadow) if isinstance(shadow, Mapping) else {}
    kept = [entry for entry in _entries(shadow) if not _is_ours(entry)]
    entries = kept + [_translation(code, words[code]) for code in LANGUAGES if code != base and words.get(code)]
    shadow.pop("extension", None)
    whole = shadow | ({"extension": entries} if entries else {})
    element.pop(f"_{name}", None)
    if whole:
        element[f"_{name}"] = whole


def _extension(holder: dict[str, Any], url: str) -> dict[str, Any]:
    entries = _entries(holder)
    found = next((entry for entry in entries if entry.get("url") == url), None)
    if found is None:
        found = {"url": url}
        holder["extension"] = [*entries, found]
    return found


def _entries(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = holder.get("extension")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _is_ours(entry: Mapping[str, Any]) -> bool:
    codes = (part.get("valueCode") for part in extensions_of(entry) if part.get("url") == "lang")
    return entry.get("url") == TRANSLATION and any(language_of(code) for code in codes)


def _translation(language: Language, words: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}]
    return {"url": TRANSLATION, "extension": parts}
