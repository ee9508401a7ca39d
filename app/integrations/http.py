"""The one way out: every call to an outside system goes through `OutsideClient`.

Errors have two kinds, because the caller needs to know whether to try again:

    OutsideError
    ├── Unavailable   no answer, too slow, 5xx, or an answer that makes no sense: later may work
    └── Rejected      the system understood and said no: the same call will fail again
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import structlog
from structlog.contextvars import get_contextvars

log = structlog.get_logger(__name__)

CALL_SECONDS = 2.0
_BUSY = {429, 502, 503, 504}


class OutsideError(Exception):
    """Something went wrong at an outside system; `system` is its short name, as in settings and logs."""

    def __init__(self, system: str, reason: str) -> None:
        super().__init__(f"{system}: {reason}")
        self.system = system
        self.reason = reason


class Unavailable(OutsideError):
    """The system did not answer properly; trying later may work."""


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
        log.warning("outside_unavailable", system=system, error="TooSlow")
        raise Unavailable(system, "too slow") from error


class OutsideClient:
    """A small HTTP client for one outside system.

    Neither query strings nor bodies are logged: they may hold identity codes or health data. The request id of the
    page or job that caused the call is passed on as `X-Correlation-Id`.
    """

    def __init__(self, system: str, base_url: str, *, seconds: float = CALL_SECONDS) -> None:
        self.system = system
        self._seconds = seconds
        self._http = httpx.AsyncClient(base_url=base_url, timeout=seconds)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        accept: frozenset[int] = frozenset(),
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request and return its answer.

        2xx and the statuses in `accept` are returned. Raises Unavailable on transport errors, time-outs, 5xx and
        429, Rejected on every other status.
        """
        correlation = {"X-Correlation-Id": str(get_contextvars().get("request_id", ""))}
        try:
            async with within(self.system, self._seconds):
                answer = await self._http.request(method, path, headers={**correlation, **(headers or {})}, **options)
        except httpx.HTTPError as error:
            log.warning("outside_unavailable", system=self.system, error=type(error).__name__)
            raise Unavailable(self.system, type(error).__name__) from error
        if answer.is_success or answer.status_code in accept:
            return answer
        log.warning("outside_refused", system=self.system, status=answer.status_code)
        if answer.status_code >= 500 or answer.status_code in _BUSY:
            raise Unavailable(self.system, f"HTTP {answer.status_code}")
        raise Rejected(self.system, f"HTTP {answer.status_code}", status=answer.status_code, body=_body(answer))

    async def call_json(self, method: str, path: str, **options: Any) -> Any:
        """As `call`, and the answer's JSON. Raises Unavailable where the body is not JSON."""
        answer = await self.call(method, path, **options)
        return self.json(answer)

    def json(self, answer: httpx.Response) -> Any:
        """The JSON of an answer; a body that is no JSON counts as Unavailable, not as data."""
        try:
            return answer.json()
        except ValueError as error:
            raise Unavailable(self.system, "malformed body") from error


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text[:1000]
