"""A mail server that takes messages over JMAP (RFC 8620, RFC 8621), and keeps them where people can read them."""

from app.simulators.email.endpoints import Endpoints
from app.simulators.email.mailroom import Mailroom
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The server for one account, with a page that shows every inbox."""
    mailroom = Mailroom(parts.settings.email, parts.store)
    endpoints = Endpoints(parts.settings.email, mailroom, parts.pages, parts.url("/email"))
    return SimulatedSystem("email", "/email", endpoints.app(), inspection=endpoints.inspection)
