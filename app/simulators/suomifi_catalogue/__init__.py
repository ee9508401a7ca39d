"""The Finnish Service Catalogue: its open interface, version 11 out, with the county's own content in it."""

from app.simulators.suomifi_catalogue.endpoints import Endpoints
from app.simulators.suomifi_catalogue.shelf import Shelf
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The catalogue. It is open to everybody, so it has no tokens."""
    return SimulatedSystem("suomifi-catalogue", "/suomifi/catalogue", Endpoints(Shelf(parts.store)).app())
