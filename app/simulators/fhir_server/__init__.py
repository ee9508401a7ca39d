"""A small generic FHIR R4 REST server, to be described (`description`) and given rules (`rules`) by each system.

description = ServerDescription("Title", "kanta-phr", (ResourceDescription("Observation", parameters=(…)),))
server = FhirServer(description, parts.store, parts.url("/kanta/phr"), MyRules())
SimulatedSystem("kanta-phr", "/kanta/phr", server.app())
"""

from app.simulators.fhir_server.description import (
    CHANGEABLE,
    EVERYTHING,
    READ_ONLY,
    Action,
    Resource,
    ResourceDescription,
    SearchParameter,
    ServerDescription,
    VersionGuard,
)
from app.simulators.fhir_server.refusal import Refusal, Refused, insist, refuse
from app.simulators.fhir_server.rules import Answer, Context, Operation, Rules
from app.simulators.fhir_server.server import FhirServer

__all__ = [
    "CHANGEABLE",
    "EVERYTHING",
    "READ_ONLY",
    "Action",
    "Answer",
    "Context",
    "FhirServer",
    "Operation",
    "Refusal",
    "Refused",
    "Resource",
    "ResourceDescription",
    "Rules",
    "SearchParameter",
    "ServerDescription",
    "VersionGuard",
    "insist",
    "refuse",
]
