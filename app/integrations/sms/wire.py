"""What the gateway says, as our types. Its words of state are many; ours are four."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.integrations.sms.port import Delivery, DeliveryState, SmsReceipt

_STATES: dict[str, DeliveryState] = {
    "accepted": "accepted",
    "queued": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "failed": "failed",
    "expired": "failed",
    "rejected": "failed",
}


class MessageBody(BaseModel):
    """A message's state, in an answer or in a delivery report."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    state: str
    reason: str | None = None
    at: AwareDatetime | None = None
    client_reference: str | None = None

    def receipt(self) -> SmsReceipt:
        return SmsReceipt(self.id, _state(self.state))

    def delivery(self) -> Delivery:
        state = _state(self.state)
        reason = (self.reason or self.state) if state == "failed" else ""
        at: datetime | None = self.at
        return Delivery(self.id, state, reason, at, self.client_reference or "")


class MessageList(BaseModel):
    """The answer to a look-up."""

    messages: list[MessageBody]


class _Error(BaseModel):
    code: str = ""


class ErrorBody(BaseModel):
    """A refusal; only its code is read, the words are for developers."""

    error: _Error = _Error()


def _state(word: str) -> DeliveryState:
    return _STATES.get(word.lower(), "unknown")
