"""What both sign-ins (residents, staff) share: the values of one sign-in and the ways it can end.

    SignInError
    ├── SignInCancelled   the person chose to go back: nothing is wrong
    └── SignInRefused     something doesn't add up; beginning again may work

Beside these, `Unavailable` and `Rejected` of app/integrations/http.py: the provider didn't answer, or refused us.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime


class SignInError(Exception):
    """A sign-in that ended without a person."""


class SignInCancelled(SignInError):
    """The person cancelled at the provider."""


class SignInRefused(SignInError):
    """The answer can't be trusted or was an error; `reason` is a short code that may be logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PendingSignIn:
    """What the window keeps, in the browser's own session, until the browser comes back. Secret, for one use.

    `forced_at`: when a new proof of who the person is was asked for; None where a remembered one does.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    forced_at: datetime | None = None


@dataclass(frozen=True)
class SignInRequest:
    """Send the browser to `url` and keep `pending`."""

    url: str = field(repr=False)
    pending: PendingSignIn


def new_pending(redirect_uri: str, *, forced_at: datetime | None = None) -> PendingSignIn:
    """The secrets of a sign-in that begins now."""
    return PendingSignIn(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        code_verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        forced_at=forced_at,
    )
