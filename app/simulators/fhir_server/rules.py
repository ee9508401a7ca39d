"""What a system adds to the generic server: who may do what, and what must hold."""
# ruff: noqa: ARG002 - the rules here are empty; those that systems write use what they are given

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request

from app.simulators.fhir_server.description import Action, Resource, ServerDescription
from app.simulators.fhir_server.records import Unit
from app.simulators.fhir_server.refusal import Refusal
from app.simulators.fhir_server.search import find


@dataclass(frozen=True)
class Context:
    """One interaction: what was asked, and the unit in which it happens. Rules may write through `unit` too."""

    request: Request
    unit: Unit
    server: ServerDescription

    @property
    def now(self) -> datetime:
        """The moment of the interaction, in UTC."""
        return self.unit.now

    def read(self, resource_type: str, resource_id: str) -> Resource | None:
        return self.unit.read(resource_type, resource_id)

    def search(self, resource_type: str, query: Sequence[tuple[str, str]]) -> list[Resource]:
        """All resources that match, without paging and regardless of who asks."""
        return find(self.unit, self.server, resource_type, query)


@dataclass(frozen=True)
class Answer:
    """What goes back: HTTP status, the resource (None: no body) and headers."""

    status: int
    resource: Resource | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """`POST Type/$name` or `POST Type/{id}/$name`; `run` gets the id (None at type level) and the body's resource."""

    resource_type: str
    name: str
    run: Callable[[str | None, Resource, Context], Answer | Refusal]


class Rules:
    """No rules. A system subclasses this and overrides what it needs; everything runs inside the unit."""

    operations: tuple[Operation, ...] = ()

    def authorise(self, request: Request, resource_type: str | None, action: Action) -> Refusal | None:
        """Asked before every interaction, also for each entry of a bundle. May keep who asks in `request.state`."""
        return None

    def prepare(self, context: Context) -> None:
        """Runs first in every interaction: seeding, and letting expire what has run out."""

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        """May change the resource in place."""
        return None

    def before_update(self, resource: Resource, current: Resource, context: Context) -> Refusal | None:
        """`current` is what the resource replaces. May change the resource in place."""
        return None

    def before_delete(self, current: Resource, context: Context) -> Refusal | None:
        return None

    def before_search(self, resource_type: str, query: Sequence[tuple[str, str]], context: Context) -> Refusal | None:
        return None

    def may_see(self, resource: Resource, context: Context) -> bool:
        """False: for this client the resource does not exist (not found, not in searches, not matched)."""
        return True

    def answer_headers(self, resource: Resource, context: Context) -> dict[str, str]:
        """Headers beside the standard ones where this resource is the answer."""
        return {}
