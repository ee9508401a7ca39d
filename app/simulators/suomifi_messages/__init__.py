"""Suomi.fi Messages: the REST interface in the shape that its public clients speak."""

from app.simulators.suomifi_messages.account import AccountDesk
from app.simulators.suomifi_messages.endpoints import Endpoints
from app.simulators.suomifi_messages.mailbox import Mailbox
from app.simulators.suomifi_messages.people import People
from app.simulators.suomifi_messages.sending import Sending
from app.simulators.system import Parts, SimulatedSystem


def system(parts: Parts) -> SimulatedSystem:
    """The interface for one account, with the mailboxes of the world's residents."""
    account, mailbox = AccountDesk(parts.settings.messages, parts.store), Mailbox(parts.store)
    people = People(mailbox, parts.world, parts.pages)
    app = Endpoints(account, mailbox, Sending(account, mailbox, parts.world), people).app()
    return SimulatedSystem(
        "suomifi-messages", "/suomifi/messages", app, tokens=("messages/token",), inspection=people.inspection
    )
