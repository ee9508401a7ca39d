"""A resident's answers, flat: by the address of the question, with the repetitions of repeating groups counted.

Flat answers survive whatever happens to the form around them: going back and forth, another version, a question that is
not asked any more (its answer is kept in the draft and left out of what is sent).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from app.domain.forms.values import Value, from_fhir, to_fhir

Place = tuple[int, ...]


class Address(NamedTuple):
    """Where an answer belongs: the question's linkId, and which repetition of each repeating item above it, outermost
    first."""

    link_id: str
    place: Place = ()

    def __str__(self) -> str:
        return self.link_id + "".join(f"#{index}" for index in self.place)


@dataclass(frozen=True)
class Answers:
    """`values` by address (a question without an answer has no entry); `counts`: how many times a repeating group
    stands there, where that is not its least."""

    values: Mapping[Address, tuple[Value, ...]] = field(default_factory=dict)
    counts: Mapping[Address, int] = field(default_factory=dict)

    def of(self, address: Address) -> tuple[Value, ...]:
        """The answers given to one question; an empty tuple where there is none."""
        return self.values.get(address, ())

    def with_values(self, given: Mapping[Address, tuple[Value, ...]]) -> "Answers":
        """These answers with those `given` put in; an empty tuple takes an answer away."""
        merged = {**self.values, **given}
        return replace(self, values={address: values for address, values in merged.items() if values})

    def with_count(self, group: Address, count: int) -> "Answers":
        """These answers with the group standing there `count` times."""
        return replace(self, counts={**self.counts, group: count})

    def without_repetition(self, group: Address, index: int, below: frozenset[str], count: int) -> "Answers":
        """These answers without one repetition of a group, of which there are `count`; those after it move up. `below`
        are the linkIds of what lies in the group."""
        moved = {_moved(address, group, index, below): values for address, values in self.values.items()}
        counts = {_moved(address, group, index, below): number for address, number in self.counts.items()}
        values = {address: kept for address, kept in moved.items() if address is not None}
        kept_counts = {address: number for address, number in counts.items() if address is not None}
        return Answers(values, kept_counts | {group: count - 1})


def _moved(address: Address, group: Address, index: int, below: frozenset[str]) -> Address | None:
    """Where an address is after the repetition `index` of `group` is gone; None where it went with it."""
    depth = len(group.place)
    if address.link_id not in below or address.place[:depth] != group.place or len(address.place) <= depth:
        return address
    if address.place[depth] == index:
        return None
    if address.place[depth] < index:
        return address
    return Address(address.link_id, (*group.place, address.place[depth] - 1, *address.place[depth + 1 :]))


def to_data(answers: Answers, types: Mapping[str, str]) -> dict[str, Any]:
    """The answers as JSON to keep; `types` are the items' types by linkId."""
    values = [
        [
            address.link_id,
            list(address.place),
            [to_fhir(value, types.get(address.link_id, "string")) for value in given],
        ]
        for address, given in answers.values.items()
    ]
    counts = [[address.link_id, list(address.place), count] for address, count in answers.counts.items()]
    return {"values": values, "counts": counts}


def from_data(data: Mapping[str, Any]) -> Answers:
    """The answers that `to_data` kept."""
    values = {
        Address(link_id, tuple(place)): tuple(from_fhir(one) for one in given)
        for link_id, place, given in data.get("values", ())
    }
    counts = {Address(link_id, tuple(place)): count for link_id, place, count in data.get("counts", ())}
    return Answers(values, counts)
