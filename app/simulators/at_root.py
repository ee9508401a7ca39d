"""One simulated system at the root of an address.

The national services stand at the root of a host, and some of their clients know only a host: they put `/v1/token`
behind it, whatever path they were told. For them one system is served on a port of its own.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class AtRoot:
    """ASGI middleware: what is asked at the root is answered by what stands at `path` in `app`."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(("/_assets/", f"{self._path}/")):
            raw = self._path.encode() + scope["raw_path"]
            scope = {**scope, "path": self._path + scope["path"], "raw_path": raw}
        await self._app(scope, receive, send)
