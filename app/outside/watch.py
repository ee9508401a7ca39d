"""The watch over the outside systems: counts every call, and writes down how the systems are."""

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.database import Database
from app.integrations.breaker import BreakerRule
from app.integrations.http import Rejected
from app.integrations.watch import Call, OddAnswer
from app.services.identity_vault import IdentityVault
from app.services.system_states import failing_systems, note_calls

log = structlog.get_logger(__name__)

MOST_KEPT = 500  # calls between two writings down; where more fail in a second, the oldest are not worth keeping
WRITE_SECONDS = 1.0
LOOK_SECONDS = 5.0


class SystemsWatch:
    """Counts calls, and writes down now and then how the systems are (one small transaction, only on news).

    `failing` is what all processes together know, a few seconds old: pages show it without asking anybody.
    """

    def __init__(self, database: Database, vault: IdentityVault, rule: BreakerRule) -> None:
        self.rule = rule
        self.failing: Mapping[str, datetime] = {}
        self._database = database
        self._vault = vault
        self._calls: deque[Call] = deque(maxlen=MOST_KEPT)
        self._odd: deque[OddAnswer] = deque(maxlen=50)
        self._last: dict[str, bool] = {}

    def call_ended(self, call: Call) -> None:
        metrics.CALLS.labels(call.system, call.outcome).inc()
        metrics.BREAKER.labels(call.system).set(0 if call.breaker == "closed" else 1)
        if call.outcome not in {"skipped", "invalid"}:
            metrics.CALL_SECONDS.labels(call.system).observe(call.seconds)
        if call.outcome != "skipped":
            self._calls.append(call)

    def refuses_us(self, refusal: Rejected) -> None:
        """A probe was refused as such: our account or certificate is not taken, and everything else will fail too."""
        self._calls.append(Call(refusal.system, "unavailable", 0.0, f"refuses us: {refusal.reason}", "", "closed"))

    def odd_answer(self, answer: OddAnswer) -> None:
        self._odd.append(answer)

    async def keep_watch(self) -> None:
        """Until cancelled: write down what is new, look at what others wrote."""
        looked = 0.0
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            looked += WRITE_SECONDS
            news = self._has_news()
            if news or looked >= LOOK_SECONDS:
                looked = 0.0
                await self.write_down()

    def _has_news(self) -> bool:
        """A system that goes on working is news only now and then: with the next look."""
        return any(call.outcome != "ok" or self._last.get(call.system) is not True for call in self._calls)

    async def write_down(self) -> None:
        """Write what has gathered and read what is known. While the database is away it waits here."""
        calls, odd = list(self._calls), list(self._odd)
        try:
            async with self._database.transaction() as session:
                if calls:
                    await note_calls(session, calls, odd, self._vault)
                self.failing = await failing_systems(session)
        except (SQLAlchemyError, OSError) as error:
            log.warning("watch_not_written", error=type(error).__name__)
            return
        for _ in calls:
            self._calls.popleft()
        for _ in odd:
            self._odd.popleft()
        self._last |= {call.system: call.outcome == "ok" for call in calls}
