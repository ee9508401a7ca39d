"""Messages on their way to phones: what is taken, what is refused, and what becomes of them.

The last four figures of a number choose what happens, so that every outcome can be had by a request:

    …9402  402 the credit is out        …9001  taken, then failed: number_not_reachable
    …9429  429 too many at a time       …9002  taken, then expired
                                        …9003  taken, and nothing more is heard
"""

import time
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import uuid4

import phonenumbers

from app.simulators.json_api import Refused
from app.simulators.settings import SmsAccount
from app.simulators.store import Store

RETRY_AFTER_SECONDS = 30
KEPT_SECONDS = 30 * 24 * 3600
_KIND = "sms/message"
_MOBILE = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
_FATES: dict[str, tuple["State", str]] = {
    "9001": ("failed", "number_not_reachable"),
    "9002": ("expired", "not_delivered_in_time"),
    "9003": ("accepted", ""),
}
State = Literal["accepted", "delivered", "failed", "expired"]


@dataclass(frozen=True)
class Taken:
    """A message that the gateway has taken; `received` in seconds since 1970."""

    id: str
    to: str
    text: str
    sender: str
    client_reference: str
    received: float

    @property
    def outcome(self) -> tuple[State, str]:
        """The state that it will end in, and why where it fails."""
        return _FATES.get(self.to[-4:], ("delivered", ""))


class Gateway:
    """One account. The same message sent twice is two messages."""

    def __init__(self, account: SmsAccount, store: Store) -> None:
        self._account = account
        self._store = store

    def take(self, to: str, text: str, sender: str, client_reference: str) -> Taken:
        """A new message. Raises Refused: 400 for the number, 402, 429."""
        _check_number(to)
        if to.endswith("9402"):
            raise Refused(402, "credit_out", "the account's credit is used up")
        if to.endswith("9429"):
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise Refused(429, "too_many_requests", "too many messages at a time", headers=headers)
        taken = Taken(str(uuid4()), to, text, sender, client_reference, time.time())
        self._store.add(_KIND, taken.id, asdict(taken), seconds=KEPT_SECONDS)
        return taken

    def find(self, message_id: str) -> Taken | None:
        kept = self._store.get(_KIND, message_id)
        return Taken(**kept) if kept else None

    def messages(self) -> list[Taken]:
        """All messages that are remembered, newest first."""
        return [Taken(**record.body) for record in self._store.records(_KIND)][::-1]

    def described(self, message: Taken) -> dict[str, object]:
        """A message as the interface and the delivery reports tell it; the text stays out."""
        state, reason = self.state(message)
        on_its_way = message.received + (self._account.delivery_seconds if state != "accepted" else 0)
        return {
            "id": message.id,
            "clientReference": message.client_reference,
            "state": state,
            "reason": reason or None,
            "at": _written(on_its_way),
        }

    def state(self, message: Taken) -> tuple[State, str]:
        arrived = time.time() >= message.received + self._account.delivery_seconds
        return message.outcome if arrived else ("accepted", "")


def _check_number(number: str) -> None:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise Refused(400, "invalid_number", "the number is not in E.164 form", fields=("to",)) from None
    if not phonenumbers.is_valid_number(parsed) or number != _e164(parsed):
        raise Refused(400, "invalid_number", "the number is not in use or not in E.164 form", fields=("to",))
    if phonenumbers.number_type(parsed) not in _MOBILE:
        raise Refused(400, "not_a_mobile_number", "the number takes no text messages", fields=("to",))


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _written(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
