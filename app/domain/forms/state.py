"""Where a form stands with certain answers: what is asked, what was calculated, which rules are broken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from app.domain.forms.answers import Address, Answers
from app.domain.forms.instances import Instance, walk
from app.domain.forms.model import Constraint, Form


@dataclass(frozen=True)
class Known:
    """What expressions may know beside the answers: the moment, and resources by name (`patient`: FHIR JSON)."""

    now: datetime
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """A rule between answers that does not hold; `address`: the item that carries it, None for the form itself."""

    constraint: Constraint
    address: Address | None


@dataclass(frozen=True)
class State:
    """What is asked now. `answers` hold what was calculated beside what was given, also for what is not asked;
    `asked` are the addresses of the instances that are asked (groups and texts too)."""

    form: Form
    answers: Answers
    instances: tuple[Instance, ...]
    asked: frozenset[Address]
    broken: tuple[Broken, ...] = ()

    @cached_property
    def standing(self) -> Mapping[str, Sequence[Instance]]:
        """What stands in no repetition of another item, and so may be at the top of a page, by linkId."""
        found: dict[str, list[Instance]] = {}
        for instance in _outside_repetitions(self.instances):
            found.setdefault(instance.item.link_id, []).append(instance)
        return found

    @cached_property
    def pages_asked(self) -> dict[str, bool]:
        """Which pages are asked, by their ids, as far as pages.py has looked."""
        return {}

    @cached_property
    def links_asked(self) -> frozenset[str]:
        """The linkIds of what is asked somewhere."""
        return frozenset(address.link_id for address in self.asked)

    def is_asked(self, instance: Instance) -> bool:
        return instance.address in self.asked

    def asked_instances(self) -> Iterator[Instance]:
        """Everything that is asked, in reading order."""
        return (instance for instance in walk(self.instances) if self.is_asked(instance))


def _outside_repetitions(instances: Sequence[Instance]) -> Iterator[Instance]:
    for instance in instances:
        yield instance
        if instance.item.type == "group" and not instance.item.repeats:
            yield from _outside_repetitions(instance.branches[0])
