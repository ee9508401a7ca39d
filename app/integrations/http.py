"""The one way out: every call to an outside system goes through `OutsideClient`.

Errors have two kinds, because the caller needs to know whether to try again:

    OutsideError
    ├── Unavailable   no answer, too slow, 5xx, an answer that makes no sense, or not even asked: later may work
    └── Rejected      the system understood and said no: the same call will fail again

Every call: 2 seconds at most and never more than the page has left, a breaker per system, a bounded number at a time,
one more try where the call may be repeated, the correlation id passed on, and nothing personal in any log.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext
from typing import Any, TypeVar

import httpx
import stamina
import structlog
from pydantic import TypeAdapter, ValidationError
from structlog.contextvars import get_contextvars

from app.integrations.breaker import Breaker
from app.integrations.budget import budget, is_undeclared, remaining
from app.integrations.watch import NO_WATCH, Call, OddAnswer, Outcome, Watch

log = structlog.get_logger(__name__)

CALL_SECONDS = 2.0
AT_ONCE = 20  # calls to one system from one process; the next ones wait for a place within their time
KEPT_BYTES = 64_000
# Not about this call: busy, a proxy, or on its way to somewhere else, such as a page about maintenance.
_LATER = {407, 408, 421, 425, 429}
_REPEATABLE = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}

T = TypeVar("T")


class OutsideError(Exception):
    """Something went wrong at an outside system; `system` is its short name, as in settings and logs."""

    def __init__(self, system: str, reason: str) -> None:
        super().__init__(f"{system}: {reason}")
        self.system = system
        self.reason = reason


class Unavailable(OutsideError):
    """The system did not answer properly; trying later may work. `asked` is False where nothing was sent, so that
    even a call that must not be repeated may be made again."""

    def __init__(self, system: str, reason: str, *, asked: bool = True) -> None:
        super().__init__(system, reason)
        self.asked = asked


class Rejected(OutsideError):
    """The system refused; `status` is its HTTP status, `body` what it said (parsed JSON or text)."""

    def __init__(self, system: str, reason: str, *, status: int, body: Any = None) -> None:
        super().__init__(system, reason)
        self.status = status
        self.body = body


@asynccontextmanager
async def within(system: str, seconds: float) -> AsyncIterator[None]:
    """All that happens in the block takes at most `seconds` together; Unavailable where it takes longer.

    The time-outs of httpx are for each read: an answer that drips in byte by byte would never reach them.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unavailable(system, "too slow") from error


class Gate:
    """Stands before one system: lets calls through while that makes sense, and tells the watch how each ended."""

    def __init__(self, system: str, watch: Watch = NO_WATCH, endpoint: str = "") -> None:
        self.system = system
        self.endpoint = endpoint
        self.watch = watch
        self.breaker = Breaker(watch.rule)
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def passing(self, seconds: float = CALL_SECONDS) -> AsyncIterator[None]:
        """Make one call in the block. Raises Unavailable where it takes too long or the breaker is open."""
        if is_undeclared(self.system):
            log.error("undeclared_outside_call", system=self.system)
        left = remaining()
        allowed = seconds if left is None else min(seconds, left)
        if allowed <= 0:
            raise Unavailable(self.system, "page out of time", asked=False)
        if not self.breaker.admit():
            self._tell("skipped", 0.0, "breaker open")
            raise Unavailable(self.system, "breaker open", asked=False)
        started = time.monotonic()
        try:
            async with within(self.system, allowed), self._places:
                yield
        except Unavailable as error:
            if error.reason == "too slow" and allowed < seconds / 2:
                self.breaker.abandoned()  # it was the page that had no time left
            else:
                self.breaker.failed()
            self._tell("unavailable", time.monotonic() - started, error.reason)
            raise
        except Rejected as error:
            self.breaker.succeeded()
            self._tell("rejected", time.monotonic() - started, error.reason)
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        self.breaker.succeeded()
        self._tell("ok", time.monotonic() - started)

    def spoiled(self, answer: httpx.Response, reason: str) -> Unavailable:
        """The error for an answer that came but makes no sense; it is kept, and counts as a failure after all."""
        self.breaker.spoiled()
        body = answer.content[:KEPT_BYTES]
        self.watch.odd_answer(OddAnswer(self.system, reason, answer.status_code, correlation_id(), body))
        self._tell("invalid", 0.0, reason)
        return Unavailable(self.system, reason)

    def _tell(self, outcome: Outcome, seconds: float, reason: str = "") -> None:
        if outcome not in {"ok", "skipped"}:
            log.warning(f"outside_{outcome}", system=self.system, reason=reason)
        state = self.breaker.state
        self.watch.call_ended(Call(self.system, outcome, seconds, reason, correlation_id(), state, self.endpoint))


