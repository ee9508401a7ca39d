"""Tasks for professionals: what a finished assessment must be to become one, and which class it gets.

The class is found out here, from the answers; what a client says of it does not count. No interface of Omaolo is
public: this is our own design.
"""

import hmac
from collections.abc import Mapping

from starlette.requests import Request

from app.assessment_service.engine import Assessment, InvalidAnswers, Outcome, next_step
from app.assessment_service.wire_in import Malformed, Received, read_answers
from app.domain.fhir import OWN
from app.simulators.fhir_server.description import (
    Action,
    Resource,
    ResourceDescription,
    SearchParameter,
    ServerDescription,
)
from app.simulators.fhir_server.refusal import Refusal, refuse
from app.simulators.fhir_server.rules import Context, Rules

CLASS, CLASS_GIVEN = OWN + "p-class", OWN + "p-class-given"
DESCRIPTION = ServerDescription(
    title="Omaolo",
    kind_prefix="omaolo",
    resources=(
        ResourceDescription(
            "Task",
            frozenset({"create", "read", "search-type"}),
            (SearchParameter("identifier", "token", ("identifier",)),),
        ),
    ),
    strict_search=True,
    bundles=False,
)


class TaskRules(Rules):
    """Only who has the key may bring or see tasks; one identifier is one task."""

    def __init__(self, key: str, assessments: Mapping[str, Assessment]) -> None:
        self._key = key
        self._assessments = assessments

    def authorise(self, request: Request, resource_type: str | None, action: Action) -> Refusal | None:  # noqa: ARG002
        if _shows(request, self._key):
            return None
        headers = (("WWW-Authenticate", "Bearer"),)
        return Refusal(401, "login", "the key is missing or wrong", headers=headers)

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        _check_identifier(resource, context)
        if resource.get("status") != "requested":
            return Refusal(422, "business-rule", "a new task has the status requested")
        if not _phone(resource):
            return Refusal(422, "required", "requester must be a contained RelatedPerson with a phone number")
        received = _received(resource)
        if received.trying:
            return Refusal(422, "business-rule", "somebody who is only trying sends nothing")
        assessment = self._assessment(contained(resource, "focus").get("questionnaire", ""))
        _classify(resource, assessment, _finished(assessment, received))
        resource.setdefault("authoredOn", context.now.isoformat(timespec="seconds"))
        return None

    def _assessment(self, canonical: str) -> Assessment:
        """The assessment by its canonical address with its version, which must be the present one."""
        for known in self._assessments.values():
            form = known.questionnaire
            if canonical == f"{form.url}|{form.version}":
                return known
        raise refuse(422, "not-found", "questionnaire names no assessment, or a version that is not in use")


def contained(task: Resource, element: str) -> Resource:
    """The contained resource to which `element` refers; empty where there is none."""
    wanted = str(task.get(element, {}).get("reference", "")).removeprefix("#")
    found = (one for one in task.get("contained", []) if one.get("id") == wanted)
    return next(found, {})


def class_of(task: Resource, url: str) -> str:
    """The class now (`CLASS`), or as it was given (`CLASS_GIVEN`)."""
    return next((str(one["valueCode"]) for one in task.get("extension", []) if one["url"] == url), "")


def with_class(task: Resource, p_class: str) -> Resource:
    """The task with another class now."""
    kept = [one for one in task["extension"] if one["url"] != CLASS]
    return {**task, "extension": [*kept, {"url": CLASS, "valueCode": p_class}]}


def _check_identifier(task: Resource, context: Context) -> None:
    own = [one for one in task.get("identifier", []) if one.get("system") and one.get("value")]
    if not own:
        raise refuse(422, "required", "an identifier with system and value is required")
    for one in own:
        if context.search("Task", [("identifier", f"{one['system']}|{one['value']}")]):
            raise refuse(409, "duplicate", "there is a task with this identifier; If-None-Exist would have found it")


def _phone(task: Resource) -> str:
    telecom = contained(task, "requester").get("telecom", [])
    return next((str(one.get("value", "")) for one in telecom if one.get("system") == "phone"), "")


def _received(task: Resource) -> Received:
    response = contained(task, "focus")
    if response.get("resourceType") != "QuestionnaireResponse" or response.get("status") != "completed":
        raise refuse(422, "required", "focus must be a contained, completed QuestionnaireResponse")
    try:
        return read_answers(response)
    except Malformed as error:
        raise refuse(422, "structure", str(error)) from error


def _finished(assessment: Assessment, received: Received) -> Outcome:
    try:
        step = next_step(assessment, received.answers)
    except InvalidAnswers as error:
        raise refuse(422, "value", "some answers do not fit their questions") from error
    if isinstance(step, Outcome):
        return step
    raise refuse(422, "business-rule", "the assessment is not finished")


def _classify(task: Resource, assessment: Assessment, outcome: Outcome) -> None:
    others = [one for one in task.get("extension", []) if one["url"] not in (CLASS, CLASS_GIVEN)]
    given = [{"url": url, "valueCode": outcome.p_class} for url in (CLASS, CLASS_GIVEN)]
    task["extension"] = [*others, *given]
    task["description"] = assessment.questionnaire.title.to("fi")


def _shows(request: Request, key: str) -> bool:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    shown = request.headers.get("x-api-key", "") or bearer
    return hmac.compare_digest(shown.encode(), key.encode())
