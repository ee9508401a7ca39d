"""The HTTP client of the assessment service (FHIR R4, `$next-question`)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx

from app.domain.text import Language
from app.integrations.http import CALL_SECONDS, OutsideClient
from app.integrations.omaolo.answers import response_of
from app.integrations.omaolo.messages import read_faults, read_step, read_summaries
from app.integrations.omaolo.port import (
    Answers,
    AssessmentSummary,
    ConflictingTask,
    InvalidAnswers,
    NotOffered,
    ProfessionalTask,
    QuestionPage,
    Result,
    SentAssessment,
)
from app.integrations.omaolo.tasks import TaskBundle, TaskShape, read_task, task_of
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "omaolo"
_FHIR_JSON = "application/fhir+json"
_INVALID_ANSWERS = 422
_TAKEN, _SEVERAL, _NOT_OFFERED = 409, 412, 501

T = TypeVar("T")


@dataclass(frozen=True)
class OmaoloConfig:
    """Where the assessment service is. Omaolo's own interface is not public, so everything here may be set.

    `api_key` goes into `key_header` after `key_prefix`; empty: none is sent (our own service wants none).
    `questionnaires` is what canonical addresses of assessments begin with, `identifiers` the system of the identifiers
    that we give to tasks.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    questionnaires: str = "https://asiointi-ikkuna.example/fhir/Questionnaire"
    identifiers: str = "https://asiointi-ikkuna.example/fhir/sent-assessment"
    seconds: float = CALL_SECONDS


class OmaoloClient:
    """An `AssessmentService` over HTTP. An answer that does not validate counts as Unavailable, not as data."""

    def __init__(self, config: OmaoloConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        key = {config.key_header: f"{config.key_prefix}{config.api_key}"} if config.api_key else {}
        self._headers = {"Accept": _FHIR_JSON, **key}
        self._http = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)

    async def close(self) -> None:
        await self._http.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self.list_assessments("fi")

    async def list_assessments(self, language: Language, topic: str | None = None) -> tuple[AssessmentSummary, ...]:
        query = {"language": language} | ({"topic": topic} if topic else {})
        answer = await self._call("GET", "/Questionnaire", params=query)
        return self._understand(answer, read_summaries)

    async def next_step(
        self, assessment_id: str, language: Language, answers: Answers, *, trying: bool = False
    ) -> QuestionPage | Result:
        path = f"/Questionnaire/{quote(assessment_id, safe='')}/$next-question"
        body = response_of(language, answers, trying=trying)
        # The service keeps nothing, so asking again does no harm.
        answer = await self._call("POST", path, body=body, accept={_INVALID_ANSWERS}, idempotent=True)
        if answer.status_code != _INVALID_ANSWERS:
            return self._understand(answer, lambda data: read_step(data, assessment_id, language))
        raise InvalidAnswers(self._understand(answer, read_faults))

    async def send_to_professional(self, sent: SentAssessment) -> ProfessionalTask:
        """A conditional create: where the identifier is known there already, the task that has it comes back."""
        own = {"identifier": f"{self._config.identifiers}|{sent.identifier}"}
        task = task_of(sent, f"{self._config.questionnaires}/{sent.assessment_id}", self._config.identifiers)
        headers = {"If-None-Exist": urlencode(own), "Prefer": "return=representation"}
        answer = await self._call(
            "POST", "/Task", body=task, headers=headers, accept={_TAKEN, _SEVERAL, _NOT_OFFERED}, idempotent=True
        )
        _check_offered(answer)
        if answer.status_code == _SEVERAL:
            raise ConflictingTask(SYSTEM, "identifier is there several times", status=_SEVERAL)
        if answer.status_code == _TAKEN:
            return await self._find_task(own, sent)
        return self._own_task(answer, self._http.check(answer, TaskShape), sent)

    async def task_status(self, task_id: str) -> ProfessionalTask:
        answer = await self._call("GET", f"/Task/{quote(task_id, safe='')}", accept={_NOT_OFFERED})
        _check_offered(answer)
        return self._understand(answer, lambda data: read_task(TaskShape.model_validate(data)))

    async def _find_task(self, own: dict[str, str], sent: SentAssessment) -> ProfessionalTask:
        """For a service that answers a repeated sending by 409 alone."""
        answer = await self._call("GET", "/Task", params=own)
        found = self._http.check(answer, TaskBundle).entry
        if len(found) != 1:
            raise ConflictingTask(SYSTEM, "identifier is not one task's", status=_TAKEN)
        return self._own_task(answer, found[0].resource, sent)

    def _own_task(self, answer: httpx.Response, task: TaskShape, sent: SentAssessment) -> ProfessionalTask:
        """`task` where it is the one that was sent: another's would tell us of somebody else's matter."""
        if not task.has(self._config.identifiers, str(sent.identifier)):
            raise self._http.odd(answer, "another task came back")
        return self._understand(answer, lambda _data: read_task(task))

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        accept: set[int] | None = None,
        headers: dict[str, str] | None = None,
        idempotent: bool | None = None,
        **options: Any,
    ) -> httpx.Response:
        sent = {} if body is None else {"content": json.dumps(body).encode()}
        named = self._headers | (headers or {}) | ({"Content-Type": _FHIR_JSON} if sent else {})
        return await self._http.call(
            method, path, accept=frozenset(accept or ()), headers=named, idempotent=idempotent, **sent, **options
        )

    def _understand(self, answer: httpx.Response, reader: Callable[[Any], T]) -> T:
        """The answer as `reader` reads it; one that makes no sense is kept for inspection and Unavailable."""
        data = self._http.json(answer)
        try:
            return reader(data)
        except (ValueError, RecursionError):
            # What did not fit may be somebody's answers: it goes into no message and no chain of errors.
            raise self._http.odd(answer, "it does not validate") from None


def _check_offered(answer: httpx.Response) -> None:
    if answer.status_code == _NOT_OFFERED:
        raise NotOffered(SYSTEM, "no tasks are taken here", status=_NOT_OFFERED)
