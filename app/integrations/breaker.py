"""A circuit breaker: after some failures in a row a system is left alone for a while, so that pages don't wait for it.

    closed ──failures in a row──▶ open ──rest over──▶ half-open ──a probe succeeds──▶ closed
                                    ▲                     │
                                    └───a probe fails─────┘   (and the rest doubles)

Our own, because the libraries either know no asyncio or keep half-open as one call among many.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True)
class BreakerRule:
    """`failures` in a row open it; `rest` seconds until the first probe, doubled up to `longest_rest`; `probes` may
    be under way at once while it is half-open."""

    failures: int = 5
    rest: float = 5.0
    longest_rest: float = 60.0
    probes: int = 1


class Breaker:
    """The breaker of one system in one process. Every admitted call ends in exactly one of `succeeded`, `failed`
    (the system's fault) and `abandoned` (nobody's: the caller went away)."""

    def __init__(self, rule: BreakerRule, clock: Callable[[], float] = time.monotonic) -> None:
        self._rule = rule
        self._clock = clock
        self._failures = 0
        self._probing = 0
        self._open_until: float | None = None
        self._rest = rule.rest
        self._odd = 0

    @property
    def state(self) -> State:
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    def admit(self) -> bool:
        """Whether a call may go out now; where it may, it must be told how it ended."""
        if self.state == "open":
            return False
        if self.state == "half_open":
            if self._probing >= self._rule.probes:
                return False
            self._probing += 1
        return True

    def succeeded(self) -> None:
        self._failures, self._probing, self._open_until, self._rest = 0, 0, None, self._rule.rest

    def failed(self) -> None:
        self._failures += 1
        was_open = self._open_until is not None
        if was_open:
            # Only a probe's failure makes it rest longer: calls that were under way before it opened also end here.
            if self._probing == 0:
                return
            self._probing = 0
            self._rest = min(self._rest * 2, self._rule.longest_rest)
        if was_open or self._failures >= self._rule.failures:
            self._open_until = self._clock() + self._rest

    def sound(self) -> None:
        """An answer came that makes sense."""
        self._odd = 0

    def spoiled(self) -> None:
        """An answer came that makes no sense: as many in a row as failures open it too."""
        self._odd += 1
        if self._odd >= self._rule.failures:
            self._open_until = self._clock() + self._rest

    def abandoned(self) -> None:
        self._probing = max(0, self._probing - 1)
