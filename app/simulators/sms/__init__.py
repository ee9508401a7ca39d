"""A text message gateway of our own design: no such interface is public for Finland's operators."""

from app.simulators.sms.endpoints import Endpoints
from app.simulators.sms.gateway import Gateway
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The gateway for one account, with a page that shows each phone."""
    gateway = Gateway(parts.settings.sms, parts.store)
    endpoints = Endpoints(parts.settings.sms, gateway, parts.pages)
    return SimulatedSystem("sms", "/sms", endpoints.app(), inspection=endpoints.inspection)
