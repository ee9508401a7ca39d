"""clamd's side of its protocol: `zCOMMAND\\0` or `nCOMMAND\\n`, one a connection, and what each is answered."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

# The test file of the antivirus industry (EICAR), in two parts so that no scanner stumbles over this source.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TOO_LARGE = "INSTREAM size limit exceeded. ERROR"
LONGEST_COMMAND = 64


@dataclass(frozen=True)
class Command:
    """What was asked, and the sign that ends the reply as it ended the command."""

    name: str
    end: bytes


@dataclass(frozen=True)
class Reply:
    """One line. `size`: bytes that were looked at; `status` is what HTTP would have said, for the list of traffic."""

    text: str
    size: int = 0
    status: int = 200


async def read_command(reader: asyncio.StreamReader) -> Command:
    """The command of a connection. Raises IncompleteReadError where it ends before that, LimitOverrunError for one
    that is too long."""
    end = {b"z": b"\0", b"n": b"\n"}.get(await reader.readexactly(1), b"\n")
    told = (await reader.readuntil(end))[:-1]
    return Command(told[:LONGEST_COMMAND].decode("ascii", "replace"), end)


async def reply_to(command: Command, reader: asyncio.StreamReader, largest: int) -> Reply:
    """Do what is asked. Raises IncompleteReadError where the client goes away in the middle."""
    if command.name == "PING":
        return Reply("PONG")
    if command.name == "VERSION":
        return Reply(f"ClamAV 1.4.1/27482/{datetime.now().astimezone():%a %b %e %H:%M:%S %Y}")
    if command.name == "INSTREAM":
        return await _scan(reader, largest)
    return Reply("UNKNOWN COMMAND", status=400)


async def _scan(reader: asyncio.StreamReader, largest: int) -> Reply:
    """Chunks with their length (four bytes, big-endian) before them; one of length 0 ends the stream."""
    size, found, before = 0, False, b""
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        size += length
        if size > largest:
            return Reply(TOO_LARGE, size, 413)
        seen = before + await reader.readexactly(length)
        found = found or EICAR in seen
        before = seen[-len(EICAR) :]
    return Reply("stream: Eicar-Test-Signature FOUND" if found else "stream: OK", size)
