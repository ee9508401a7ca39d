"""The controls of a form's page, as a plain browser shows them: by the field and its part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from tests.tools.document import Form

Kind = Literal["radio", "checkbox", "select", "line", "area", "file"]
_BY_TAG: Mapping[str, Kind] = {"select": "select", "textarea": "area"}
_BY_TYPE: Mapping[str, Kind] = {"radio": "radio", "checkbox": "checkbox", "file": "file"}
_NO_FIELDS = ("hidden", "submit", "button")


@dataclass(frozen=True)
class Control:
    """What may be given under one name: `offered` are the values to choose from, `count` how many inputs there are."""

    kind: Kind
    offered: tuple[str, ...] = ()
    count: int = 1


def controls_of(form: Form) -> Mapping[str, Mapping[str, Control]]:
    """By the name of the field (`f12.0`), then by its part (`day`; "" the main one)."""
    found: dict[str, dict[str, Control]] = {}
    for element in form.element.iter():
        name, kind = element.get("name", ""), _kind_of(element)
        if not name or kind is None:
            continue
        plain, _, part = name.partition("-")
        parts = found.setdefault(plain, {})
        parts[part] = _together(parts.get(part), Control(kind, tuple(_offered(element, kind))))
    return found


def additions_of(form: Form) -> list[str]:
    """The values of the ”Add another” buttons."""
    return [value for _words, name, value in form.buttons if name == "add"]


def _together(known: Control | None, more: Control) -> Control:
    if known is None:
        return more
    if known.kind in ("radio", "checkbox"):
        return Control(known.kind, (*known.offered, *more.offered))
    return Control(known.kind, known.offered, known.count + 1)


def _kind_of(element: Element) -> Kind | None:
    if element.tag in _BY_TAG:
        return _BY_TAG[element.tag]
    kind = element.get("type", "text")
    return _BY_TYPE.get(kind, "line") if element.tag == "input" and kind not in _NO_FIELDS else None


def _offered(element: Element, kind: Kind) -> Iterator[str]:
    if kind in ("radio", "checkbox"):
        yield element.get("value", "on")
    elif kind == "select":
        yield from (value for one in element.iter("option") if (value := one.get("value", "")))
