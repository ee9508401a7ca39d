"""The one way out, against a server that does what it is told: retries, time, places, breaker, and what is kept."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from app.integrations.breaker import BreakerRule
from app.integrations.budget import UndeclaredCall, budget, declare, page_budget
from app.integrations.http import AT_ONCE, OutsideClient, Rejected, Unavailable
from app.integrations.watch import Call, OddAnswer

Answer = Callable[[int], Awaitable[bytes]]


class Notebook:
    """A watch that keeps everything."""

    rule = BreakerRule(failures=3, rest=0.2)

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.odd: list[OddAnswer] = []

    def call_ended(self, call: Call) -> None:
        self.calls.append(call)

    def odd_answer(self, answer: OddAnswer) -> None:
        self.odd.append(answer)

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self.calls]


class Shape(BaseModel):
    """What a good answer holds."""

    name: str


def http(status: int, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status, len(body), body,
    )  # fmt: skip


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[str, list[int]]]:
    """Its address and how many requests have come; `answer` gives the bytes for the nth request."""
    count = [0]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                count[0] += 1
                writer.write(await answer(count[0]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}", count


def always(content: bytes, *, after: float = 0.0) -> Answer:
    async def answer(_number: int) -> bytes:
        await asyncio.sleep(after)
        return content

    return answer


def in_turn(*contents: bytes) -> Answer:
    async def answer(number: int) -> bytes:
        return contents[min(number, len(contents)) - 1]

    return answer


@asynccontextmanager
async def client(answer: Answer, seconds: float = 1.0) -> AsyncIterator[tuple[OutsideClient, Notebook, list[int]]]:
    async with server(answer) as (url, count):
        notes = Notebook()
        ours = OutsideClient("omaolo", url, seconds=seconds, watch=notes)
        yield ours, notes, count
        await ours.close()


async def test_a_repeatable_call_is_tried_once_more() -> None:
    """A stumble of the other side is invisible where the call may be repeated, and only there."""
    async with client(in_turn(http(503), http(200))) as (ours, _notes, count):
        assert (await ours.call("GET", "/")).status_code == 200
        assert count == [2]
    async with client(in_turn(http(503), http(200))) as (ours, _notes, count):
        with pytest.raises(Unavailable):
            await ours.call("POST", "/")
        assert count == [1]
    async with client(in_turn(http(503), http(200))) as (ours, _notes, count):
        assert (await ours.call("POST", "/", idempotent=True)).status_code == 200


async def test_a_refusal_is_not_repeated() -> None:
    """A no is an answer: it is not asked again, and its status and body come through."""
    async with client(always(http(409, b'{"reason": "taken"}'))) as (ours, notes, count):
        with pytest.raises(Rejected) as refused:
            await ours.call("GET", "/")
    assert (count, refused.value.status, refused.value.body) == ([1], 409, {"reason": "taken"})
    assert notes.outcomes == ["rejected"]


async def test_nothing_was_sent() -> None:
    """Where nobody listens, the error says that nothing was sent, so that even an unrepeatable call may be repeated."""
    ours = OutsideClient("omaolo", "http://127.0.0.1:9", seconds=1)
    with pytest.raises(Unavailable) as away:
        await ours.call("POST", "/")
    await ours.close()
    assert not away.value.asked


async def test_time_is_bounded_for_all_attempts_together() -> None:
    """Slow and dripping answers are given up when the call's time is over, retries included."""
    async with client(always(http(200), after=5), seconds=0.4) as (ours, notes, count):
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await ours.call("GET", "/")
        assert time.monotonic() - started < 0.7
        assert count == [1]
    assert notes.outcomes == ["unavailable"]


async def test_a_page_has_no_more_time_than_is_left() -> None:
    """Several calls of one page share its time; what the page had no time for is not held against the system."""
    async with client(always(http(200), after=0.3), seconds=1.0) as (ours, notes, _count):
        started = time.monotonic()
        with budget(0.5):
            await ours.call("GET", "/")
            with pytest.raises(Unavailable):
                await ours.call("GET", "/")
        assert time.monotonic() - started < 0.7
        assert ours.gate.breaker.state == "closed"
    assert notes.outcomes == ["ok", "unavailable"]


