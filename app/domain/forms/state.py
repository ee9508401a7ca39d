"""Where a form stands with certain answers: what is asked, what was calculated, which rules are broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
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

    def is_asked(self, instance: Instance) -> bool:
        return instance.address in self.asked

    def asked_instances(self) -> Iterator[Instance]:
        """Everything that is asked, in reading order."""
        return (instance for instance in walk(self.instances) if self.is_asked(instance))
