"""Text messages over a gateway's REST interface."""

from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected
from app.integrations.sms.port import (
    BadNumber,
    CreditOut,
    Delivery,
    LookUpNotOffered,
    OutgoingSms,
    SmsReceipt,
    Throttled,
)
from app.integrations.sms.wire import ErrorBody, MessageBody, MessageList
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "sms"
_BAD_NUMBER = {"invalid_number", "not_a_mobile_number"}
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class SmsConfig:
    """The county's account at the gateway.

    `sender` is the name shown on the phone (3–11 letters and figures). The key goes into `key_header` after
    `key_prefix`. `can_look_up`: the gateway finds messages by our reference. `report_secret` signs delivery reports;
    empty where they are not pushed.
    """

    base_url: str
    api_key: str = field(repr=False)
    sender: str
    report_secret: str = field(default="", repr=False)
    can_look_up: bool = False
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    messages_path: str = "/v1/messages"
    seconds: float = CALL_SECONDS


class SmsGateway:
    """Implements the port `Sms`. Long-lived: it keeps connections."""

    def __init__(self, config: SmsConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._headers = {config.key_header: f"{config.key_prefix}{config.api_key}"}
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)

    @property
    def can_look_up(self) -> bool:
        return self._config.can_look_up

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self.status("probe")  # a message that nobody sent: unknown

    async def send(self, sms: OutgoingSms) -> SmsReceipt:
        body = {
            "to": sms.to,
            "text": sms.text,
            "sender": self._config.sender,
            "clientReference": sms.client_reference,
        }
        try:
            # Not idempotent: the gateway would take a repeated call for a second message.
            answer = await self._outside.call(
                "POST",
                self._config.messages_path,
                json=body,
                headers=self._headers,
                accept=frozenset({429}),
                idempotent=False,
            )
        except Rejected as refusal:
            raise _understood(refusal) from None  # what the gateway said may repeat the number
        if answer.status_code == 429:
            raise Throttled(SYSTEM, _retry_after(answer))
        return self._outside.check(answer, MessageBody).receipt()

    async def status(self, message_id: str) -> Delivery:
        path = f"{self._config.messages_path}/{quote(message_id, safe='')}"
        answer = await self._outside.call("GET", path, headers=self._headers, accept=frozenset({404}))
        if answer.status_code == 404:
            return Delivery(message_id, "unknown")
        return self._outside.check(answer, MessageBody).delivery()

    async def find_by_reference(self, client_reference: str) -> tuple[Delivery, ...]:
        if not self._config.can_look_up:
            raise LookUpNotOffered(SYSTEM, "look-up by reference is not offered")
        query = {"clientReference": client_reference}
        found = await self._outside.read(
            MessageList, "GET", self._config.messages_path, params=query, headers=self._headers
        )
        return tuple(message.delivery() for message in found.messages)


def _understood(refusal: Rejected) -> Rejected:
    """The refusal as what it means, with the gateway's code and none of its words."""
    code = _error_code(refusal.body)
    if refusal.status == 402:
        return CreditOut(SYSTEM, "credit out", status=402)
    if code in _BAD_NUMBER:
        return BadNumber(SYSTEM, code, status=refusal.status)
    return Rejected(SYSTEM, refusal.reason, status=refusal.status, body={"code": code})


def _error_code(body: object) -> str:
    try:
        return ErrorBody.model_validate(body).error.code[:60]
    except ValidationError:
        return ""


def _retry_after(answer: httpx.Response) -> float:
    """Seconds; the header's other form, a date, is not worth reading: a minute is waited instead."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdecimal() else 60.0
