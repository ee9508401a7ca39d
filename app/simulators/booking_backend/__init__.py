"""An external booking back-end: a FHIR R4 server with the Finnish scheduling profiles and GP Connect's refusals."""

from app.simulators.booking_backend.description import BOOKING_BACKEND
from app.simulators.booking_backend.rules import BookingRules
from app.simulators.fhir_server import FhirServer
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The back-end of one unit, with times for the coming weeks."""
    rules = BookingRules(parts.store, parts.world, parts.settings.booking.token)
    server = FhirServer(BOOKING_BACKEND, parts.store, parts.url("/booking"), rules)
    return SimulatedSystem("booking", "/booking", server.app(), seed=server.prepare)
