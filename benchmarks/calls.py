"""Requests made without a network between."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Call:
    """A GET, or with a `body` a POST of a form; `cookie` as the browser sends it."""

    path: str
    cookie: str = ""
    body: bytes | None = None


async def many(app: ASGIApp, calls: Sequence[Call], times: int, status: int = 200) -> float:
    """Seconds per call over `times` rounds of these calls, each answered with `status`."""
    started = time.perf_counter()
    for _ in range(times):
        for one in calls:
            found, _location = await call(app, one)
            assert found == status, f"{one.path}: {found}"
    return (time.perf_counter() - started) / (times * len(calls))


async def call(app: ASGIApp, one: Call) -> tuple[int, str]:
    """The status of the answer, and where it leads."""
    parts = urlsplit(one.path)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if one.body is None else "POST",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": _headers(one),
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": one.body or b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message)

    await app(scope, receive, send)
    return answers[0]["status"], dict(answers[0]["headers"]).get(b"location", b"").decode()


def _headers(one: Call) -> list[tuple[bytes, bytes]]:
    headers = [(b"host", b"localhost")]
    if one.cookie:
        headers.append((b"cookie", one.cookie.encode()))
    if one.body is not None:
        length = str(len(one.body)).encode()
        headers += [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", length)]
    return headers
