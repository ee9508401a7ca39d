"""What is told about calls to the outside: for metrics, for the status page, and for looking into odd answers."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.integrations.breaker import BreakerRule, State

Outcome = Literal["ok", "rejected", "unavailable", "invalid", "skipped"]


@dataclass(frozen=True)
class Call:
    """One call that ended. `reason` is a short word without personal data; `seconds` includes waiting for a place.

    rejected: the system said no. invalid: its answer doesn't validate. skipped: the breaker was open, nothing was
    sent. `endpoint`: which of several, where a system has more than one.
    """

    system: str
    outcome: Outcome
    seconds: float
    reason: str
    correlation_id: str
    breaker: State
    endpoint: str = ""


@dataclass(frozen=True)
class OddAnswer:
    """An answer that doesn't validate, kept (encrypted, for some days) for whoever looks into it; never shown."""

    system: str
    reason: str
    status: int
    correlation_id: str
    body: bytes = field(repr=False)


class Watch(Protocol):
    """Somebody who is told, and the rule of the breakers. Neither method may raise or wait: a call never suffers from
    being watched."""

    rule: BreakerRule

    def call_ended(self, call: Call) -> None: ...

    def odd_answer(self, answer: OddAnswer) -> None: ...


class _Nobody:
    rule = BreakerRule()

    def call_ended(self, call: Call) -> None: ...

    def odd_answer(self, answer: OddAnswer) -> None: ...


NO_WATCH: Watch = _Nobody()
