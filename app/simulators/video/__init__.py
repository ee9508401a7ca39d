"""A video service of our own design: rooms by a REST interface, and a page for each side of the visit."""

from app.simulators.system import Parts, SimulatedSystem
from app.simulators.video.endpoints import Endpoints
from app.simulators.video.rooms import Rooms
from app.simulators.video.visit import VisitPages


def system(parts: Parts) -> SimulatedSystem:
    """The service for one account."""
    rooms = Rooms(parts.store)
    visits = VisitPages(rooms, parts.pages)
    endpoints = Endpoints(parts.settings.video, rooms, visits, parts.url("/video"), parts.pages)
    return SimulatedSystem("video", "/video", endpoints.app(), inspection=endpoints.inspection)
