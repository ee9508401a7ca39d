"""The port of resident sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable
from app.integrations.logout_token import LoggedOut, LogoutRefused
from app.integrations.sign_in import PendingSignIn, SignInCancelled, SignInRefused, SignInRequest
from app.integrations.suomifi.identification.assurance import Assurance

__all__ = [
    "Assurance",
    "Identification",
    "Identity",
    "IdentityKind",
    "LoggedOut",
    "LogoutRefused",
    "PendingSignIn",
    "Rejected",
    "SignInCancelled",
    "SignInRefused",
    "SignInRequest",
    "Unavailable",
]


IdentityKind = Literal["finnish", "eidas"]


@dataclass(frozen=True)
class Identity:
    """An identified resident. `repr` shows none of it but the level of assurance.

    `kind` says whose identifier `identity_code` is: a Finnish personal identity code, or what another country told by
    eIDAS (`SE/FI/…`, never in the shape of a Finnish one). `birth_date`: where the provider tells it.
    `assurance` is what `acr`, the provider's own name of the level, means; personal data needs more than low.
    `authenticated_at`: when the person last proved who they are, where told.
    `non_disclosure` (turvakielto): None where the source doesn't know; that says nothing of the person.
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
    non_disclosure: bool | None = field(repr=False)
    provider_session: str | None = field(repr=False)
    id_token: str = field(repr=False)
    issuer: str
    subject: str = field(repr=False)
    kind: IdentityKind = "finnish"
    birth_date: date | None = field(default=None, repr=False)
    assurance: Assurance = "low"
    authenticated_at: datetime | None = None


class Identification(Protocol):
    """Every method may raise Unavailable or Rejected."""

    async def begin(self, *, redirect_uri: str, language: Language, force: bool = False) -> SignInRequest:
        """Where to send the browser, and what to keep until it comes back.

        `force`: the person must prove again who they are, at a level that opens personal data, even where the
        provider remembers them. It says nothing about who comes back: compare that with the session.
        """

    async def finish(self, pending: PendingSignIn, callback: Mapping[str, str]) -> Identity:
        """The resident, from the query of the browser's return. Raises SignInCancelled, SignInRefused.

        Where the sign-in was forced, an older proof is refused as `not_fresh` and a low level as `wrong_acr`.
        """

    async def sign_out_url(self, *, id_token: str, return_to: str) -> str:
        """Where to send the browser so that the Suomi.fi session ends too; it comes back to `return_to`."""

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """What ended at the provider, from the token that it posted. Raises LogoutRefused."""
