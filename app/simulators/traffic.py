"""Everything that has arrived at the simulated systems and what they answered: the newest exchanges of each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from app.simulators.store import Record, Store

RING = 2000  # exchanges kept of each system
_TRIMMED_EVERY = 50  # exchanges; in between the ring may be longer by as much
_READ_AT_ONCE = 250
_ALL = "traffic/"


@dataclass(frozen=True)
class Payload:
    """One direction of an exchange. `body` is None where it is not text; `size` is that of the whole body, in bytes."""

    headers: Mapping[str, str]
    body: str | None
    size: int


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, secrets shortened.

    `at` is when it arrived (seconds since 1970), `ms` how long the answer took. `status` is what the client got, None
    where the connection closed before; `complete`: the answer came to its end. `fault` is the one that struck.
    `own_status` is what the system itself answered, None where a fault kept the request from it.
    """

    system: str
    at: float
    ms: float
    correlation_id: str | None
    method: str
    path: str
    request: Payload
    status: int | None
    complete: bool
    answer: Payload
    fault: str | None
    own_status: int | None
    id: int = 0

    @property
    def carried_out(self) -> bool:
        """True where the system did what it was asked, whether or not the client got to know."""
        return self.own_status is not None and self.own_status < 400

    def holds(self, words: str) -> bool:
        """True where path, headers or a body contain `words`, in any case."""
        told = (self.path, *self.request.headers.values(), *self.answer.headers.values())
        bodies = (self.request.body or "", self.answer.body or "")
        return any(words.casefold() in text.casefold() for text in (*told, *bodies))


@dataclass(frozen=True)
class Wanted:
    """Which exchanges: of one system or of all, with a correlation id, with words, older than an id."""

    system: str | None = None
    correlation_id: str | None = None
    words: str | None = None
    before: int | None = None
    limit: int = 50

    def fits(self, exchange: Exchange) -> bool:
        same = not self.correlation_id or exchange.correlation_id == self.correlation_id
        return same and (not self.words or exchange.holds(self.words))


class Traffic:
    """The exchanges, in the simulators' memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._added: Counter[str] = Counter()

    def add(self, exchange: Exchange) -> None:
        kind = _kind(exchange.system)
        self._store.add(kind, uuid4().hex, asdict(exchange))
        self._added[kind] += 1
        if self._added[kind] % _TRIMMED_EVERY == 0:
            self._store.trim(kind, RING)

    def find(self, system: str, exchange_id: int) -> Exchange | None:
        record = self._store.find(_kind(system), exchange_id)
        return _exchange(record) if record else None

    def newest(self, wanted: Wanted) -> list[Exchange]:
        """What is wanted, newest first, at most its `limit`."""
        kinds = _kind(wanted.system) if wanted.system else _ALL
        found: list[Exchange] = []
        before = wanted.before
        while len(found) < wanted.limit:
            records = self._store.newest(kinds, before=before, limit=_READ_AT_ONCE)
            found += [exchange for exchange in map(_exchange, records) if wanted.fits(exchange)]
            if len(records) < _READ_AT_ONCE:
                break
            before = records[-1].id
        return found[: wanted.limit]

    def forget(self, system: str) -> None:
        self._store.forget(_kind(system))


def described(exchange: Exchange) -> dict[str, Any]:
    """The exchange as its JSON twin shows it."""
    return {**asdict(exchange), "carried_out": exchange.carried_out}


def payload_text(body: bytes) -> str | None:
    """A body as text, or None where it is none. A character that the limit has cut in two does not spoil it."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        return body[: error.start].decode() if error.start >= max(1, len(body) - 3) else None


def _kind(system: str) -> str:
    return f"{_ALL}{system}/"


def _exchange(record: Record) -> Exchange:
    raw = dict(record.body)
    sides = {side: Payload(**raw[side]) for side in ("request", "answer")}
    return replace(Exchange(**{**raw, **sides}), id=record.id)
