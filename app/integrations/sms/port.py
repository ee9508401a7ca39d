"""The port of text messages.

A gateway knows no key by which a repeated sending would be one message, so the caller sends at most once: the attempt
is written down first, and what is not known to have been refused is not sent again by itself.

    Rejected                     certainly not sent
    ├── BadNumber                this number can't get text messages
    └── CreditOut                the account is empty: no message goes until somebody pays
    Unavailable
    ├── asked is False           certainly not sent: may be sent again
    │   └── Throttled            too many just now
    └── asked is True            nobody knows: it may have been sent
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import phonenumbers

from app.integrations.http import OutsideError, Rejected, Unavailable

__all__ = [
    "BadNumber",
    "CreditOut",
    "Delivery",
    "DeliveryState",
    "InvalidPhoneNumber",
    "LookUpNotOffered",
    "OutgoingSms",
    "Rejected",
    "Sms",
    "SmsReceipt",
    "Throttled",
    "Unavailable",
]

DeliveryState = Literal["accepted", "delivered", "failed", "unknown"]


class InvalidPhoneNumber(ValueError):
    """Not a valid phone number in the form +358401234567. The message never repeats it."""


class BadNumber(Rejected):
    """The gateway can't send to this number (a landline, or a number that is in no use)."""


class CreditOut(Rejected):
    """The county's credit at the gateway is used up. It says nothing of the message: operators must act."""


class Throttled(Unavailable):
    """Too many messages at a time; nothing was sent. `retry_after`: seconds to wait, as the gateway says."""

    def __init__(self, system: str, retry_after: float) -> None:
        super().__init__(system, "throttled", asked=False)
        self.retry_after = retry_after


class LookUpNotOffered(OutsideError):
    """This gateway can't be asked for a message by our reference."""


@dataclass(frozen=True)
class OutgoingSms:
    """A text message. `to` is in E.164 form; `text` says only that something waits, never about what.

    `client_reference` comes back in delivery reports; it is *not* a key: sending twice makes two messages. Raises
    InvalidPhoneNumber where `to` is no valid number.
    """

    client_reference: str
    to: str = field(repr=False)
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_e164(self.to):
            raise InvalidPhoneNumber("not a valid phone number in E.164 form")


@dataclass(frozen=True)
class SmsReceipt:
    """The gateway has taken the message: its id there, and how far it is."""

    id: str
    state: DeliveryState


@dataclass(frozen=True)
class Delivery:
    """How far a message is. `reason` only where it failed, in the gateway's word; `at` is when the state began.

    unknown: the gateway has forgotten the message, or uses a word for its state that we don't know.
    """

    id: str
    state: DeliveryState
    reason: str = ""
    at: datetime | None = None
    client_reference: str = ""


class Sms(Protocol):
    """Sends text messages and knows what became of them."""

    @property
    def can_look_up(self) -> bool:
        """Whether `find_by_reference` works at this gateway."""

    async def send(self, sms: OutgoingSms) -> SmsReceipt:
        """Send once; never repeated by itself. Raises BadNumber, CreditOut, Rejected, Throttled, Unavailable."""

    async def status(self, message_id: str) -> Delivery:
        """What became of a message. Raises Unavailable, Rejected."""

    async def find_by_reference(self, client_reference: str) -> tuple[Delivery, ...]:
        """All messages sent with our reference: none means that a sending of unknown outcome never arrived.

        Raises LookUpNotOffered, Unavailable, Rejected.
        """


def is_e164(number: str) -> bool:
    """True for a valid phone number of any country, written +358401234567."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_valid_number(parsed) and written == number
