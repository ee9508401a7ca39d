"""The port of resident sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable
from app.integrations.logout_token import LoggedOut, LogoutRefused
from app.integrations.sign_in import PendingSignIn, SignInCancelled, SignInRefused, SignInRequest

__all__ = [
    "Identification",
    "Identity",
    "LoggedOut",
    "LogoutRefused",
    "PendingSignIn",
    "Rejected",
    "SignInCancelled",
    "SignInRefused",
    "SignInRequest",
    "Unavailable",
]


@dataclass(frozen=True)
class Identity:
    """A strongly identified resident. `repr` shows none of it but the level of assurance (`acr`).

    `municipality`: three digits, None where not told and always under `non_disclosure`. `provider_session`: the
    provider's name of its session, by which it may later end ours; `issuer` and `subject` name whose session it is
    there (in the Finnish Trust Network `subject` is new at every sign-in, so it says nothing about the person).
    """

    identity_code: str = field(repr=False)
    given_name: str = field(repr=False)
    first_names: str = field(repr=False)
    family_name: str = field(repr=False)
    acr: str
    municipality: str | None = field(repr=False)
    non_disclosure: bool = field(repr=False)
    provider_session: str | None = field(repr=False)
    id_token: str = field(repr=False)
    issuer: str
    subject: str = field(repr=False)


class Identification(Protocol):
    """Every method may raise Unavailable or Rejected."""

    async def begin(self, *, redirect_uri: str, language: Language) -> SignInRequest:
        """Where to send the browser, and what to keep until it comes back."""

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> Identity:
        """The resident, from the query of the browser's return. Raises SignInCancelled, SignInRefused."""

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        """Where to send the browser so that the Suomi.fi session ends too; it comes back to `return_to`."""

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """What ended at the provider, from the token that it posted. Raises LogoutRefused."""
