"""From the record systems' FHIR to our types."""

from datetime import UTC
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.integrations.records.port import CaseState, CaseStatus
from app.integrations.records.wire import Naming

TaskState = Literal[
    "draft",
    "requested",
    "received",
    "accepted",
    "ready",
    "in-progress",
    "on-hold",
    "completed",
    "rejected",
    "failed",
    "cancelled",
    "entered-in-error",
]
_STATES: dict[TaskState, CaseState] = {
    "draft": "received",
    "requested": "received",
    "received": "received",
    "completed": "closed",
    "cancelled": "closed",
    "entered-in-error": "closed",
    "rejected": "rejected",
    "failed": "rejected",
}


class _Read(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Identifier(_Read):
    system: str = ""
    value: str = ""


class Identified(_Read):
    """Any resource that we have sent, as far as a receipt needs it."""

    id: str
    identifier: list[Identifier]

    def value_in(self, system: str) -> str | None:
        return next((one.value for one in self.identifier if one.system == system), None)


class _Meta(_Read):
    last_updated: AwareDatetime


class _Coding(_Read):
    system: str = ""
    code: str = ""


class _Concept(_Read):
    coding: list[_Coding] = []
    text: str = ""


class Task(Identified):
    """A case in the record system. Its business status may say `answered`, which R4's own states don't know."""

    resource_type: Literal["Task"]
    meta: _Meta
    status: TaskState
    business_status: _Concept = _Concept()
    status_reason: _Concept = _Concept()

    def case_status(self, naming: Naming) -> CaseStatus | None:
        """None where the case is not one of ours."""
        identifier = self.value_in(naming.identifiers("case"))
        if identifier is None:
            return None
        state = self._state(naming)
        reason = self.status_reason.text if state == "rejected" else ""
        return CaseStatus(identifier, state, self.meta.last_updated.astimezone(UTC), reason)

    def _state(self, naming: Naming) -> CaseState:
        state = _STATES.get(self.status, "in_handling")
        answered = naming.coding("case-state", "answered")
        said = any(one.model_dump() == answered for one in self.business_status.coding)
        return "answered" if said and state == "in_handling" else state


class _Link(_Read):
    relation: str
    url: str


class _Remark(_Read):
    """What a server may say about a search, among its results."""

    resource_type: Literal["OperationOutcome"]


class _Entry(_Read):
    resource: Annotated[Task | _Remark, Field(discriminator="resource_type")]


class TaskBundle(_Read):
    """A page of a search for cases."""

    resource_type: Literal["Bundle"]
    entry: list[_Entry] = []
    link: list[_Link] = []

    @property
    def tasks(self) -> list[Task]:
        return [entry.resource for entry in self.entry if isinstance(entry.resource, Task)]

    @property
    def next_url(self) -> str | None:
        return next((link.url for link in self.link if link.relation == "next"), None)
