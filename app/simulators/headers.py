"""Security headers of the simulators' pages."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.settings import ClientRegistration


def content_security_policy(clients: Iterable[ClientRegistration]) -> str:
    """Nothing from elsewhere. The clients' addresses stand under form-action because browsers apply it also to the
    redirect that follows the form with the test persons.
    """
    uris = (uri for client in clients for uri in (*client.redirect_uris, *client.post_logout_redirect_uris))
    origins = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, uris)})
    allowed = " ".join(["'self'", *origins])
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {allowed}"
    )


class SecurityHeaders:
    """ASGI middleware. The referrer stays here, because addresses of a sign-in carry its secrets."""

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
