"""The port of Suomi.fi Messages."""

from dataclasses import dataclass, field
from typing import Protocol

from app.domain.text import Text
from app.integrations.http import Rejected, Unavailable

__all__ = ["Messages", "OutgoingNotice", "Rejected", "Unavailable"]


@dataclass(frozen=True)
class OutgoingNotice:
    """A message to a resident's mailbox.

    `external_id` is the key by which a repeated sending is known: the same one is delivered once. The notification
    is what comes by ordinary e-mail; it must be complete in three languages and say nothing about health.
    """

    external_id: str
    recipient_identity_code: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    notification_title: Text
    notification_content: Text


class Messages(Protocol):
    """Sends messages to residents' official mailboxes."""

    async def send(self, notice: OutgoingNotice) -> int:
        """The id of the message, also where it had been sent before. Raises Unavailable, Rejected."""
