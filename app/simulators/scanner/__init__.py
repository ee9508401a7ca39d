"""A malware scanner that speaks clamd's protocol and knows one harmless test file."""

from starlette.applications import Starlette

from app.simulators.system import Parts, SimulatedSystem


def system(_parts: Parts) -> SimulatedSystem:
    """The scanner's place among the systems. It speaks no HTTP: `server.py` listens on a port of its own."""
    return SimulatedSystem("scanner", "/scanner", Starlette())
