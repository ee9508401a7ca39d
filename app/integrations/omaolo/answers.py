"""Answers as they are sent: a QuestionnaireResponse and its items."""

from typing import Any

from app.domain.fhir import OWN
from app.domain.text import Language
from app.integrations.omaolo.port import Answers, AnswerValue

Json = dict[str, Any]


def response_of(language: Language, answers: Answers, *, trying: bool) -> Json:
    """The answers so far; those of somebody who is only trying say so."""
    response: Json = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "language": language}
    if trying:
        response["extension"] = [{"url": OWN + "trying", "valueBoolean": True}]
    items = items_of(answers)
    return {**response, "item": items} if items else response  # FHIR knows no empty lists


def items_of(answers: Answers) -> list[Json]:
    """One item for each answer; one without an answer says that it was left unanswered on purpose."""
    return [_item(link_id, value) for link_id, value in answers.items()]


def _item(link_id: str, value: AnswerValue) -> Json:
    if isinstance(value, int):
        return {"linkId": link_id, "answer": [{"valueInteger": value}]}
    codes = (value,) if isinstance(value, str) else value
    answer = [{"valueCoding": {"code": code}} for code in codes]
    return {"linkId": link_id, "answer": answer} if answer else {"linkId": link_id}
