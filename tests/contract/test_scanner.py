"""The malware scanner: our client against the simulator, and the simulator against what other clients say."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.integrations.budget import budget
from app.integrations.http import OutsideError, Rejected, Unavailable
from app.integrations.scanner.clamd import LARGEST_PIECE, LONGEST_REPLY, Clamd, ClamdConfig
from app.integrations.scanner.port import Clean, Found
from app.simulators.scanner.protocol import EICAR
from tests.contract.simulator_server import SimulatorServer

FAULTS = [
    ("slow", Unavailable),
    ("error", Unavailable),
    ("drop", Unavailable),
    ("drip", Unavailable),
    ("truncated", Unavailable),
    ("malformed", Unavailable),
    ("refuse", Rejected),
]


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.fixture
def scanner(simulators: SimulatorServer) -> Clamd:
    return Clamd(simulators.scanner_config())


def put_fault(simulators: SimulatorServer, mode: str) -> None:
    httpx.put(f"{simulators.url}/_faults/scanner", json={"mode": mode, "seconds": 2}).raise_for_status()


def newest_exchange(simulators: SimulatorServer) -> dict[str, Any]:
    """The last one in the list of traffic, as JSON."""
    listed = httpx.get(f"{simulators.url}/_traffic/scanner", headers={"Accept": "application/json"})
    newest: dict[str, Any] = listed.json()["exchanges"][0]
    return newest


async def say(simulators: SimulatorServer, sent: bytes) -> bytes:
    """What the simulator answers to a foreign client that says exactly this."""
    reader, writer = await asyncio.open_connection(simulators.scanner.host, simulators.scanner.port)
    writer.write(sent)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def answering(reply: bytes, *, before_reading: bool = False) -> asyncio.Server:
    """A scanner that says `reply` whatever it is sent, and hangs up."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not before_reading:
            await reader.read(100)
        writer.write(reply)
        writer.close()

    return await asyncio.start_server(meet, "127.0.0.1", 0)


async def test_what_is_clean_passes(scanner: Clamd) -> None:
    """Content of any size up to the limit is looked at as a whole, also an empty one and one in odd pieces."""
    for pieces in ((), (b"",), (b"x",), (b"a" * (LARGEST_PIECE + 1), b"", b"b"), (b"\0" * 500_000, b"\xff" * 500_000)):
        assert await scanner.scan(stream(*pieces)) == Clean()


@pytest.mark.parametrize("cut", [0, 1, 30, 67, 68])
async def test_malware_is_found(scanner: Clamd, cut: int) -> None:
    """The test virus is found wherever it lies, also where a piece ends within it."""
    found = await scanner.scan(stream(b"x" * LARGEST_PIECE, EICAR[:cut], EICAR[cut:], b"y" * 1000))
    assert found == Found("Eicar-Test-Signature")


async def test_too_large_for_the_scanner(scanner: Clamd, simulators: SimulatorServer) -> None:
    """What the scanner does not look at is refused, never clean; its answer is read though it comes too early."""
    for piece in (LARGEST_PIECE, 7):
        count = simulators.scanner.largest // piece + 1 if piece > 7 else 1
        content = stream(*[b"x" * piece] * count, b"x" * simulators.scanner.largest)
        with pytest.raises(Rejected, match="size limit"):
            await scanner.scan(content)


@pytest.mark.parametrize(("mode", "error"), FAULTS)
async def test_faults(simulators: SimulatorServer, mode: str, error: type[OutsideError]) -> None:
    """Each fault is an error of its kind in time, never a verdict; afterwards the scanner works at once."""
    client = Clamd(replace(simulators.scanner_config(), seconds=0.4))
    put_fault(simulators, mode)
    for act in (lambda: client.scan(stream(b"x")), client.probe, client.signatures_of):
        began = time.monotonic()
        with pytest.raises(error):
            await act()
        assert time.monotonic() - began < 1
    put_fault(simulators, "none")
    assert await client.scan(stream(b"x")) == Clean()


async def test_nobody_is_there() -> None:
    """A scanner that is gone is known at once, and so is one that has no address; nothing was sent."""
    for address in ("tcp://127.0.0.1:9", "unix:///nowhere/clamd.ctl", "tls://127.0.0.1:9", ""):
        with pytest.raises(Unavailable) as gone:
            await Clamd(ClamdConfig(address)).scan(stream(b"x"))
        assert not gone.value.asked


async def test_the_breaker_opens(simulators: SimulatorServer) -> None:
    """After some failures in a row nobody waits for the scanner any more."""
    client = Clamd(ClamdConfig("tcp://127.0.0.1:9"))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await client.scan(stream(b"x"))
    with pytest.raises(Unavailable, match="breaker open"):
        await client.scan(stream(b"x"))


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"stream: OK",
        b"stream: OK\n",
        b"OK\0",
        b"stream: FOUND\0",
        b"\0",
        b"stream: \xff\0",
        b"x" * LONGEST_REPLY * 3,
    ],
)
async def test_half_and_odd_answers_are_no_verdict(reply: bytes) -> None:
    """Only the two sentences of the protocol, with their end, are a verdict."""
    for early in (False, True):
        server = await answering(reply, before_reading=early)
        host, port = server.sockets[0].getsockname()
        with pytest.raises(Unavailable):
            await Clamd(ClamdConfig(f"tcp://{host}:{port}")).scan(stream(*[b"x" * LARGEST_PIECE] * 20))
        server.close()


async def test_time_begins_with_the_scan(scanner: Clamd) -> None:
    """A page whose time went into receiving the file still has it looked at."""
    with budget(0.01):
        await asyncio.sleep(0.02)
        assert await scanner.scan(stream(b"x")) == Clean()


async def test_age_of_the_signatures(scanner: Clamd) -> None:
    """The scanner tells how old its signatures are; one that does not say so is not taken for broken."""
    told = await scanner.signatures_of()
    assert told is not None
    assert abs(datetime.now() - told) < timedelta(minutes=1)  # noqa: DTZ005 - the scanner's own clock
    server = await answering(b"ClamAV 1.4.1\0")
    host, port = server.sockets[0].getsockname()
    assert await Clamd(ClamdConfig(f"tcp://{host}:{port}")).signatures_of() is None
    server.close()


async def test_other_clients_of_the_simulator(simulators: SimulatorServer) -> None:
    """It answers in both forms of the protocol, and survives whoever says nonsense or goes away in the middle."""
    assert await say(simulators, b"zPING\0") == b"PONG\0"
    assert await say(simulators, b"nPING\n") == b"PONG\n"
    assert await say(simulators, b"nINSTREAM\n\0\0\0\x01x\0\0\0\0") == b"stream: OK\n"
    assert await say(simulators, b"zSHUTDOWN\0") == b"UNKNOWN COMMAND\0"
    for cut in (b"", b"z", b"zPING", b"zINSTREAM\0", b"zINSTREAM\0\0\0", b"zINSTREAM\0\0\0\0\x09half", b"z" * 100_000):
        assert await say(simulators, cut) == b""
    assert await say(simulators, b"zVERSION\0") != b""


async def test_what_was_asked_is_listed(scanner: Clamd, simulators: SimulatorServer) -> None:
    """The list of traffic tells that a file was looked at and how large it was, and nothing of what is in it."""
    await scanner.scan(stream(b"secret words"))
    newest = newest_exchange(simulators)
    assert (newest["method"], newest["request"]["size"], newest["status"]) == ("INSTREAM", 12, 200)
    assert newest["answer"]["body"] == "stream: OK"
    assert "secret" not in str(newest)
