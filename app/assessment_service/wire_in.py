"""Reading what is sent to the assessment service; see `wire` for the format."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from app.assessment_service.engine import Answers
from app.domain.fhir import OWN, extension_of
from app.domain.questionnaire import Value
from app.domain.text import Language, as_language

TRYING = OWN + "trying"
Json = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """What a QuestionnaireResponse says: in which language, the answers, and whether somebody is only trying."""

    language: Language
    answers: Answers
    trying: bool


class Malformed(Exception):
    """The body is no QuestionnaireResponse that we can read."""


def read_response(body: bytes) -> Received:
    """The answers so far. Raises Malformed for anything that is not a QuestionnaireResponse in progress."""
    try:
        data = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(data, dict) or data.get("resourceType") != "QuestionnaireResponse":
        raise Malformed("the body is not a QuestionnaireResponse")
    if data.get("status") != "in-progress":
        raise Malformed("the status must be in-progress")
    return read_answers(data)


def read_answers(response: Json) -> Received:
    """What a parsed QuestionnaireResponse of any status says. Raises Malformed."""
    language = response.get("language")
    return Received(
        language=as_language(language if isinstance(language, str) else None),
        answers=_answers(response),
        trying=extension_of(response, TRYING).get("valueBoolean") is True,
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _answers(data: Json) -> Answers:
    """Answers by linkId, groups flattened; walks without recursion, so depth cannot hurt."""
    answers: dict[str, tuple[Value, ...]] = {}
    waiting = [data]
    while waiting:
        for item in _objects(waiting.pop(), "item"):
            link_id = item.get("linkId")
            if not isinstance(link_id, str):
                raise Malformed("an item has no linkId")
            if "item" in item:
                waiting.append(item)
            else:
                values = tuple(_value(answer) for answer in _objects(item, "answer"))
                answers[link_id] = answers.get(link_id, ()) + values
    return answers


def _objects(element: Json, name: str) -> list[Json]:
    entries = element.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Malformed(f"{name} is not a list of objects")
    return entries


def _value(answer: Json) -> Value:
    """The code or number of one answer; another type of value becomes a code that no question offers."""
    coding, number = answer.get("valueCoding"), answer.get("valueInteger")
    if isinstance(coding, dict) and isinstance(coding.get("code"), str):
        return str(coding["code"])
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    if not any(name.startswith("value") for name in answer):
        raise Malformed("an answer has no value")
    return ""
