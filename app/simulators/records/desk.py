"""The desk: people see what has arrived in both registers, and move cases on, so that their state goes back."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.text import as_language
from app.simulators.fhir_server.description import Resource
from app.simulators.fhir_server.records import Records
from app.simulators.incoming import BadInput, read_form
from app.simulators.pages import Pages
from app.simulators.records.registers import STATE_SYSTEM
from app.simulators.world import World

# What each button makes of a case: R4's status, and our own word beside it.
MOVES = {"in_handling": "in-progress", "answered": "in-progress", "closed": "completed", "rejected": "rejected"}

_INPUTS = {"urgency", "service-task", "written", "assessment"}


class Desk:
    """`records` by register's name."""

    def __init__(self, records: Mapping[str, Records], world: World, pages: Pages) -> None:
        self._records = records
        self._world = world
        self._pages = pages

    async def inspection(self, request: Request) -> Response:
        """For people: cases with their buttons, contacts and documents, newest first."""
        language = as_language(request.query_params.get("lang"))
        context = {
            "moves": tuple(MOVES),
            "cases": [self._case(name, task) for name, task in self._arrived("Task")],
            "contacts": [self._contact(name, one) for name, one in self._arrived("Communication")],
            "documents": [self._document(name, one) for name, one in self._arrived("DocumentReference")],
        }
        return self._pages.show("records_desk.html", language, context)

    async def move(self, request: Request) -> Response:
        """The buttons. What can't be read, or an unknown case, changes nothing and shows the page again."""
        records = self._records.get(request.path_params["register"])
        try:
            form = await read_form(request)
        except BadInput:
            form = {}
        if records and form.get("state") in MOVES:
            _move(records, request.path_params["id"], form["state"], form.get("reason", ""))
        language = as_language(request.query_params.get("lang"))
        return RedirectResponse(f"../../?lang={language}", status_code=303)

    def _arrived(self, resource_type: str) -> list[tuple[str, Resource]]:
        found: list[tuple[str, Resource]] = []
        for name, records in self._records.items():
            with records.unit() as unit:
                found += [(name, resource) for resource in unit.every(resource_type)]
        return sorted(found, key=lambda pair: str(pair[1]["meta"]["lastUpdated"]), reverse=True)

    def _case(self, register: str, task: Resource) -> dict[str, object]:
        inputs = {_known_input(one): _value(one) for one in task.get("input", [])}
        return {
            "id": task["id"],
            "register": register,
            "reference": _identifier(task, "/reference"),
            "title": task.get("description", ""),
            "subject": self._person(task.get("for")),
            "arrived": _seconds(task["authoredOn"]),
            "state": _code(task.get("businessStatus", {})) or "received",
            "inputs": inputs,
        }

    def _contact(self, register: str, one: Resource) -> dict[str, object]:
        return {
            "register": register,
            "subject": self._person(one.get("subject")),
            "at": _seconds(one.get("sent", "")),
            "by": one.get("sender", {}).get("display", ""),
            "channels": [coding.get("code", "") for medium in one.get("medium", []) for coding in medium["coding"]],
            "texts": [part.get("contentString", "") for part in one.get("payload", [])],
        }

    def _document(self, register: str, one: Resource) -> dict[str, object]:
        return {
            "register": register,
            "subject": self._person(one.get("subject")),
            "title": one.get("description", ""),
            "texts": list(_plain_texts(one)),
        }

    def _person(self, reference: Resource | None) -> str:
        code = (reference or {}).get("identifier", {}).get("value", "")
        person = self._world.resident_by_code(code)
        return person.name if person else code


def _move(records: Records, task_id: str, state: str, reason: str) -> None:
    with records.unit() as unit:
        task = unit.read("Task", task_id)
        if task is None:
            return
        changed = {name: value for name, value in task.items() if name != "statusReason"}
        changed |= {"status": MOVES[state], "businessStatus": {"coding": [{"system": STATE_SYSTEM, "code": state}]}}
        if state == "rejected" and reason:
            changed["statusReason"] = {"text": reason}
        unit.put(changed)


def _identifier(resource: Resource, ending: str) -> str:
    found = (str(one["value"]) for one in resource["identifier"] if str(one.get("system", "")).endswith(ending))
    return next(found, "")


def _code(concept: Mapping[str, Any]) -> str:
    return next((str(one.get("code", "")) for one in concept.get("coding", [])), "")


def _known_input(given: Resource) -> str:
    code = _code(given.get("type", {}))
    return code if code in _INPUTS else "other"


def _value(given: Resource) -> str:
    return next((str(value) for name, value in given.items() if name.startswith("value")), "")


def _seconds(at: str) -> float | None:
    """None for a date without a time, which FHIR allows too."""
    try:
        return datetime.fromisoformat(at).timestamp() if "T" in at else None
    except ValueError:
        return None


def _plain_texts(document: Resource) -> Iterator[str]:
    for content in document.get("content", []):
        attachment = content.get("attachment", {})
        if str(attachment.get("contentType", "")).startswith("text/plain"):
            yield b64decode(attachment.get("data", "")).decode(errors="replace")
