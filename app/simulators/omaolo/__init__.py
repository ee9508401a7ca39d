"""Omaolo: our own assessment service in its place, and beside it the tasks of professionals, which that has not.

`/omaolo/Questionnaire…` is the assessment service itself; `/omaolo/Task` takes finished assessments for professionals;
`/omaolo/` shows them and lets a professional work.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from app.assessment_service import offer
from app.assessment_service.app import create_app
from app.assessment_service.library import shipped_assessments
from app.simulators.fhir_server.capability import capability_statement
from app.simulators.fhir_server.incoming import FHIR_JSON
from app.simulators.fhir_server.server import FhirServer
from app.simulators.omaolo.desk import Desk
from app.simulators.omaolo.tasks import DESCRIPTION, TaskRules
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The assessment service with tasks, as the window would reach Omaolo."""
    assessments = shipped_assessments()
    service = create_app(assessments)
    rules = TaskRules(parts.settings.omaolo.api_key, assessments)
    server = FhirServer(DESCRIPTION, parts.store, parts.url("/omaolo"), rules)
    desk = Desk(server.records, assessments, parts.pages)

    async def metadata(_request: Request) -> Response:
        statement = capability_statement(DESCRIPTION, parts.url("/omaolo"), rules)
        statement["rest"][0]["resource"].insert(0, offer.questionnaires())
        return JSONResponse(statement, media_type=FHIR_JSON)

    routes = [
        Route("/metadata", metadata, methods=["GET"]),
        Route("/tasks/{id}", desk.move, methods=["POST"]),
        *(Route(path, service) for path in ("/healthz", "/Questionnaire", "/Questionnaire/{rest:path}")),
        Mount("/", server.app()),
    ]
    return SimulatedSystem("omaolo", "/omaolo", Starlette(routes=routes), inspection=desk.inspection)
