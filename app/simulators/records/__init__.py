"""Client and patient record systems of our own design: one FHIR server for each register, and a desk for people.

`/records/patient` and `/records/social` speak FHIR R4; `/records/` shows what has arrived and moves cases on.
"""

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from app.simulators.fhir_server.server import FhirServer
from app.simulators.records.desk import Desk
from app.simulators.records.registers import REGISTERS, RegisterRules, description
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """Both registers' systems; each takes only what is its own, from clients with its own key."""
    access = parts.settings.records
    keys = {"patient": access.patient_key, "social": access.social_key}
    servers = {
        name: FhirServer(
            description(name), parts.store, parts.url(f"/records/{name}"), RegisterRules(name, keys[name], keys)
        )
        for name in REGISTERS
    }
    desk = Desk({name: server.records for name, server in servers.items()}, parts.world, parts.pages)
    routes = [
        Route("/cases/{register}/{id}", desk.move, methods=["POST"]),
        *(Mount(f"/{name}", server.app()) for name, server in servers.items()),
    ]
    return SimulatedSystem("records", "/records", Starlette(routes=routes), inspection=desk.inspection)
