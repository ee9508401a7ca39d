"""All simulated systems. A new one is one line here."""

from app.simulators import omaolo, staff_identification, suomifi_identification, suomifi_messages
from app.simulators.system import Parts, SimulatedSystem


def systems(parts: Parts) -> tuple[SimulatedSystem, ...]:
    """The systems in the order in which the index page lists them."""
    return (
        omaolo.system(parts),
        suomifi_identification.system(parts),
        staff_identification.system(parts),
        suomifi_messages.system(parts),
    )