class OutsideClient:
    """A small HTTP client for one outside system.

    Neither paths, query strings nor bodies are logged: they may hold identity codes or health data. The request id of
    the page or job that caused the call is passed on as `X-Correlation-Id`.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        seconds: float = CALL_SECONDS,
        watch: Watch = NO_WATCH,
        endpoint: str = "",
        verify: SSLContext | bool = True,
        cleans_nul: bool = False,
    ) -> None:
        self.system = system
        self.gate = Gate(system, watch, endpoint)
        self._seconds = seconds
        self._cleans_nul = cleans_nul
        self._http = httpx.AsyncClient(base_url=base_url, timeout=seconds, verify=verify)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        accept: frozenset[int] = frozenset(),
        idempotent: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request and return its answer.

        2xx and the statuses in `accept` are returned. Raises Unavailable on transport errors, time-outs, 5xx and
        429, Rejected on every other status. What failed at once is tried once more where that can't do harm:
        `idempotent` (by default from the method) or nothing had been sent yet.
        """
        repeatable = method in _REPEATABLE if idempotent is None else idempotent
        named = {"X-Correlation-Id": correlation_id(), **(headers or {})}
        with budget(self._seconds):
            async for attempt in stamina.retry_context(
                on=lambda error: _worth_repeating(error, repeatable),
                attempts=2,
                timeout=None,
                wait_initial=0.05,
                wait_max=0.2,
                wait_jitter=0.15,
            ):
                with attempt:
                    async with self.gate.passing(self._seconds):
                        return await self._send(method, path, accept, named, options)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _send(
        self, method: str, path: str, accept: frozenset[int], headers: Mapping[str, str], options: Mapping[str, Any]
    ) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, headers=headers, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL, UnicodeError) as error:
            raise Unavailable(self.system, type(error).__name__, asked=False) from error
        except httpx.HTTPError as error:
            raise Unavailable(self.system, type(error).__name__) from error
        if answer.is_success or answer.status_code in accept:
            return answer
        if answer.status_code >= 500 or answer.status_code < 400 or answer.status_code in _LATER:
            raise Unavailable(self.system, f"HTTP {answer.status_code}")
        raise Rejected(self.system, f"HTTP {answer.status_code}", status=answer.status_code, body=_body(answer))

    async def call_json(self, method: str, path: str, **options: Any) -> Any:
        """As `call`, and the answer's JSON. Raises Unavailable where the body is not JSON."""
        return self.json(await self.call(method, path, **options))

    async def read(self, shape: type[T], method: str, path: str, **options: Any) -> T:
        """As `call`, and the answer as `shape`. Raises Unavailable where it doesn't validate."""
        return self.check(await self.call(method, path, **options), shape)

    def check(self, answer: httpx.Response, shape: type[T]) -> T:
        """The answer's JSON as `shape` (anything pydantic can validate). Raises Unavailable where it isn't."""
        self._refuse_nul(answer)
        try:
            found: T = _adapter(shape).validate_json(answer.content)  # type: ignore[arg-type]  # types are hashable
            self.gate.breaker.sound()
            return found
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            where = ".".join(str(part) for part in faults[0]["loc"] if isinstance(part, int) or part.isidentifier())
            raise self.gate.spoiled(answer, f"invalid answer at {where or 'its beginning'}") from None

    def json(self, answer: httpx.Response) -> Any:
        """The JSON of an answer; a body that is no JSON counts as Unavailable, not as data."""
        self._refuse_nul(answer)
        try:
            found = answer.json()
        except (ValueError, RecursionError):
            raise self.gate.spoiled(answer, "malformed body") from None
        self.gate.breaker.sound()
        return found

    def _refuse_nul(self, answer: httpx.Response) -> None:
        """No text has a NUL in it, and the database takes none; an adapter that `cleans_nul` takes it out itself."""
        if self._cleans_nul:
            return
        if b"\\u0000" in answer.content or b"\0" in answer.content:
            raise self.gate.spoiled(answer, "a NUL in the body")

    def odd(self, answer: httpx.Response, reason: str) -> Unavailable:
        """For adapters that read by hand: the error to raise for an answer that makes no sense, which is kept."""
        return self.gate.spoiled(answer, reason)


def correlation_id() -> str:
    """The request id of the page or job at work."""
    return str(get_contextvars().get("request_id", ""))


def _worth_repeating(error: Exception, repeatable: bool) -> bool:
    if not isinstance(error, Unavailable) or error.reason in {"too slow", "breaker open", "page out of time"}:
        return False
    left = remaining()
    return (repeatable or not error.asked) and (left is None or left > 0.5)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return answer.content[:1000].decode("utf-8", "replace")
