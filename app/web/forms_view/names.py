"""Names of fields in HTML. A linkId may hold anything, so a field is called by its item's number: `f12`, inside
repetitions `f12.0.1`; a part of it `f12-day`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.forms.answering.typed import RawField
from app.domain.forms.answers import Address
from app.domain.forms.instances import MOST_REPETITIONS
from app.domain.forms.layout import answerable
from app.domain.forms.model import Form, Item

PARTS = ("", "day", "month", "year", "time", "unit", "other")
# The page's own: its token, and the buttons beside the fields.
OWN = frozenset({"form_token", "add", "remove", "attach", "detach"})
_NAME = re.compile(r"f([0-9]{1,5})((?:\.[0-9]{1,3})*)(?:-([a-z]+))?")


@dataclass(frozen=True)
class Sent:
    """What a browser sent, by question. `unknown` are the names that this form has no question for."""

    fields: Mapping[Address, RawField]
    unknown: tuple[str, ...]


def name_of(form: Form, address: Address) -> str:
    """The name of the field at this address."""
    return "".join([f"f{form.by_link[address.link_id].number}", *(f".{index}" for index in address.place)])


def address_of(form: Form, name: str) -> Address | None:
    """The address that a field or a group is called by; None for a name that this form can't have given."""
    found = _NAME.fullmatch(name)
    item = form.by_number.get(int(found[1])) if found else None
    if not found or not item:
        return None
    place = tuple(int(index) for index in found[2].split(".")[1:])
    fits = len(place) == _depth(form, item) and all(index < MOST_REPETITIONS for index in place)
    return Address(item.link_id, place) if fits else None


def repetition_of(form: Form, name: str) -> tuple[Address, int] | None:
    """The group and the index of the repetition that a ”Remove” button names; None where it names none."""
    address = address_of(form, name)
    if not address or not address.place or not form.by_link[address.link_id].repeats:
        return None
    return Address(address.link_id, address.place[:-1]), address.place[-1]


def group_of(form: Form, name: str) -> Address | None:
    """What an ”Add another” button names: a repeating question by its address, or a repeating group by where it
    stands (its address without the last index)."""
    found = address_of(form, name)
    if found and form.by_link[found.link_id].type != "group":
        return found
    within = address_of(form, f"{name}.0")
    return Address(within.link_id, within.place[:-1]) if within else None


def file_name(name: str, file_id: str) -> str:
    """What a button that takes a file away is called."""
    return f"{name}:{file_id}"


def file_of(form: Form, name: str) -> tuple[Address, str] | None:
    """The question and the file that such a button names."""
    plain, _, file_id = name.partition(":")
    address = address_of(form, plain)
    return (address, file_id) if address and file_id else None


def sort_sent(form: Form, values: Mapping[str, tuple[str, ...]], own: Collection[str] = OWN) -> Sent:
    """The values that a browser sent, by question and part."""
    fields: dict[Address, dict[str, tuple[str, ...]]] = {}
    unknown: list[str] = []
    for name, sent in values.items():
        if name in own:
            continue
        plain, _, part = name.partition("-")
        address = address_of(form, plain)
        if address and part in PARTS and answerable(form.by_link[address.link_id]):
            fields.setdefault(address, {})[part] = sent
        else:
            unknown.append(name)
    return Sent(fields, tuple(unknown))


def _depth(form: Form, item: Item) -> int:
    """How many indices the place of an item has: one for each repeating item above it, and a group's own."""
    own = int(item.type == "group" and item.repeats)
    above = form.parents.get(item.link_id)
    while above:
        own += form.by_link[above].multiplies
        above = form.parents.get(above)
    return own
