"""The instances of a form in one flat row, and the response that they make: whole, or only some linkIds of it."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.computing.functions import Scored, score_of
from app.domain.forms.instances import Instance
from app.domain.forms.model import Item
from app.domain.forms.values import Coding, Quantity, Value, to_fhir


class Row:
    """Every instance in reading order, told by its position in it. What lies below `i` stands at `i + 1` to
    `ends[i]`; `parents[i]` is -1 at the top, and `branches[i]` tells to which answer of a question it belongs.

    `asked` and `values` change while a form is computed; `filled[i]` counts the questions asked and answered at `i`
    and below, so that a group is part of the response where it is not 0.
    """

    def __init__(self, instances: Sequence[Instance], answers: Answers) -> None:
        self.instances: list[Instance] = []
        self.addresses: list[Address] = []
        self.parents: list[int] = []
        self.branches: list[int] = []
        self.ends: list[int] = []
        self.by_link: dict[str, list[int]] = {}
        self._near: dict[tuple[str, int], dict[Place, list[int]]] = {}
        for instance in instances:
            self._add(instance, -1, 0)
        self.asked = [True] * len(self.instances)
        self.values: list[tuple[Value, ...]] = [answers.of(address) for address in self.addresses]
        self.filled = [0] * len(self.instances)
        for position, values in enumerate(self.values):
            if values:
                self._count(position, 1)

    def _add(self, instance: Instance, parent: int, branch: int) -> None:
        position = len(self.instances)
        self.instances.append(instance)
        self.addresses.append(instance.address)
        self.parents.append(parent)
        self.branches.append(branch)
        self.ends.append(position + 1)
        self.by_link.setdefault(instance.item.link_id, []).append(position)
        if instance.branches:
            for number, below in enumerate(instance.branches):
                for child in below:
                    self._add(child, position, number)
            self.ends[position] = len(self.instances)

    def ask(self, position: int, asked: bool) -> None:
        """Says whether one instance is asked."""
        if self.asked[position] is not asked:
            self.asked[position] = asked
            if self.values[position]:
                self._count(position, 1 if asked else -1)

    def answer(self, position: int, values: tuple[Value, ...]) -> None:
        """Puts in what was calculated."""
        if self.asked[position]:
            self._count(position, bool(values) - bool(self.values[position]))
        self.values[position] = values

    def _count(self, position: int, difference: int) -> None:
        while position >= 0 and difference:
            self.filled[position] += difference
            position = self.parents[position]

    def near(self, link_id: str, place: Place) -> list[int]:
        """Where a linkId stands in the repetitions that `place` begins with."""
        depth = len(place)
        if (link_id, depth) not in self._near:
            grouped: dict[Place, list[int]] = {}
            for position in self.by_link.get(link_id, ()):
                grouped.setdefault(self.addresses[position].place[:depth], []).append(position)
            self._near[link_id, depth] = grouped
        return self._near[link_id, depth].get(place, [])

    def stands(self, position: int) -> bool:
        """Whether what is above it is asked, and where that is a question, has the answer that it belongs to."""
        parent = self.parents[position]
        if parent < 0:
            return True
        if not self.asked[parent]:
            return False
        above = self.instances[parent].item
        return not above.is_question or self.branches[position] < len(self.values[parent])

    def given(self, position: int) -> tuple[Value, ...]:
        """The answers that count: none to a question that is not asked."""
        return self.values[position] if self.asked[position] else ()

    def line(self, position: int) -> Iterator[int]:
        """The instance and those above it, innermost first."""
        while position >= 0:
            yield position
            position = self.parents[position]

    def chosen(self, links: Iterable[str] | None) -> list[int]:
        """Those of these linkIds (None: all) that are part of the response, with those above them, in order."""
        if links is None:
            return [position for position, filled in enumerate(self.filled) if filled]
        found: set[int] = set()
        for position in chain.from_iterable(self.by_link.get(link, ()) for link in links):
            if self.filled[position]:
                found.update(self.line(position))
        return sorted(found)

    def response(self, chosen: Sequence[int]) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
        """The items of a response that holds only these, at its top; and each by its position."""
        top: list[dict[str, Any]] = []
        made: dict[int, dict[str, Any]] = {}
        for position in chosen:
            made[position] = _item(self.instances[position].item, self.given(position))
            self._holder(position, made, top).append(made[position])
        return top, made

    def _holder(
        self, position: int, made: dict[int, dict[str, Any]], top: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """The list that an item belongs into: of the response, of the group, or of the answer above it."""
        parent = self.parents[position]
        if parent < 0:
            return top
        above = made[parent]
        if "answer" in above:
            above = above["answer"][self.branches[position]]
        found: list[dict[str, Any]] = above.setdefault("item", [])
        return found


def _item(item: Item, values: tuple[Value, ...]) -> dict[str, Any]:
    if not values:
        return {"linkId": item.link_id}
    return {"linkId": item.link_id, "answer": [_answer(item, value) for value in values]}


def _answer(item: Item, value: Value) -> dict[str, Any]:
    """As in the response, but with decimals and scores for expressions."""
    if isinstance(value, Coding):
        coding = to_fhir(value, item.type)["valueCoding"]
        score = score_of(item, value)
        return {"valueCoding": coding if score is None else Scored(coding, score)}
    if isinstance(value, Quantity):
        amount = to_fhir(value, item.type)["valueQuantity"]
        return {"valueQuantity": amount | {"value": value.value}}
    if isinstance(value, Decimal):
        return {"valueDecimal": value}
    return to_fhir(value, item.type)
