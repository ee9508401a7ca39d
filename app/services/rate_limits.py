"""How often a thing may be asked for, and the counting.

A limit on a network address is high: a whole library, hospital or mobile operator comes from one. What one browser
session, person or phone number may ask for is bounded lower, and counted first, so that one who asks too often does
not use up what others behind the same address may.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import RateLimit

Purpose = Literal["search", "form", "draft", "file", "sign_in", "callback", "code_send", "code_check"]
LONGEST_HERE = 300.0  # seconds: the longest window of a rule that is counted in this process alone


@dataclass(frozen=True)
class Limit:
    """At most `count` requests in `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True)
class Rule:
    """What one network address, and what one's own (a session, person or phone number) may ask for, and why so much.

    `everywhere`: all processes count together, in the database; else each counts for itself, in memory.
    """

    address: Limit
    own: Limit
    why: str
    everywhere: bool = False


RULES: dict[Purpose, Rule] = {
    "search": Rule(
        Limit(1200, 60),
        Limit(60, 60),
        "A search is the dearest page that anybody may ask for; nobody types one a second.",
    ),
    "form": Rule(
        Limit(1200, 60),
        Limit(120, 60),
        "A quick reader sends a page of an assessment every three seconds; floods of contacts would bury real ones.",
    ),
    "draft": Rule(
        Limit(300, 3600),
        Limit(30, 3600),
        "What is begun without signing in is kept for days; nobody begins thirty forms an hour, nor a library 300.",
        everywhere=True,
    ),
    "file": Rule(
        Limit(200, 3600),
        Limit(20, 3600),
        "Files of nobody known fill the disk and cost the scanner: one form takes ten, by 20 MB in all at a time.",
        everywhere=True,
    ),
    "sign_in": Rule(
        Limit(600, 300),
        Limit(30, 300),
        "A shift of a central hospital signs in within a few minutes; each attempt costs the identification service.",
        everywhere=True,
    ),
    "callback": Rule(
        Limit(600, 300),
        Limit(30, 300),
        "As many as begin to sign in; guessing a way back is hopeless.",
        everywhere=True,
    ),
    "code_send": Rule(
        Limit(200, 3600),
        Limit(5, 3600),
        "Each code goes to a number or an address that may be a stranger's: five an hour to one or by one person.",
        everywhere=True,
    ),
    "code_check": Rule(
        Limit(600, 900),
        Limit(10, 900),
        "Ten guesses at six digits in a quarter of an hour: one in a hundred thousand.",
        everywhere=True,
    ),
}


@dataclass(frozen=True)
class Keys:
    """Makes the keys under which requests are counted: keyed hashes, so that no address lies about in clear."""

    secret: str

    def key(self, purpose: Purpose, kind: str, value: str) -> bytes:
        """The key of `value` (an address, a session, a person …) for `purpose`."""
        own_key = hmac.digest(self.secret.encode(), b"rate limits", hashlib.sha256)
        return hmac.digest(own_key, "\0".join((purpose, kind, value)).encode(), hashlib.sha256)


@dataclass
class RecentRequests:
    """The requests of the last minutes in this process, by key: a sliding window."""

    _moments: dict[bytes, deque[float]] = field(default_factory=dict)
    _sweep_at: float = 0.0

    def __len__(self) -> int:
        return len(self._moments)

    def wait(self, key: bytes, limit: Limit, now: float) -> float:
        """Count a request at `now` (monotonic seconds). 0 where it is within `limit`; else it is not counted, and
        the answer is in how many seconds one will be."""
        self._sweep(now)
        moments = self._moments.setdefault(key, deque())
        while moments and moments[0] <= now - limit.seconds:
            moments.popleft()
        if len(moments) >= limit.count:
            return moments[0] + limit.seconds - now
        moments.append(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        """Forget who has not come for long: memory is bounded by the requests of two of the longest windows."""
        if now < self._sweep_at:
            return
        self._sweep_at = now + LONGEST_HERE
        self._moments = {key: kept for key, kept in self._moments.items() if kept and kept[-1] > now - LONGEST_HERE}


async def count_everywhere(session: AsyncSession, clock: Clock, key: bytes, limit: Limit) -> float:
    """Count a request for all processes; 0 where it is within `limit`, else the seconds until its window ends.

    Windows stand still (each begins at a multiple of its length), so up to twice the limit may come around a border.
    The caller commits, whatever becomes of the request.
    """
    start = window_start(clock.now, limit)
    first = insert(RateLimit).values(key=key, window_start=start, count=1)
    counted = first.on_conflict_do_update(
        index_elements=[RateLimit.key, RateLimit.window_start], set_={"count": RateLimit.count + 1}
    ).returning(RateLimit.count)
    count = (await session.execute(counted)).scalar_one()
    return (start + timedelta(seconds=limit.seconds) - clock.now).total_seconds() if count > limit.count else 0.0


def window_start(now: datetime, limit: Limit) -> datetime:
    """Where the window of `now` begins."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % limit.seconds, UTC)


def scaled(limit: Limit, factor: float) -> Limit:
    """`limit` with `factor` times as many requests, at least one."""
    return Limit(max(1, round(limit.count * factor)), limit.seconds)


def limits_of(purpose: Purpose, own: Sequence[str], address: str, factor: float) -> list[tuple[str, str, Limit]]:
    """What to count for a request, in this order: kind of key, its value, its limit. One's own come first."""
    rule = RULES[purpose]
    mine = [("own", value, scaled(rule.own, factor)) for value in own if value]
    return [*mine, ("address", address, scaled(rule.address, factor))]
