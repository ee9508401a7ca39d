"""The watch over the outside systems: counts every call, and writes down how the systems are."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import metrics
from app.database import Database
from app.integrations.breaker import BreakerRule
from app.integrations.http import Rejected
from app.integrations.watch import Call, OddAnswer
from app.services.identity.vault import IdentityVault
from app.services.system_states import failing_systems, note_calls

log = structlog.get_logger(__name__)

MOST_KEPT = 500  # calls between two writings down; where more fail in a second, the oldest are not worth keeping
MOST_ODD = 50
WHOLE = "whole"
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
        self._odd: deque[OddAnswer] = deque(maxlen=MOST_ODD)
        self._latest: dict[tuple[str, str], Call] = {}
        self._writing = asyncio.Lock()

    def call_ended(self, call: Call) -> None:
        metrics.CALLS.labels(call.system, call.outcome).inc()
        metrics.BREAKER.labels(call.system).set(0 if call.breaker == "closed" else 1)
        if call.outcome not in {"skipped", "invalid"}:
            metrics.CALL_SECONDS.labels(call.system).observe(call.seconds)
        if call.outcome != "skipped":
            self._calls.append(call)

    def refuses_us(self, refusal: Rejected) -> None:
        """A probe was refused as such: our account or certificate is not taken, and everything else will fail too."""
        self._calls.append(
            Call(refusal.system, "unavailable", 0.0, f"refuses us: {refusal.reason}", "", "closed", WHOLE)
        )

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
        known = {key for key, call in self._latest.items() if call.outcome == "ok"}
        return any(call.outcome != "ok" or (call.system, call.endpoint) not in known for call in self._calls)

    async def write_down(self) -> None:
        """Write what has gathered and read what is known. While the database is away it waits here."""
        async with self._writing:
            calls, self._calls = self._calls, deque(maxlen=MOST_KEPT)
            odd, self._odd = self._odd, deque(maxlen=MOST_ODD)
            verdicts = self._judge(calls)
            try:
                async with self._database.transaction() as session:
                    await note_calls(session, verdicts, calls, odd, self._vault)
                    self.failing = await failing_systems(session)
            except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
                # The database is away: what was taken goes back before what has come since.
                log.warning("watch_not_written", error=type(error).__name__)
                self._calls.extendleft(reversed(calls))
                self._odd.extendleft(reversed(odd))
            except SQLAlchemyError as error:  # something that can't be written must not stand before the rest for ever
                log.error("watch_lost", error=type(error).__name__)

    def _judge(self, calls: Iterable[Call]) -> list[Call]:
        """For each system that was called, the call that tells how it is: while one of its endpoints fails, that. A
        refusal of one call tells nothing: the system is there, but whether it works for others nobody knows."""
        called = {call.system: call for call in calls if call.outcome != "rejected"}
        self._latest |= {(call.system, call.endpoint): call for call in calls if call.outcome != "rejected"}
        for call in calls:
            if call.outcome == "ok":  # a refusal of a probe was noted for the system as a whole
                self._latest.pop((call.system, WHOLE), None)
        worst = {call.system: call for call in self._latest.values() if call.outcome != "ok"}
        return [worst.get(system, call) for system, call in called.items()]
