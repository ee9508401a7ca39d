"""Reading a QuestionnaireResponse back: everything readable is taken, and what is not is named.

An expectation of the structure as R4 has it: repetitions of a group are items beside each other, answers to a repeating
question stand in one item, and items below a question stand under its answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.domain.forms.answering.fits import Misfit, misfit, takes_key
from app.domain.forms.answers import Address, Answers, Place
from app.domain.forms.instances import MOST_REPETITIONS
from app.domain.forms.model import Form, Item
from app.domain.forms.values import UnreadableValue, Value, from_fhir

RefusalCode = Literal["unknown-item", "misplaced", "unreadable", "no-answers-here", "too-many"] | Misfit

_DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_NOT_BLANK = re.compile(r"(?s).*\S.*")
_SHAPES = {
    "valueDate": re.compile(_DAY),
    "valueTime": re.compile(_TIME),
    "valueDateTime": re.compile(rf"{_DAY}|\d{{4}}-\d\d-\d\dT{_TIME}(Z|[+-]\d\d:\d\d)"),
}


@dataclass(frozen=True)
class Refusal:
    """What was not taken of a response, and of which item; empty `link_id`: an item that names none."""

    code: RefusalCode
    link_id: str


def answers_of(form: Form, response: Mapping[str, Any]) -> tuple[Answers, tuple[Refusal, ...]]:
    """The answers that a response holds for this form, and what of it could not be taken, in its order."""
    reading = _Reading(form)
    reading.level(form.items, response.get("item"), ())
    return Answers(reading.values, reading.counts), tuple(reading.refusals)


@dataclass
class _Reading:
    form: Form
    values: dict[Address, tuple[Value, ...]] = field(default_factory=dict)
    counts: dict[Address, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def level(self, items: Sequence[Item], found: object, place: Place) -> None:
        """The items of one level, by what the form has there."""
        expected = {item.link_id: item for item in items}
        seen: dict[str, int] = {}
        for data in self.objects(found, ""):
            link_id = data.get("linkId")
            item = expected.get(link_id) if isinstance(link_id, str) else None
            if item is None:
                self.unexpected(link_id)
                continue
            self.item(item, data, place, seen.get(item.link_id, 0))
            seen[item.link_id] = seen.get(item.link_id, 0) + 1

    def unexpected(self, link_id: object) -> None:
        name = link_id if isinstance(link_id, str) else ""
        self.refuse("misplaced" if name in self.form.by_link else "unknown-item", name)

    def item(self, item: Item, data: Mapping[str, Any], place: Place, index: int) -> None:
        if item.type in ("group", "display") and data.get("answer"):
            self.refuse("no-answers-here", item.link_id)
        if item.type == "group":
            self.group(item, data, place, index)
        elif item.is_question:
            self.question(item, data, place, index)

    def group(self, item: Item, data: Mapping[str, Any], place: Place, index: int) -> None:
        if index >= _most(item):
            self.refuse("too-many", item.link_id)
            return
        if index >= max(1, item.min_occurs):
            self.counts[Address(item.link_id, place)] = index + 1
        self.level(item.items, data.get("item"), (*place, index) if item.repeats else place)

    def question(self, item: Item, data: Mapping[str, Any], place: Place, index: int) -> None:
        if data.get("item"):
            self.refuse("misplaced", item.link_id)
        if index:
            self.refuse("too-many", item.link_id)
            return
        taken: list[Value] = []
        for answer in self.objects(data.get("answer"), item.link_id):
            value = self.value(item, answer)
            if value is None:
                continue
            if len(taken) >= _most(item):
                self.refuse("too-many", item.link_id)
                break
            self.level(item.items, answer.get("item"), (*place, len(taken)) if item.multiplies else place)
            taken.append(value)
        if taken:
            self.values[Address(item.link_id, place)] = tuple(taken)

    def value(self, item: Item, answer: Mapping[str, Any]) -> Value | None:
        """The value of one answer, if it can be one."""
        key = next((key for key in answer if key.startswith("value")), "")
        if key and not takes_key(item, key):
            self.refuse("wrong-type", item.link_id)
            return None
        try:
            value = from_fhir(answer)
        except UnreadableValue:
            self.refuse("unreadable", item.link_id)
            return None
        reason = misfit(item, value) if _is_shaped(key, value) else "unreadable"
        if reason:
            self.refuse(reason, item.link_id)
        return None if reason else value

    def objects(self, found: object, link_id: str) -> Iterator[Mapping[str, Any]]:
        """The objects of a JSON array; what is none is unreadable."""
        if found is None:
            return
        for data in found if isinstance(found, list) else [found]:
            if isinstance(data, Mapping):
                yield data
            else:
                self.refuse("unreadable", link_id)

    def refuse(self, code: RefusalCode, link_id: str) -> None:
        self.refusals.append(Refusal(code, link_id))


def _most(item: Item) -> int:
    """How many answers a question, or repetitions a group, can have."""
    if not item.repeats:
        return 1
    most = max(MOST_REPETITIONS, item.min_occurs, len(item.options))
    return most if item.max_occurs is None else min(most, item.max_occurs)


def _is_shaped(key: str, value: Value) -> bool:
    """Whether a string is written as its type is; `from_fhir` takes any."""
    return not isinstance(value, str) or bool(_SHAPES.get(key, _NOT_BLANK).fullmatch(value))
