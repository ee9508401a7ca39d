"""The port of Suomi.fi Messages: the resident's official mailbox.

Errors: `Unavailable` and `Rejected` of app/integrations/http.py, and `NoMailbox`, which is a `Rejected`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.text import Text
from app.integrations.http import Rejected, Unavailable

__all__ = [
    "Attachment",
    "Event",
    "EventType",
    "KeptAttachment",
    "KeptMessage",
    "Messages",
    "NoMailbox",
    "OutgoingNotice",
    "Rejected",
    "Unavailable",
]


class NoMailbox(Rejected):
    """The recipient does not use Suomi.fi Messages: another way is needed (text message, letter)."""


class EventType(StrEnum):
    """What can happen to a message. The interface may send others too; they come as plain strings."""

    CREATED = "Electronic message created"
    FROM_PERSON = "Electronic message from end user"
    READ = "Electronic message read"
    PAPER_CREATED = "Paper mail created"
    PAPER_PRINTING = "Sent for printing and enveloping"
    RECEIPT_CONFIRMED = "Receipt confirmed"
    POSTI_RECEIPT_CONFIRMED = "Posti: receipt confirmed"
    POSTI_RETURNED = "Posti: returned to sender"
    POSTI_UNRESOLVED = "Posti: unresolved"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; the recipient sees its `filename`."""

    filename: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class OutgoingNotice:
    """A message to a resident's mailbox.

    `external_id` is the key by which a repeated sending is known: the same one is delivered once. The notification
    is what comes by ordinary e-mail; it must be complete in three languages and say nothing about health.
    `in_reply_to`: id of a message of the same person that this one answers.
    """

    external_id: str
    recipient_identity_code: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    notification_title: Text
    notification_content: Text
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened to the message `message_id`. `external_id` is ours, None for what a person wrote.

    `type` equals a member of `EventType` where it is a known one.
    """

    type: str
    at: datetime
    message_id: int
    service_id: str
    external_id: str | None


@dataclass(frozen=True)
class KeptAttachment:
    """A file of a message, as described there."""

    id: str
    filename: str = field(repr=False)
    media_type: str
    size_bytes: int


@dataclass(frozen=True)
class KeptMessage:
    """A message as Suomi.fi keeps it. `sender_name` is the person who wrote it, None where it is our own.

    `thread`: id of the first message of the exchange, None where there is none.
    """

    id: int
    created_at: datetime
    title: str = field(repr=False)
    body: str = field(repr=False)
    attachments: tuple[KeptAttachment, ...]
    thread: int | None
    sender_name: str | None = field(repr=False)


class Messages(Protocol):
    """Sends messages to residents' official mailboxes, and tells what became of them.

    Every method may raise Unavailable or Rejected.
    """

    async def send(self, notice: OutgoingNotice) -> int:
        """The id of the message, also where it had been sent before. Raises NoMailbox."""

    async def active_mailboxes(self, identity_codes: Iterable[str]) -> frozenset[str]:
        """Those of `identity_codes` whose mailbox is in use. Any number may be asked; only to send them something."""

    async def events(self, continuation: str | None = None) -> tuple[tuple[Event, ...], str]:
        """What happened since `continuation` (None: in the 60 days that are kept), oldest first, and the next one.

        At most a thousand come at once; where none come, nothing more has happened yet.
        """

    async def message(self, message_id: int) -> KeptMessage:
        """A message that was sent or has come. It can be read for 60 days."""

    async def attachment(self, attachment_id: str) -> bytes:
        """The content of an attachment."""

    async def change_password(self, new_password: str) -> None:
        """Change the account's password: 32 characters or more, small and capital letters, a digit, a symbol.

        This client goes on with the new one. Where Unavailable is raised, it is unknown which one holds.
        """