async def test_an_open_breaker_answers_at_once() -> None:
    """After three failures in a row nobody waits any more; after the rest one call tries, and all is well again."""
    async with client(in_turn(http(500), http(500), http(500), http(200))) as (ours, notes, count):
        for _ in range(3):
            with pytest.raises(Unavailable):
                await ours.call("POST", "/")
        started = time.monotonic()
        with pytest.raises(Unavailable) as skipped:
            await ours.call("GET", "/")
        assert time.monotonic() - started < 0.05
        assert (skipped.value.asked, count) == (False, [3])
        await asyncio.sleep(0.25)
        assert (await ours.call("GET", "/")).status_code == 200
    assert notes.outcomes == ["unavailable"] * 3 + ["skipped", "ok"]


async def test_a_bounded_number_at_a_time() -> None:
    """However many pages want it, one process has at most so many calls to a system under way."""
    now, most = [0], [0]

    async def answer(_number: int) -> bytes:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.05)
        now[0] -= 1
        return http(200)

    async with client(answer, seconds=5) as (ours, _notes, count):
        await asyncio.gather(*(ours.call("GET", "/") for _ in range(AT_ONCE * 3)))
    assert count == [AT_ONCE * 3]
    assert most[0] <= AT_ONCE


@pytest.mark.parametrize("status", [301, 302, 407, 408, 425, 429, 500, 503])
async def test_what_is_not_about_the_call(status: int) -> None:
    """A redirect, a proxy's or a busy server's answer says nothing about what was sent: later may work."""
    async with client(always(http(status))) as (ours, _notes, _count):
        with pytest.raises(Unavailable):
            await ours.call("POST", "/")


async def test_a_nul_is_odd() -> None:
    """An answer with a NUL, which no text has and no database takes, is odd and kept."""
    for body in (b'{"name": "a\\u0000b"}', b'{"name": "a\0b"}'):
        async with client(always(http(200, body))) as (ours, notes, _count):
            with pytest.raises(Unavailable):
                await ours.read(Shape, "GET", "/")
        assert len(notes.odd) == 1


@pytest.mark.parametrize("path", ["/\x00", "/a\nb"])
async def test_an_address_that_is_none(path: str) -> None:
    """A path or header that can't be sent is unavailable, not a fault page; nothing was sent."""
    async with client(always(http(200))) as (ours, _notes, count):
        with pytest.raises(Unavailable) as away:
            await ours.call("GET", path)
        with pytest.raises(Unavailable):
            await ours.call("GET", "/", headers={"X-Name": "ä€"})
    assert not away.value.asked
    assert count == [0]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"name": 1}', b'{"name": null}', b"[" * 100_000])
async def test_an_odd_answer_is_unavailable_and_kept(body: bytes) -> None:
    """What doesn't validate is never data: the call is unavailable, the body goes to the watch, not into the error."""
    async with client(always(http(200, body))) as (ours, notes, _count):
        with pytest.raises(Unavailable) as odd:
            await ours.read(Shape, "GET", "/")
    assert [answer.body for answer in notes.odd] == [body[:64_000]]
    assert notes.outcomes[-1] == "invalid"
    assert "name: " not in str(odd.value)
    assert odd.value.__cause__ is None


async def test_the_correlation_id_goes_along() -> None:
    """The id of the page or job that asks is in the request, so that both sides' logs can be laid beside each other."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http(200))
        await writer.drain()
        writer.close()

    from structlog.contextvars import bound_contextvars

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running:
        ours = OutsideClient("omaolo", f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}")
        with bound_contextvars(request_id="abc123"):
            await ours.call("GET", "/")
        await ours.close()
    assert b"x-correlation-id: abc123" in seen[0].lower()


async def test_an_undeclared_call_fails_the_page() -> None:
    """A page that calls a system which its signature doesn't name fails in tests; declared, it may."""
    async with client(always(http(200))) as (ours, _notes, count):
        with page_budget(1, strict=True):
            with pytest.raises(UndeclaredCall):
                await ours.call("GET", "/")
            declare("omaolo")
            await ours.call("GET", "/")
        with page_budget(1, strict=False):
            await ours.call("GET", "/")  # in production a resident comes first; the log tells
    assert count == [2]
