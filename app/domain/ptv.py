"""Small readers for JSON of the Finnish Service Catalogue (PTV Open API v11).

They never guess: a missing or empty value is None or empty, a value of the wrong type raises Broken with the name of
the field, so that a report can say what was skipped and why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.text import LANGUAGES, Text

Words = Mapping[str, tuple[str, ...]]
_HTTPS_OF_NAMES = re.compile(r"^https://(?=uri\.suomi\.fi|urn\.fi|www\.yso\.fi)")


class Broken(ValueError):
    """An item can't be read; the message names the field and what is wrong with it."""


@dataclass(frozen=True)
class Code:
    """A classification: its normalised address and its names. `uri` is the new one where PTV tells it."""

    uri: str
    names: Text


def items(item: Mapping[str, Any], field: str) -> Iterator[Mapping[str, Any]]:
    """The objects in the list `field`; nothing where it is missing or null."""
    value = item.get(field)
    if value is None:
        return
    if not isinstance(value, list):
        raise Broken(f"{field} is not a list")
    for part in value:
        if not isinstance(part, Mapping):
            raise Broken(f"{field} has an entry that is not an object")
        yield part


def string(item: Mapping[str, Any], field: str) -> str | None:
    """The text in `field` without spaces around it; None where it is missing or empty."""
    value = item.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Broken(f"{field} is not text")
    return value.replace("\x00", "").strip() or None


def strings(item: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The texts in the list `field`."""
    value = item.get(field) or []
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise Broken(f"{field} is not a list of texts")
    return tuple(part for part in value if part)


def flag(item: Mapping[str, Any], field: str) -> bool:
    """The truth value in `field`; False where it is missing."""
    value = item.get(field)
    if value is not None and not isinstance(value, bool):
        raise Broken(f"{field} is neither true nor false")
    return value is True


def part(item: Mapping[str, Any], field: str) -> Mapping[str, Any] | None:
    """The object in `field`; None where it is missing."""
    value = item.get(field)
    if value is not None and not isinstance(value, Mapping):
        raise Broken(f"{field} is not an object")
    return value


def uuid(item: Mapping[str, Any], field: str) -> UUID:
    """The identifier in `field`; it must be there."""
    value = string(item, field)
    try:
        return UUID(value or "")
    except ValueError:
        raise Broken(f"{field} is not an identifier") from None


def optional_uuid(item: Mapping[str, Any], field: str) -> UUID | None:
    """The identifier in `field`, or None where there is none."""
    return uuid(item, field) if string(item, field) else None


def linked(item: Mapping[str, Any], field: str, target: str) -> tuple[UUID, ...]:
    """Identifiers of what the connections in the list `field` lead to: `[{target: {id, name}}]`, each once."""
    found = []
    for link in items(item, field):
        other = link.get(target)
        if not isinstance(other, Mapping):
            raise Broken(f"{target} is not an object")
        found.append(uuid(other, "id"))
    return tuple(dict.fromkeys(found))


def moment(item: Mapping[str, Any], field: str) -> datetime | None:
    """The instant in `field` in UTC; PTV writes UTC, also where it leaves the zone out."""
    value = string(item, field)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Broken(f"{field} is not a time") from None


def words(item: Mapping[str, Any], field: str, *types: str) -> Words:
    """Texts of `[{language, value, type}]` by language, in order, in our languages; `types` limits the type.

    General descriptions merged into a service carry the prefix GD_ (…/serviceWithGD); it is ignored.
    """
    found: dict[str, list[str]] = {}
    for part in items(item, field):
        kind = (string(part, "type") or "").removeprefix("GD_")
        value, language = string(part, "value"), string(part, "language")
        if value and language in LANGUAGES and (not types or kind in types):
            found.setdefault(language, []).append(value)
    return {language: tuple(dict.fromkeys(values)) for language, values in found.items()}


def first(found: Words) -> Text:
    """The first text of each language."""
    return Text({language: values[0] for language, values in found.items()})


def joined(found: Words) -> Text:
    """All texts of each language as paragraphs, in order."""
    return Text({language: "\n\n".join(values) for language, values in found.items()})


def required_names(item: Mapping[str, Any], field: str) -> Text:
    """The names in `field` (other names left out). Raises Broken where there is none in any of our languages."""
    names = first(words(item, field, "Name", ""))
    if not names.values:
        raise Broken(f"{field} has no name")
    return names


def codes(item: Mapping[str, Any], field: str) -> tuple[Code, ...]:
    """Classifications of `field` with normalised addresses; entries without an address are left out."""
    found = (
        Code(_normal_uri(uri), first(words(part, "name")))
        for part in items(item, field)
        if (uri := string(part, "newUri") or string(part, "uri"))
    )
    return tuple({code.uri: code for code in found}.values())


def _normal_uri(uri: str) -> str:
    return _HTTPS_OF_NAMES.sub("http://", uri).rstrip("/")


def objects(data: Any) -> Sequence[Any]:
    """The items of a file: one item, a list, or a page with `itemList`. Raises Broken on anything else."""
    if isinstance(data, Mapping) and "itemList" in data:
        data = data["itemList"]
    if isinstance(data, Mapping):
        return [data]
    if not isinstance(data, list):
        raise Broken("not an item, a list or a page of the catalogue")
    return data
