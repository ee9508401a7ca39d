"""What happens around every request, in pure ASGI: request id, language, security headers, origin, size."""

import re
import uuid
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from babel import negotiate_locale
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.text import LANGUAGES, Language, as_language
from app.integrations.budget import page_budget
from app.settings import Settings
from app.web.i18n import current_language

MAX_BODY = 256 * 1024
# Pages that take files: as many bytes as two files of the largest size, or one form to import, and the fields beside.
WITH_FILES = (
    (re.compile(r"/[a-z]{2}/forms/fill/[^/]+/page/[^/]+"), 21 * 1024 * 1024),
    (re.compile(r"/[a-z]{2}/staff/forms(/.*)?"), 6 * 1024 * 1024),
)
OUTSIDE_SECONDS = 2.5  # a page takes three seconds at most: this much of it for outside systems together
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# What browsers may give a page that asks: ours ask for nothing.
NOT_NEEDED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
# Said with the answer to signing out: nothing of the person stays on a shared device, nor does the back button show
# it. Not "cookies": that would drop those of the whole domain, the staff's session and neighbours' too.
FORGET = '"cache", "storage"'


class TooLarge(Exception):
    """The request's body is larger than any form here can be."""


class ForeignOrigin(Exception):
    """A change was sent from a page of another site."""


def requested_language(path: str, accept: str) -> Language:
    """The language in the address, else the best of Accept-Language, else Finnish."""
    head = path.lstrip("/").partition("/")[0]
    if head in LANGUAGES:
        return as_language(head)
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accept[:200].split(",")]
    return as_language(negotiate_locale(_with_base_languages(wanted), LANGUAGES))


def _with_base_languages(tags: Iterable[str]) -> list[str]:
    return [base for tag in tags if re.fullmatch(r"[A-Za-z_]+", tag) for base in (tag.partition("_")[0].lower(),)]


class RequestContext:
    """Gives each request an id (shown on error pages, in every log line), its language, and the time that it may
    wait for outside systems. `strict`: a page that calls a system it has not declared fails (tests)."""

    def __init__(self, app: ASGIApp, *, strict: bool = False) -> None:
        self.app = app
        self.strict = strict

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = uuid.uuid4().hex[:12]
        scope["language"] = requested_language(scope["path"], Headers(scope=scope).get("accept-language", ""))
        current_language.set(scope["language"])
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"])

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = scope["request_id"]
            await send(message)

        with page_budget(OUTSIDE_SECONDS, strict=self.strict):
            await self.app(scope, receive, send_with_id)


class HeadAsGet:
    """HEAD is answered as GET would be; the server leaves the body out (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET"} if asks_head else scope, receive, send)


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer. No inline script or style is allowed anywhere, and nothing from another host.

    `form-action` names where a form leads on to (identification, consent at Kanta, mandates): browsers apply it to the
    redirect that follows a form.
    """
    led_to = (settings.identification_issuer, settings.staff_issuer, settings.phr_url, settings.mandates_url)
    origins = {_origin(url) for url in led_to if url}
    policy = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self' " + " ".join(sorted(origins)),
        "report-uri /csp-report",
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        # Not `no-referrer`: with it browsers send `Origin: null` with our own forms. No other site sees our addresses.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_NEEDED),
        # For browsers that know no frame-ancestors, and for programs that read Adobe's policy files.
        "X-Frame-Options": "DENY",
        "X-Permitted-Cross-Domain-Policies": "none",
        # Whoever has thought of no better says nothing: then the answer is kept nowhere.
        "Cache-Control": "no-store",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


class SecurityHeaders:
    """Puts `security_headers` on every answer that comes through the application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse a change that a page of another site sends. Raises ForeignOrigin.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin; a client that sends neither is
    no browser, and the form token still stands before it.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignOrigin
        return
    origin = request.headers.get("origin")
    # Host is compared as text: a broken one must not break the reading of it.
    here = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    if origin is not None and origin not in {_origin(settings.public_url), here}:
        raise ForeignOrigin


def largest_body(path: str, content_type: str) -> int:
    """How many bytes a request to this path may bring: only a form that can hold files may be large."""
    if not content_type.startswith("multipart/form-data"):
        return MAX_BODY
    return next((most for pattern, most in WITH_FILES if pattern.fullmatch(path)), MAX_BODY)


class BodyLimit:
    """Ends the reading of a body that is larger than any form; raises TooLarge inside the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received, most = 0, largest_body(scope["path"], Headers(scope=scope).get("content-type", ""))

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise TooLarge
            return message

        await self.app(scope, limited, send)
