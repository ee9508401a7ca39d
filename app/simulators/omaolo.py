"""Omaolo: our own assessment service in its place, with fault switches around it (see main.py)."""

from app.assessment_service.app import create_app
from app.simulators.system import Parts, SimulatedSystem


def system(_parts: Parts) -> SimulatedSystem:
    """The assessment service, as the window would reach Omaolo."""
    return SimulatedSystem("omaolo", "/omaolo", create_app())
