"""The HTTP client of the assessment service (FHIR R4, `$next-question`)."""

from typing import Any
from urllib.parse import quote

from app.domain.text import Language
from app.integrations.http import CALL_SECONDS, OutsideClient, Unavailable
from app.integrations.omaolo.messages import read_faults, read_step, read_summaries
from app.integrations.omaolo.port import (
    Answers,
    AnswerValue,
    AssessmentSummary,
    InvalidAnswers,
    QuestionPage,
    Result,
)

_INVALID_ANSWERS = 422


class OmaoloClient:
    """An `AssessmentService` over HTTP. An answer that does not validate counts as Unavailable, not as data."""

    def __init__(self, base_url: str, *, seconds: float = CALL_SECONDS) -> None:
        self._http = OutsideClient("omaolo", base_url, seconds=seconds)

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.close()

    async def list_assessments(self, language: Language) -> tuple[AssessmentSummary, ...]:
        """See the port."""
        data = await self._http.call_json("GET", "/Questionnaire", params={"language": language})
        try:
            return read_summaries(data)
        except ValueError as error:
            raise Unavailable(self._http.system, "malformed list") from error

    async def next_step(self, assessment_id: str, language: Language, answers: Answers) -> QuestionPage | Result:
        """See the port."""
        path = f"/Questionnaire/{quote(assessment_id, safe='')}/$next-question"
        body = _response(language, answers)
        answer = await self._http.call("POST", path, json=body, accept=frozenset({_INVALID_ANSWERS}))
        data = self._http.json(answer)
        try:
            if answer.status_code != _INVALID_ANSWERS:
                return read_step(data, assessment_id, language)
            faults = read_faults(data)
        except ValueError as error:
            raise Unavailable(self._http.system, "malformed step") from error
        raise InvalidAnswers(faults)


def _response(language: Language, answers: Answers) -> dict[str, Any]:
    response: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "language": language,
    }
    items = [_item(link_id, value) for link_id, value in answers.items()]
    return {**response, "item": items} if items else response


def _item(link_id: str, value: AnswerValue) -> dict[str, Any]:
    if isinstance(value, int):
        return {"linkId": link_id, "answer": [{"valueInteger": value}]}
    codes = (value,) if isinstance(value, str) else value
    answer = [{"valueCoding": {"code": code}} for code in codes]
    return {"linkId": link_id, "answer": answer} if answer else {"linkId": link_id}
