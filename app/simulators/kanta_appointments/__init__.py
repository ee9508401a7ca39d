"""Kanta's appointments (Potilastietovaranto): the provider's side, a FHIR R4 server of one resource type."""

from app.simulators.fhir_server import FhirServer
from app.simulators.kanta_appointments.description import KANTA_APPOINTMENTS
from app.simulators.kanta_appointments.rules import AppointmentRules
from app.simulators.kanta_appointments.seed import seed
from app.simulators.system import Parts, SimulatedSystem

NAME, PATH = "kanta-appointments", "/kanta/appointments"


def system(parts: Parts) -> SimulatedSystem:
    """The interface; those who have given a mandate have appointments already, so that there is something to see."""
    rules = AppointmentRules(parts.settings.kanta_appointments.token)
    server = FhirServer(KANTA_APPOINTMENTS, parts.store, parts.url(PATH), rules)
    return SimulatedSystem(NAME, PATH, server.app(), seed=lambda: seed(server.records, parts.world))
