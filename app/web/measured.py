"""Every answer is counted and timed under the name of its page: never under an address, which may hold an id."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics


class Measured:
    """ASGI middleware. What no route takes is counted as `none`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            page = getattr(scope.get("route"), "name", None) or "none"
            metrics.PAGES.labels(page, f"{status // 100}xx").inc()
            metrics.PAGE_SECONDS.labels(page).observe(time.perf_counter() - started)
