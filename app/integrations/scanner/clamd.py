"""ClamAV's daemon over its own protocol: one command a connection, each ended by a NUL (man page clamd(8))."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from app.integrations.budget import own_budget
from app.integrations.http import CALL_SECONDS, KEPT_BYTES, Gate, Rejected, Unavailable, correlation_id
from app.integrations.scanner.port import Clean, Found, Verdict
from app.integrations.watch import NO_WATCH, OddAnswer, Watch

SYSTEM = "scanner"
LARGEST_PIECE = 64 * 1024  # bytes sent at a time
LONGEST_REPLY = 2048  # bytes; a reply is one line
_FOUND = re.compile(r"stream: (\S.{0,200}) FOUND")
_VERSION = re.compile(r"ClamAV [^/]+/\d+/(\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4})")
_REFUSALS = ("INSTREAM size limit exceeded. ERROR", "COMMAND UNAVAILABLE", "UNKNOWN COMMAND")

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
T = TypeVar("T")


@dataclass(frozen=True)
class ClamdConfig:
    """`address`: tcp://host:port, tls://host:port (a TLS terminator stands before clamd) or unix:///path; empty where
    there is none. `seconds`: how long a whole scan may take."""

    address: str
    seconds: float = CALL_SECONDS


class Clamd:
    """Implements the port `Scanner`. Keeps no connection: clamd ends one after each command."""

    def __init__(self, config: ClamdConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._gate = Gate(SYSTEM, watch)

    async def close(self) -> None:
        """Nothing is open between calls."""

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self._ask(b"PING", _pong)

    async def signatures_of(self) -> datetime | None:
        told = _VERSION.fullmatch(await self._ask(b"VERSION", _told))
        # Its clock's zone is not told, and does not matter: signatures are days old, or weeks.
        return datetime.strptime(told[1], "%a %b %d %H:%M:%S %Y") if told else None  # noqa: DTZ007

    async def scan(self, content: AsyncIterable[bytes]) -> Verdict:
        with own_budget(self._config.seconds):
            return await self._ask(b"INSTREAM", _verdict, content)

    async def _ask(
        self, command: bytes, read: Callable[[str], T | None], content: AsyncIterable[bytes] | None = None
    ) -> T:
        """What `read` makes of the reply to one command; None is none. Raises Rejected where the reply is a refusal."""
        async with self._gate.passing(self._config.seconds), self._connected() as (reader, writer):
            reply = await self._exchange(reader, writer, command, content)
            if reply in _REFUSALS:
                raise Rejected(SYSTEM, reply, status=403)
            if reply.endswith(" ERROR"):
                raise Unavailable(SYSTEM, "its own error")
            told = read(reply)
            if told is None:
                raise self._odd(reply)
            return told

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        try:
            reader, writer = await self._connect()
        except (OSError, ValueError) as error:
            raise Unavailable(SYSTEM, type(error).__name__, asked=False) from error
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def _connect(self) -> Connection:
        parts = urlsplit(self._config.address)
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path, limit=LONGEST_REPLY)
        secure = ssl.create_default_context() if parts.scheme == "tls" else None
        return await asyncio.open_connection(parts.hostname, parts.port, ssl=secure, limit=LONGEST_REPLY)

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        command: bytes,
        content: AsyncIterable[bytes] | None,
    ) -> str:
        """Send the command and read its reply. clamd may reply and hang up before it has everything."""
        reply = asyncio.create_task(reader.readuntil(b"\0"))
        try:
            with suppress(ConnectionError):
                await _send(writer, command, content, reply)
            return (await reply)[:-1].decode("utf-8", "replace")
        except asyncio.LimitOverrunError as error:
            raise self._odd("a reply without end") from error
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Unavailable(SYSTEM, "closed before an answer") from error
        finally:
            reply.cancel()

    def _odd(self, reply: str) -> Unavailable:
        """The error for a reply that makes no sense; it is kept for whoever looks into it."""
        reason = "malformed reply"
        told = reply.encode()[:KEPT_BYTES]
        self._gate.watch.odd_answer(OddAnswer(SYSTEM, reason, 0, correlation_id(), told))
        return Unavailable(SYSTEM, reason)


def _pong(reply: str) -> str | None:
    return reply if reply == "PONG" else None


def _told(reply: str) -> str | None:
    """Whatever clamd says of itself: how much is a setting of its own."""
    return reply if reply.startswith("ClamAV ") else None


def _verdict(reply: str) -> Verdict | None:
    found = _FOUND.fullmatch(reply)
    if found:
        return Found(found[1])
    return Clean() if reply == "stream: OK" else None


async def _send(
    writer: asyncio.StreamWriter, command: bytes, content: AsyncIterable[bytes] | None, reply: asyncio.Task[bytes]
) -> None:
    writer.write(b"z" + command + b"\0")
    if content is not None:
        async for piece in _pieces(content):
            if reply.done():
                return
            writer.write(len(piece).to_bytes(4, "big") + piece)
            await writer.drain()
        writer.write(bytes(4))
    await writer.drain()


async def _pieces(content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The content in pieces that are neither too large nor empty: an empty one would be its end."""
    async for whole in content:
        for start in range(0, len(whole), LARGEST_PIECE):
            yield whole[start : start + LARGEST_PIECE]
