"""Writes down what passes a simulated system: ASGI middleware outside its fault switch."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.discretion import shortened_headers, shortened_text
from app.simulators.fault_switch import OWN_STATUS, STRUCK
from app.simulators.traffic import Exchange, Payload, Traffic, payload_text

KEPT_BYTES = 64 * 1024
_CORRELATION = b"x-correlation-id"
_LONGEST_CORRELATION_ID = 200


@dataclass
class _Side:
    """One direction as it passes: the beginning of its body, and its size."""

    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    size: int = 0

    def take(self, part: bytes) -> None:
        self.size += len(part)
        self.body += part[: max(0, KEPT_BYTES - len(self.body))]

    def payload(self) -> Payload:
        text = payload_text(self.body)
        return Payload(shortened_headers(self.headers), None if text is None else shortened_text(text), self.size)


@dataclass
class _Passage:
    """One exchange while it lasts."""

    scope: Scope
    receive: Receive
    send: Send
    traffic: Traffic
    system: str
    at: float = field(default_factory=time.time)
    began: float = field(default_factory=time.perf_counter)
    request: _Side = field(default_factory=_Side)
    answer: _Side = field(default_factory=_Side)
    status: int | None = None
    noted: bool = False
    read: deque[Message] = field(default_factory=deque)

    async def read_ahead(self) -> None:
        """Read what will be kept of the body, because a system or a fault may answer without reading it."""
        more = True
        while more and self.request.size < KEPT_BYTES:
            message = await self.receive()
            self.read.append(message)
            self.request.take(message.get("body", b""))
            more = message.get("more_body", False)

    async def receiving(self) -> Message:
        if self.read:
            return self.read.popleft()
        message = await self.receive()
        self.request.take(message.get("body", b""))
        return message

    async def sending(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.answer.headers = message["status"], message.get("headers", [])
        elif message["type"] == "http.response.body":
            self.answer.take(message.get("body", b""))
            # Before the client has the end, so that whoever has got an answer finds it here.
            if not message.get("more_body", False):
                self.note(complete=True)
        await self.send(message)

    def note(self, *, complete: bool) -> None:
        if not self.noted:
            self.noted = True
            self.traffic.add(self._exchange(complete))

    def _exchange(self, complete: bool) -> Exchange:
        headers = self.scope["headers"]
        correlation = next((value for name, value in headers if name == _CORRELATION), b"").decode("latin-1")
        query = shortened_text("?" + self.scope["query_string"].decode("latin-1")) if self.scope["query_string"] else ""
        self.request.headers = headers
        return Exchange(
            system=self.system,
            at=self.at,
            ms=round((time.perf_counter() - self.began) * 1000, 1),
            correlation_id=correlation[:_LONGEST_CORRELATION_ID] or None,
            method=self.scope["method"],
            path=self.scope["path"] + query,
            request=self.request.payload(),
            status=self.status,
            complete=complete,
            answer=self.answer.payload(),
            fault=self.scope.get(STRUCK),
            own_status=self.scope.get(OWN_STATUS),
        )


class Recorder:
    """Records each exchange of `system`, also one that a fault cuts short."""

    def __init__(self, app: ASGIApp, *, system: str, traffic: Traffic) -> None:
        self._app = app
        self._system = system
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passage = _Passage(scope, receive, send, self._traffic, self._system)
        await passage.read_ahead()
        try:
            await self._app(scope, passage.receiving, passage.sending)
        finally:
            passage.note(complete=False)
