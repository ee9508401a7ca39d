"""The assessment service as an ASGI application of its own. It stores nothing and logs no answers."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from app.assessment_service import offer, wire
from app.assessment_service.engine import Assessment, InvalidAnswers, PageStep, next_step
from app.assessment_service.library import shipped_assessments
from app.assessment_service.wire_in import Malformed, read_response
from app.domain.text import as_language

MAXIMUM_BODY = 64 * 1024  # bytes; a full response is under 4 kB

_ISSUE_TYPES = {404: "not-found", 405: "not-supported", 413: "too-long", 501: "not-supported"}


def create_app(assessments: Mapping[str, Assessment] | None = None) -> FastAPI:
    """The service over `assessments` by id; without them, over those that ship with the product."""
    app = FastAPI(title="Assessment service", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.assessments = shipped_assessments() if assessments is None else assessments
    app.add_api_route("/healthz", healthz, methods=["GET"])
    app.add_api_route("/metadata", tell_capability, methods=["GET"])
    app.add_api_route("/Questionnaire", list_questionnaires, methods=["GET"])
    app.add_api_route("/Questionnaire/{assessment_id}/$next-question", ask_next, methods=["POST"])
    for path in ("/Task", "/Task/{task_id}"):
        app.add_api_route(path, take_no_task, methods=["GET", "POST"])
    app.add_exception_handler(HTTPException, _show_failure)
    return app


async def healthz() -> Response:
    """Alive."""
    return Response("ok", media_type="text/plain")


async def tell_capability() -> Response:
    """What can be done here."""
    return _fhir(offer.capability())


async def take_no_task() -> Response:
    """Tasks for professionals need somebody who keeps them, and this service keeps nothing: 501, as declared."""
    raise HTTPException(501, "this service keeps nothing, so it takes no tasks for professionals")


async def list_questionnaires(request: Request) -> Response:
    """`?language=fi[&topic=]`: the assessments offered, as headers."""
    query = request.query_params
    assessments: Mapping[str, Assessment] = request.app.state.assessments
    return _fhir(offer.headers(assessments.values(), as_language(query.get("language")), query.get("topic")))


async def ask_next(request: Request, assessment_id: str) -> Response:
    """Answers in, the next page or the result out: no answers start, a result finishes.

    400, 404, 413 and 422 as OperationOutcome.
    """
    assessments: Mapping[str, Assessment] = request.app.state.assessments
    assessment = assessments.get(assessment_id)
    if assessment is None:
        raise HTTPException(404, "there is no such assessment")
    try:
        received = read_response(await _body(request))
        step = next_step(assessment, received.answers)
    except Malformed as error:
        return _fhir(wire.failure("structure", str(error)), status=400)
    except InvalidAnswers as error:
        return _fhir(wire.invalid_answers(error.faults), status=422)
    response = (
        wire.page_response(assessment, step, received.language)
        if isinstance(step, PageStep)
        else wire.outcome_response(assessment, step, received.language)
    )
    return _fhir(wire.as_trial(response) if received.trying else response)


async def _body(request: Request) -> bytes:
    """The body; counted while it arrives, because a declared length can lie."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_BODY:
            raise HTTPException(413, f"the body is larger than {MAXIMUM_BODY} bytes")
    return bytes(body)


async def _show_failure(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return _fhir(wire.failure(_ISSUE_TYPES.get(status, "processing"), detail), status=status)


def _fhir(resource: dict[str, Any], *, status: int = 200) -> Response:
    return Response(json.dumps(resource), status_code=status, media_type="application/fhir+json")
