"""The port of staff sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable
from app.integrations.logout_token import LoggedOut, LogoutRefused
from app.integrations.sign_in import PendingSignIn, SignInCancelled, SignInRefused, SignInRequest

__all__ = [
    "LoggedOut",
    "LogoutRefused",
    "PendingSignIn",
    "Rejected",
    "SignInCancelled",
    "SignInRefused",
    "SignInRequest",
    "StaffIdentification",
    "StaffIdentity",
    "Unavailable",
]


@dataclass(frozen=True)
class StaffIdentity:
    """A member of staff. `issuer` and `subject` together name them for good.

    `roles`, `units` and `tasks` (the service tasks of social welfare, palvelutehtävät) are codes.
    """

    issuer: str
    subject: str
    name: str
    profession: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    provider_session: str | None = field(repr=False)
    id_token: str = field(repr=False)
    tasks: tuple[str, ...] = ()


class StaffIdentification(Protocol):
    """Every method may raise Unavailable or Rejected."""

    async def begin(self, *, redirect_uri: str, language: Language) -> SignInRequest:
        """Where to send the browser, and what to keep until it comes back."""

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> StaffIdentity:
        """Who came back. Raises SignInCancelled, SignInRefused."""

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        """Where to send the browser so that the provider's session ends too; it comes back to `return_to`."""

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """What ended at the provider, from the token that it posted. Raises LogoutRefused."""
