"""The port of e-mail.

A mail server knows no key by which a repeated sending would be one message, so the caller sends at most once, as with
text messages.

    Rejected                     certainly not sent
    └── BadAddress               no mail can go to this address
    Unavailable
    ├── asked is False           certainly not sent: may be sent again
    └── asked is True            nobody knows: it may have been sent
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.email_address import is_email_address
from app.integrations.http import Rejected, Unavailable

__all__ = ["BadAddress", "Email", "EmailReceipt", "InvalidEmail", "OutgoingEmail", "Rejected", "Unavailable"]


class InvalidEmail(ValueError):
    """Not an address to which mail can be sent, or no subject. The message never repeats it."""


class BadAddress(Rejected):
    """The mail server can't send to this address."""


@dataclass(frozen=True)
class OutgoingEmail:
    """A message of plain text. It says only that something waits, never about what.

    `client_reference` (letters, figures, dashes) becomes the left side of its Message-ID; it is *not* a key. Raises
    InvalidEmail where `to` is no address, or `subject` is not one line.
    """

    client_reference: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_email_address(self.to):
            raise InvalidEmail("not an e-mail address")
        if not self.subject or any(unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in self.subject):
            raise InvalidEmail("the subject is not one line")


@dataclass(frozen=True)
class EmailReceipt:
    """The mail server has taken the message: the id of its submission. Whether it arrives, nobody tells."""

    id: str


class Email(Protocol):
    """Sends e-mail."""

    async def send(self, email: OutgoingEmail) -> EmailReceipt:
        """Send once; never repeated by itself. Raises BadAddress, Rejected, Unavailable."""
