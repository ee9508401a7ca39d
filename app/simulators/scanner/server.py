"""The scanner on its port, behind the same faults as the others and in the same list of traffic."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from app.simulators.faults import Fault, Mode
from app.simulators.scanner.protocol import Command, Reply, read_command, reply_to
from app.simulators.settings import ScannerDoor
from app.simulators.stage import Stage
from app.simulators.traffic import Exchange, Payload

SYSTEM = "scanner"
LONGEST_SECONDS = 30.0  # clamd's CommandReadTimeout
LINGER_SECONDS = 1.0
_DRIPS_A_SECOND = 50


@asynccontextmanager
async def listening(door: ScannerDoor, stage: Stage) -> AsyncIterator[None]:
    """The scanner listens for as long as the block lasts; not at all where the door has no port."""
    if not door.port:
        yield
        return
    server = await asyncio.start_server(_Scanner(door, stage).meet, door.host, door.port)
    try:
        yield
    finally:
        server.close()


@dataclass(frozen=True)
class _Visit:
    """One connection: what was asked, the work that answers it, and the line to the client."""

    command: Command
    work: Callable[[], Awaitable[Reply]]
    writer: asyncio.StreamWriter

    async def carry_out(self) -> bytes:
        return self.line((await self.work()).text)

    async def carry_out_if(self, fault: Fault) -> None:
        if fault.carried_out:
            await self.work()

    def line(self, text: str) -> bytes:
        return text.encode() + self.command.end

    async def say(self, line: bytes) -> None:
        self.writer.write(line)
        await self.writer.drain()


class _Scanner:
    def __init__(self, door: ScannerDoor, stage: Stage) -> None:
        self._door = door
        self._stage = stage

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end; a client that goes away or says nonsense is left."""
        gone = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError)
        with suppress(*gone):
            async with asyncio.timeout(LONGEST_SECONDS + self._stage.board.current(SYSTEM).seconds):
                await self._answer(reader, writer)
            await _linger(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at, began = time.time(), time.perf_counter()
        command = await read_command(reader)
        fault = self._stage.board.draw(SYSTEM)
        done: list[Reply] = []

        async def work() -> Reply:
            done.append(await reply_to(command, reader, self._door.largest))
            return done[-1]

        try:
            await _STRIKES[fault.mode](_Visit(command, work, writer), fault)
        finally:
            ms = round((time.perf_counter() - began) * 1000, 1)
            self._stage.traffic.add(_exchange(at, ms, command, done, fault.mode))


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read what is still on its way: closing at once would make the client lose a reply that came early."""
    writer.write_eof()
    async with asyncio.timeout(LINGER_SECONDS):
        while await reader.read(64 * 1024):
            pass


def _exchange(at: float, ms: float, command: Command, done: list[Reply], mode: Mode) -> Exchange:
    """How the list of traffic tells it. Of a file only its size is kept."""
    reply = done[-1] if done else None
    struck = None if mode == "none" else mode
    return Exchange(
        system=SYSTEM,
        at=at,
        ms=ms,
        correlation_id=None,
        method=command.name,
        path="/",
        request=Payload({}, None, reply.size if reply else 0),
        status=None if struck or reply is None else reply.status,
        complete=struck in {None, "slow", "drip"} and reply is not None,
        answer=Payload({}, reply.text if reply else None, len(reply.text) if reply else 0),
        fault=struck,
        own_status=reply.status if reply else None,
    )


async def _none(visit: _Visit, _fault: Fault) -> None:
    await visit.say(await visit.carry_out())


async def _slow(visit: _Visit, fault: Fault) -> None:
    if fault.carried_out:
        line = await visit.carry_out()
        await asyncio.sleep(fault.seconds)
    else:
        await asyncio.sleep(fault.seconds)
        line = await visit.carry_out()
    await visit.say(line)


async def _error(visit: _Visit, fault: Fault) -> None:
    await visit.carry_out_if(fault)
    await visit.say(visit.line("Can't allocate memory ERROR"))


async def _refuse(visit: _Visit, _fault: Fault) -> None:
    await visit.say(visit.line("COMMAND UNAVAILABLE"))


async def _drop(visit: _Visit, fault: Fault) -> None:
    await visit.carry_out_if(fault)


async def _drip(visit: _Visit, fault: Fault) -> None:
    line = await visit.carry_out()
    pause = max(fault.seconds / len(line), 1 / _DRIPS_A_SECOND)
    for at in range(len(line)):
        await asyncio.sleep(pause)
        await visit.say(line[at : at + 1])


async def _truncated(visit: _Visit, _fault: Fault) -> None:
    line = await visit.carry_out()
    await visit.say(line[: len(line) // 2])


async def _malformed(visit: _Visit, _fault: Fault) -> None:
    await visit.say((await visit.carry_out())[-2::-1] + visit.command.end)


_STRIKES: Mapping[Mode, Callable[[_Visit, Fault], Awaitable[None]]] = {
    "none": _none,
    "slow": _slow,
    "error": _error,
    "refuse": _refuse,
    "drop": _drop,
    "drip": _drip,
    "truncated": _truncated,
    "malformed": _malformed,
}
