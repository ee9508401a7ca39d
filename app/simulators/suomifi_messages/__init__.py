"""Suomi.fi Messages: the REST interface in the shape that its public clients speak."""

from app.simulators.suomifi_messages.account import AccountDesk
from app.simulators.suomifi_messages.endpoints import Endpoints
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The interface for one account, with the mailboxes of the world's residents."""
    account = AccountDesk(parts.settings.messages, parts.store)
    endpoints = Endpoints(account, parts.store, parts.world, parts.pages)
    return SimulatedSystem(
        "suomifi-messages", "/suomifi/messages", endpoints.app(), ("messages/token",), endpoints.inspection
    )
