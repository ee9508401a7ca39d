"""First look at the items: who is there, of what type, offering what. Conditions need to know it of later items too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.forms.model import ItemType
from app.domain.forms.notes import FormRefused
from app.domain.forms.reading.conditions import Asked
from app.domain.forms.reading.elements import Element, number_of
from app.domain.forms.reading.note_codes import Notes
from app.domain.forms.reading.options import Offer, offer_of
from app.domain.forms.reading.types import type_of
from app.domain.forms.reading.urls import CALCULATED, HIDDEN

MOST_ITEMS = 5_000
DEEPEST = 40  # items within items


@dataclass(frozen=True)
class Head:
    """One item as it was first seen."""

    element: Element
    link_id: str
    type: ItemType
    offer: Offer
    below: tuple["Head", ...]

    def walk(self) -> Iterator["Head"]:
        """This one and all below it, in reading order."""
        yield self
        for head in self.below:
            yield from head.walk()


def check_size(data: Mapping[str, object]) -> None:
    """Raises FormRefused where there are more items, or deeper ones, than this engine takes. Level by level, so that
    no depth can exhaust the stack."""
    level, items, depth = [data], 0, 0
    while level := [child for element in level for child in _children(element)]:
        items, depth = items + len(level), depth + 1
        if items > MOST_ITEMS or depth > DEEPEST:
            notes = Notes()
            notes.add("too_deep" if depth > DEEPEST else "too_many_items")
            raise FormRefused(notes.all())


def _children(element: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = element.get("item")
    entries = found if isinstance(found, list) else [found]
    return [entry for entry in entries if isinstance(entry, Mapping)]


def heads_of(root: Element, contained: Mapping[str, Element]) -> tuple[Head, ...]:
    """The items at the top, with all below them."""
    heads = _heads(root, contained)
    seen: set[str] = set()
    for head in (inner for top in heads for inner in top.walk()):
        if head.link_id and head.link_id in seen:
            head.element.note("link_id_twice")
        seen.add(head.link_id)
    return heads


def questions_in(heads: tuple[Head, ...]) -> dict[str, Asked]:
    """What conditions may name, by linkId."""
    return {head.link_id: Asked(head.type, head.offer) for top in heads for head in top.walk()}


def _heads(above: Element, contained: Mapping[str, Element]) -> tuple[Head, ...]:
    raw = above.data.get("item")
    if raw is None:
        return ()
    entries = above.objects("item")
    if isinstance(raw, list | Mapping) and len(entries) == (len(raw) if isinstance(raw, list) else 1):
        return tuple(_head(entry, contained) for entry in entries)
    above.note("item_unreadable")
    return ()


def _head(entry: Element, contained: Mapping[str, Element]) -> Head:
    element = Element(entry.data, entry.notes, entry.base, _link_id(entry))
    item_type = type_of(element)
    offer = offer_of(element, item_type, contained)
    if item_type == "choice" and not (offer.whole and offer.options) and not _is_filled(element):
        if offer.whole:
            element.note("choice_without_options")
        item_type, offer = "open-choice", Offer(offer.options, whole=False)
    below = _heads(element, contained)
    if item_type == "display" and below:  # what is below a text would never be asked
        element.note("type_guessed", "group")
        item_type = "group"
    return Head(element, element.link_id, item_type, offer, below)


def _is_filled(element: Element) -> bool:
    """Whether the answer comes from the form itself, so that nobody needs to choose it."""
    return bool(element.extension(*CALCULATED)) or element.flagged(HIDDEN) or element.flag("readOnly")


def _link_id(entry: Element) -> str:
    raw = entry.data.get("linkId")
    link_id = str(raw) if isinstance(raw, str) or number_of(raw) is not None else ""
    if not link_id:
        entry.note("link_id_missing", entry.data.get("text", ""))
    elif not isinstance(raw, str):
        entry.notes.add("link_id_as_number", link_id)
    return link_id
