"""Answers carried to another version of the form (docs/forms.md, rule 6).

An answer goes along where the new version has a question of the same linkId and kind that still takes the value. What
does not go along is named, so that the resident sees what was left out and can answer again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.domain.forms.answering.fits import Misfit, kind_of, misfit
from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.layout import answerable
from app.domain.forms.model import NOTHING, Form, Item
from app.domain.forms.values import Value
from app.domain.phrase import Phrase

# gone: no such question · other-type: it is of another kind · repetition: no place for this one any more
LostReason = Literal["gone", "other-type", "repetition", "too-many"] | Misfit


@dataclass(frozen=True)
class Lost:
    """Answers left out: where they stood in the old form, why, and the `text` of the old question."""

    address: Address
    reason: LostReason
    text: Phrase
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Carried:
    """`answers` to the new form; `shown`: earlier answers to questions whose meaning changed, by the address of the
    new one, to be shown beside it and not filled in; and what was `lost`."""

    answers: Answers
    shown: Mapping[Address, tuple[Value, ...]] = field(default_factory=dict)
    lost: tuple[Lost, ...] = ()


def carry_over(old: Form, answers: Answers, new: Form) -> Carried:
    """The answers to `old` as answers to `new`. The same form gives the same answers."""
    if old == new:
        return Carried(answers)
    carrying = _Carrying(old, new)
    for address in sorted(answers.values, key=carrying.order):  # what lies below a question follows its answers
        carrying.carry(address, answers.values[address])
    return Carried(Answers(carrying.values, carrying.counts(answers.counts)), carrying.shown, tuple(carrying.lost))


@dataclass
class _Carrying:
    """`index_of` tells where the answer to a multiplying question went, as what lies below belongs to one answer."""

    old: Form
    new: Form
    values: dict[Address, tuple[Value, ...]] = field(default_factory=dict)
    shown: dict[Address, tuple[Value, ...]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    index_of: dict[Address, dict[int, int]] = field(default_factory=dict)

    def order(self, address: Address) -> tuple[int, Place]:
        item = self.old.by_link.get(address.link_id)
        return item.number if item else 0, address.place

    def carry(self, address: Address, values: tuple[Value, ...]) -> None:
        """One question's answers, to where they belong now."""
        was, now = self.old.by_link.get(address.link_id), self.new.by_link.get(address.link_id)
        if was is None or now is None or not now.is_question:
            return self.lose(address, "gone", values)
        self.index_of[address] = {}
        moved = self.moved(address)
        if moved is None:
            return self.lose(address, "repetition", values)
        if now.fresh:
            self.shown[moved] = values
        elif kind_of(was) != kind_of(now):
            self.lose(address, "other-type", values)
        else:
            self.keep(address, now, moved, values)
        return None

    def keep(self, address: Address, now: Item, moved: Address, values: tuple[Value, ...]) -> None:
        """Those of the values that the new question takes."""
        index_of: dict[int, int] = {}
        for index, value in enumerate(values):
            reason = misfit(now, value)
            if reason or (index_of and not now.repeats):
                self.lose(address, reason or "too-many", (value,))
            else:
                index_of[index] = len(index_of)
        self.index_of[address] = index_of
        if index_of:
            self.values[moved] = tuple(values[index] for index in index_of)

    def moved(self, address: Address) -> Address | None:
        """The address in the new form: the same repetitions of the same items above it. The first one stands for an
        item that repeats only here or only there; None where another than the first has no place."""
        where: dict[str, int] = {}
        for depth, link_id in enumerate(_repeating_above(self.old, address.link_id)):
            index = self.index_now(Address(link_id, address.place[:depth]), address.place[depth:])
            if index is None:
                return None
            where[link_id] = index
        above = _repeating_above(self.new, address.link_id)
        if any(index for link_id, index in where.items() if link_id not in above):
            return None
        return Address(address.link_id, tuple(where.get(link_id, 0) for link_id in above))

    def index_now(self, above: Address, rest: Place) -> int | None:
        """Which repetition of `above` an address goes on in; None where that answer was not carried."""
        if not rest:
            return None
        went = self.index_of.get(above)
        return rest[0] if went is None else went.get(rest[0])

    def counts(self, before: Mapping[Address, int]) -> dict[Address, int]:
        """How many times each group stands now: as before, and at least so often that every answer has its place."""
        moved = {self.moved(group): count for group, count in before.items() if self.repeats_still(group.link_id)}
        counts = {group: count for group, count in moved.items() if group is not None}
        for address in (*self.values, *self.shown):
            for depth, link_id in enumerate(_repeating_above(self.new, address.link_id)):
                item, group = self.new.by_link[link_id], Address(link_id, address.place[:depth])
                if item.type == "group" and address.place[depth] >= counts.get(group, max(1, item.min_occurs)):
                    counts[group] = address.place[depth] + 1
        return counts

    def repeats_still(self, link_id: str) -> bool:
        item = self.new.by_link.get(link_id)
        return item is not None and item.type == "group" and item.repeats

    def lose(self, address: Address, reason: LostReason, values: tuple[Value, ...]) -> None:
        """Names what is left out; what the resident did not fill in is no loss to anybody."""
        item = self.old.by_link.get(address.link_id)
        if item is None or answerable(item):
            self.lost.append(Lost(address, reason, item.text if item else NOTHING, values))


def _repeating_above(form: Form, link_id: str) -> tuple[str, ...]:
    """The linkIds above an item that count in its address, outermost first."""
    above = form.parents.get(link_id)
    if above is None:
        return ()
    return (*_repeating_above(form, above), *([above] if form.by_link[above].multiplies else ()))
