"""The cookies: one per audience for the session, one for a sign-in under way. All are strictly necessary."""

from starlette.requests import Request
from starlette.responses import Response

from app.settings import Settings

SESSION_SECONDS = 12 * 60 * 60  # as long as a session can last at most
ANONYMOUS_SECONDS = 7 * 24 * 60 * 60
SIGN_IN_SECONDS = 15 * 60
# What the page after sending shows for a quarter of an hour, so that a phone that loads it anew loses nothing: the code
# by which an anonymous sender comes back (the window keeps only its hash), and the receipt of a notice. Whoever signs
# out before leaves neither behind.
RETURN_CODE, RECEIPT = "asiointi-return", "asiointi-receipt"


def cookie_name(settings: Settings, purpose: str) -> str:
    """`__Host-` ties a cookie to this host and https; browsers refuse it on plain http, which only the demo uses."""
    return f"__Host-{purpose}" if settings.secure else purpose


def read_cookie(request: Request, settings: Settings, purpose: str) -> str:
    """The value of our cookie, or an empty string; longer ones than ours count as none."""
    value = request.cookies.get(cookie_name(settings, purpose), "")
    return value if len(value) <= 100 else ""


def write_cookie(response: Response, settings: Settings, purpose: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(settings, purpose),
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings, purpose: str) -> None:
    response.delete_cookie(
        cookie_name(settings, purpose), path="/", secure=settings.secure, httponly=True, samesite="lax"
    )
