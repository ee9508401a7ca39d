"""A finished assessment as a FHIR Task for a professional, and tasks read back.

No such interface is public: this is our own design. One resource holds all, so that one conditional create by
identifier keeps all or nothing: the Task contains the answers (QuestionnaireResponse, its `focus`) and whom to call
(RelatedPerson, its `requester`). The class is the service's to find out, from the answers.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.domain.fhir import OWN
from app.integrations.omaolo.answers import items_of
from app.integrations.omaolo.messages import read_p_class
from app.integrations.omaolo.port import Contact, ProfessionalTask, SentAssessment, TaskState
from app.integrations.omaolo.shapes import Extended

Json = dict[str, Any]
Status = Literal["requested", "received", "accepted", "in-progress", "on-hold", "completed", "cancelled", "rejected"]

_STATES: dict[Status, TaskState] = {
    "requested": "new",
    "received": "new",
    "accepted": "new",
    "in-progress": "in_handling",
    "on-hold": "in_handling",
    "completed": "done",
    "cancelled": "cancelled",
    "rejected": "cancelled",
}


class Identifier(BaseModel):
    system: str = ""
    value: str = ""


class TaskShape(Extended):
    """A Task, of which we read the state, the classes and the identifier."""

    kind: Literal["Task"] = Field(alias="resourceType")
    id: str = Field(min_length=1)
    status: Status
    identifier: list[Identifier] = Field([])

    def has(self, system: str, value: str) -> bool:
        """Whether it is the task with this identifier."""
        return any((own.system, own.value) == (system, value) for own in self.identifier)


class TaskEntry(BaseModel):
    resource: TaskShape


class TaskBundle(BaseModel):
    """What a search for tasks found."""

    kind: Literal["Bundle"] = Field(alias="resourceType")
    entry: list[TaskEntry] = []


def task_of(sent: SentAssessment, questionnaire: str, system: str) -> Json:
    """The Task to create. `questionnaire` is the assessment's canonical address, `system` that of our identifiers."""
    task: Json = {
        "resourceType": "Task",
        "identifier": [{"system": system, "value": str(sent.identifier)}],
        "language": sent.language,
        "contained": [_response(sent, questionnaire), _requester(sent.contact)],
        "status": "requested",
        "intent": "order",
        "focus": {"reference": "#answers"},
        "requester": {"reference": "#contact"},
    }
    if sent.contact.reachable:
        task["input"] = [{"type": {"text": "reachable"}, "valueString": sent.contact.reachable}]
    return task


def read_task(task: TaskShape) -> ProfessionalTask:
    """A task as the port's value. Raises ValueError where its classes make no sense."""
    given = read_p_class(task.one(OWN + "p-class-given").code or "")
    now = read_p_class(task.one(OWN + "p-class").code or "")
    return ProfessionalTask(task.id, _STATES[task.status], now, given)


def _response(sent: SentAssessment, questionnaire: str) -> Json:
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": "answers",
        "language": sent.language,
        "questionnaire": f"{questionnaire}|{sent.version}",
        "status": "completed",
    }
    items = items_of(sent.answers)
    return {**response, "item": items} if items else response


def _requester(contact: Contact) -> Json:
    """Whom to call. FHIR wants to know whose relation they are; that is in the answers, and nobody is named."""
    return {
        "resourceType": "RelatedPerson",
        "id": "contact",
        "patient": {"display": "anonymous"},
        "name": [{"text": contact.name}],
        "telecom": [{"system": "phone", "value": contact.phone}],
    }
