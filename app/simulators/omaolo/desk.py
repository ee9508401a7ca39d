"""The desk of professionals: what has been sent to them, with its class, and what becomes of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.assessment_service.engine import Assessment
from app.assessment_service.wire_in import read_answers
from app.domain.questionnaire import Question, Value
from app.domain.text import Language, as_language
from app.simulators.fhir_server.description import Resource
from app.simulators.fhir_server.records import Records
from app.simulators.incoming import BadInput, read_form
from app.simulators.omaolo.tasks import CLASS, CLASS_GIVEN, class_of, contained, with_class
from app.simulators.pages import Pages

P_CLASSES = tuple(f"P{number}" for number in range(9))
# Where a task may go from its FHIR status, by the button's word. Nothing leads back.
MOVES: Mapping[str, Mapping[str, str]] = {
    "requested": {"in_handling": "in-progress", "cancelled": "cancelled"},
    "in-progress": {"done": "completed", "cancelled": "cancelled"},
}
_IN_HANDLING = "in-progress"


class Desk:
    """The tasks, newest first."""

    def __init__(self, records: Records, assessments: Mapping[str, Assessment], pages: Pages) -> None:
        self._records = records
        self._by_address = {one.questionnaire.url: one for one in assessments.values()}
        self._pages = pages

    async def inspection(self, request: Request) -> Response:
        """For people: each task with its classes, answers and buttons."""
        language = as_language(request.query_params.get("lang"))
        with self._records.unit() as unit:
            tasks = [self._shown(task, language) for task in unit.every("Task")]
        return self._pages.show("omaolo_tasks.html", language, {"tasks": tasks[::-1], "classes": P_CLASSES})

    async def move(self, request: Request) -> Response:
        """The buttons. What can't be read, may not be now, or is unknown changes nothing and shows the page again."""
        try:
            form = await read_form(request)
        except BadInput:
            form = {}
        with self._records.unit() as unit:
            task = unit.read("Task", request.path_params["id"])
            changed = _changed(task, form) if task else None
            if changed:
                unit.put(changed)
        language = as_language(request.query_params.get("lang"))
        return RedirectResponse(f"../?lang={language}", status_code=303)

    def _shown(self, task: Resource, language: Language) -> dict[str, object]:
        contact = contained(task, "requester")
        return {
            "id": task["id"],
            "title": task["description"],
            "status": task["status"],
            "since": datetime.fromisoformat(task["meta"]["lastUpdated"]).timestamp(),
            "p_class": class_of(task, CLASS),
            "p_class_given": class_of(task, CLASS_GIVEN),
            "name": " ".join(str(name.get("text", "")) for name in contact.get("name", [])),
            "phone": " ".join(str(one.get("value", "")) for one in contact.get("telecom", [])),
            "reachable": next((one.get("valueString", "") for one in task.get("input", [])), ""),
            "answers": list(self._answers(task, language)),
            "moves": tuple(MOVES.get(task["status"], {})),
            "in_handling": task["status"] == _IN_HANDLING,
        }

    def _answers(self, task: Resource, language: Language) -> Iterator[tuple[str, str]]:
        """Questions and answers in words, or in codes where the assessment is not offered any more."""
        response = contained(task, "focus")
        assessment = self._by_address.get(response.get("questionnaire", "").partition("|")[0])
        questions = assessment.questionnaire.questions if assessment else {}
        for link_id, values in read_answers(response).answers.items():
            question = questions.get(link_id)
            asked = question.text.own.to(language) if question else link_id
            yield asked, ", ".join(_word(question, value, language) for value in values)


def _changed(task: Resource, form: Mapping[str, str]) -> Resource | None:
    """The task as the professional's button makes it; None where that may not be.

    A class may be changed only while the task is in handling: the professional has then spoken with the resident.
    """
    if form.get("p_class"):
        allowed = task["status"] == _IN_HANDLING and form["p_class"] in P_CLASSES
        return with_class(task, form["p_class"]) if allowed else None
    status = MOVES.get(task["status"], {}).get(form.get("state", ""))
    return {**task, "status": status} if status else None


def _word(question: Question | None, value: Value, language: Language) -> str:
    options = question.options if question else ()
    return next((option.text.own.to(language) for option in options if option.code == value), str(value))
