"""Faults on command: every simulated system can be told to be slow, refuse, break or vanish.

`PUT /_faults/{system}` with `{"mode": "slow", "seconds": 5}`; `{"mode": "none"}` mends it. The state is kept, so a
restart does not heal a system.
"""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.incoming import BadInput
from app.simulators.store import Store

Mode = Literal["none", "slow", "error", "refuse", "drop", "malformed"]
MODES: tuple[Mode, ...] = get_args(Mode)
LONGEST_SECONDS = 60.0
_KIND = "fault"


@dataclass(frozen=True)
class Fault:
    """How a system misbehaves.

    slow: answers after `seconds`. error: 500. refuse: 403. drop: the connection closes before the body has come.
    malformed: the request is carried out, but only the first half of the answer's body comes.
    """

    mode: Mode = "none"
    seconds: float = 5.0


def parse_fault(raw: Any) -> Fault:
    """A fault from JSON. Raises BadInput."""
    if not isinstance(raw, dict) or raw.get("mode") not in MODES:
        raise BadInput(f"mode must be one of: {', '.join(MODES)}")
    seconds = raw.get("seconds", Fault.seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadInput("seconds must be a number")
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise BadInput(f"seconds must be from 0 to {LONGEST_SECONDS:.0f}")
    return Fault(raw["mode"], float(seconds))


def set_fault(store: Store, system: str, fault: Fault) -> None:
    store.put(_KIND, system, asdict(fault))


def current_fault(store: Store, system: str) -> Fault:
    kept = store.get(_KIND, system)
    return Fault(**kept) if kept else Fault()


class FaultSwitch:
    """ASGI middleware around one system."""

    def __init__(self, app: ASGIApp, *, system: str, store: Store) -> None:
        self._app = app
        self._system = system
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = current_fault(self._store, self._system)
        answer = _instead(fault.mode)
        if answer:
            await answer(scope, receive, send)
        elif fault.mode == "drop":
            await _drop(send)
        else:
            if fault.mode == "slow":
                await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, _Halving(send) if fault.mode == "malformed" else send)


def _instead(mode: Mode) -> Response | None:
    if mode == "error":
        return JSONResponse({"reason": "internal error"}, status_code=500)
    if mode == "refuse":
        return JSONResponse({"reason": "forbidden"}, status_code=403)
    return None


async def _drop(send: Send) -> None:
    # ASGI knows no way to hang up. A body that was promised and does not come makes the server close the connection.
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


class _Halving:
    """Sends the answer with the second half of its body missing and a Content-Length that fits what is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish(self._body[: len(self._body) // 2])

    async def _finish(self, half: bytes) -> None:
        kept = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        headers = [*kept, (b"content-length", str(len(half)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": half})
