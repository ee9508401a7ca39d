"""What a fault does to a request: ASGI middleware around one simulated system."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.faults import Fault, FaultBoard, Mode
from app.simulators.store import Store
from app.simulators.system import SimulatedSystem

# Where the switch tells those around it what it did: the name of the fault that struck, the system's own status.
STRUCK = "simulators.fault"
OWN_STATUS = "simulators.own_status"
_DRIPS_A_SECOND = 50
_PROMISED_BYTES = 1000


@dataclass(frozen=True)
class _Answer:
    """A whole answer of the system, held back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key.lower() == name), b"")

    def without(self, *names: bytes) -> list[tuple[bytes, bytes]]:
        return [(key, value) for key, value in self.headers if key.lower() not in names]

    async def send(self, send: Send) -> None:
        await send(_start(self.status, self.headers))
        await send(_part(self.body))


@dataclass(frozen=True)
class _Call:
    """One request on its way to the system."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def pass_on(self, send: Send | None = None) -> None:
        """Let the system answer, and note its own status in the scope."""
        out = send or self.send

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.scope[OWN_STATUS] = message["status"]
            await out(message)

        await self.app(self.scope, self.receive, noting)

    async def carry_out(self) -> _Answer:
        """Let the system do its work; its answer stays here."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.pass_on(keep)
        start, parts = messages[0], messages[1:]
        body = b"".join(part.get("body", b"") for part in parts if part["type"] == "http.response.body")
        return _Answer(start["status"], list(start.get("headers", [])), body)

    async def carry_out_if(self, fault: Fault) -> None:
        if fault.carried_out:
            await self.carry_out()

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)


class FaultSwitch:
    """Stands before one system and lets its current fault strike."""

    def __init__(self, system: SimulatedSystem, board: FaultBoard, store: Store) -> None:
        self._system = system
        self._board = board
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._system.app(scope, receive, send)
            return
        fault = self._board.draw(self._system.name)
        call = _Call(self._system.app, scope, receive, send)
        if fault.mode == "none":
            await call.pass_on()
            return
        scope[STRUCK] = fault.mode
        if fault.mode == "expired":
            await self._expire(call, fault)
        else:
            await _STRIKES[fault.mode](call, fault)

    async def _expire(self, call: _Call, fault: Fault) -> None:
        answer = await call.carry_out()
        for kinds in self._system.tokens:
            self._store.shorten(kinds, fault.seconds)
        await answer.send(call.send)


async def _slow(call: _Call, fault: Fault) -> None:
    if not fault.carried_out:
        await asyncio.sleep(fault.seconds)
        await call.pass_on()
        return
    answer = await call.carry_out()
    await asyncio.sleep(fault.seconds)
    await answer.send(call.send)


async def _error(call: _Call, fault: Fault) -> None:
    await call.carry_out_if(fault)
    await call.answer(JSONResponse({"reason": "internal error"}, status_code=500))


async def _refuse(call: _Call, _fault: Fault) -> None:
    await call.answer(JSONResponse({"reason": "forbidden"}, status_code=403))


async def _drop(call: _Call, fault: Fault) -> None:
    await call.carry_out_if(fault)
    # ASGI knows no way to hang up. A body that was promised and does not come makes the server close the connection.
    await call.send(_start(200, [(b"content-length", str(_PROMISED_BYTES).encode())]))


async def _truncated(call: _Call, _fault: Fault) -> None:
    answer = await call.carry_out()
    status = answer.status if answer.body else 200  # 204 and the like could promise no body
    promised = str(len(answer.body) or _PROMISED_BYTES).encode()
    await call.send(_start(status, [*answer.without(b"content-length"), (b"content-length", promised)]))
    await call.send(_part(answer.body[: len(answer.body) // 2], more=True))


async def _drip(call: _Call, fault: Fault) -> None:
    answer = await call.carry_out()
    await call.send(_start(answer.status, answer.headers))
    drops = min(len(answer.body), max(1, int(fault.seconds * _DRIPS_A_SECOND)))
    size = math.ceil(len(answer.body) / drops) if drops else 1
    for begin in range(0, len(answer.body), size):
        await asyncio.sleep(fault.seconds / math.ceil(len(answer.body) / size))
        await call.send(_part(answer.body[begin : begin + size], more=True))
    await call.send(_part(b""))


async def _malformed(call: _Call, _fault: Fault) -> None:
    answer = await call.carry_out()
    media_type = answer.header(b"content-type") or b"application/json"
    body = _misshapen(answer.body if answer.status < 300 else b"", media_type)
    headers = answer.without(b"content-length", b"content-type", b"content-encoding", b"location", b"etag")
    told = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await _Answer(200, [*headers, *told], body).send(call.send)


_STRIKES: Mapping[Mode, Callable[[_Call, Fault], Awaitable[None]]] = {
    "slow": _slow,
    "error": _error,
    "refuse": _refuse,
    "drop": _drop,
    "truncated": _truncated,
    "drip": _drip,
    "malformed": _malformed,
}


def _misshapen(body: bytes, media_type: bytes) -> bytes:
    """JSON keeps its names and gets values of a wrong kind, the hardest to notice; anything else becomes garbage.

    Of a refusal or an empty answer nothing is kept: an error's names would make it a well-formed error.
    """
    if b"json" not in media_type.lower():
        return b"\x00\xff<" + body[::-1]
    return json.dumps(_wrong_shape(json.loads(body or b"{}"))).encode()


def _wrong_shape(value: Any) -> Any:
    if isinstance(value, dict) and value:
        return {name: [inside] for name, inside in value.items()}
    return {"unexpected": True}


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
