"""The port of Suomi.fi mandates: somebody acts for a child or for an adult who has given a mandate.

The person chooses in Suomi.fi for whom they act: `begin`, the browser goes away and comes back, `finish`. What they
may do is then asked with the `Access`. A refusal never says why (non-disclosure, age, custody, no mandate): the
national service doesn't tell, and our pages must not let anybody guess.

    MandateError
    ├── ChoiceCancelled   the person chose nobody and came back: nothing is wrong
    ├── ChoiceRefused     the return doesn't add up; beginning again may work
    └── SessionEnded      Suomi.fi no longer knows the session; beginning again works

Beside these, `Unavailable` and `Rejected` of app/integrations/http.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable

__all__ = [
    "Access",
    "Begun",
    "ChoiceCancelled",
    "ChoiceRefused",
    "MandateError",
    "Mandates",
    "Pending",
    "Principal",
    "Rejected",
    "Roles",
    "SessionEnded",
    "Unavailable",
]

_MINOR = "ALL"
_GUARDIAN_OF_INTERESTS = "GUARDIAN"


class MandateError(Exception):
    """Acting for somebody else that did not come about, or is over."""


class ChoiceCancelled(MandateError):
    """The person came back without having chosen anybody."""


class ChoiceRefused(MandateError):
    """The browser's return can't be trusted or used; `reason` is a short code that may be logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SessionEnded(MandateError):
    """The session at Suomi.fi is over: too old, ended, or the choice never finished."""


@dataclass(frozen=True)
class Pending:
    """What the window keeps, in the browser's own session, until the browser comes back. Secret, for one use."""

    session_id: str = field(repr=False)
    user_id: str = field(repr=False)
    state: str = field(repr=False)
    return_url: str
    request_id: str


@dataclass(frozen=True)
class Begun:
    """Send the browser to `url` and keep `pending`."""

    url: str = field(repr=False)
    pending: Pending


@dataclass(frozen=True)
class Access:
    """A finished choice: with this the window asks what the person may do. Secret."""

    session_id: str = field(repr=False)
    access_token: str = field(repr=False)
    request_id: str


@dataclass(frozen=True)
class Principal:
    """Somebody for whom the person has chosen to act."""

    identity_code: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True)
class Roles:
    """What a person may do for one principal, as Suomi.fi lists it; empty: no right at all.

    A code that we don't know gives nothing. A guardian of interests (edunvalvoja) is named apart, because in health
    care and social welfare that role does not yet carry a right through Suomi.fi (THL).
    """

    codes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.is_guardian_of_minor or bool(self.themes)

    @property
    def is_guardian_of_minor(self) -> bool:
        """True where the principal is the person's minor dependant by the population register."""
        return _MINOR in self.codes

    @property
    def is_guardian_of_interests(self) -> bool:
        """True where the principal is an adult whose guardian of interests the person is."""
        return _GUARDIAN_OF_INTERESTS in self.codes

    @property
    def themes(self) -> frozenset[str]:
        """The URIs of the mandate themes (valtuusasia) that an adult principal has given."""
        return frozenset(code for code in self.codes if code.startswith(("http://", "https://")))


class Mandates(Protocol):
    """Every method may raise Unavailable or Rejected; those with an `access` also SessionEnded."""

    async def begin(self, *, delegate: str, return_url: str, language: Language, request_id: str) -> Begun:
        """Open a session for the identified person `delegate` (identity code).

        `request_id` is one id for the whole acting, kept in Suomi.fi's log beside ours. `return_url` must be
        registered with Suomi.fi.
        """

    async def finish(self, pending: Pending, callback: Mapping[str, str]) -> Access:
        """The access, from the query of the browser's return. Raises ChoiceCancelled, ChoiceRefused."""

    async def principals(self, access: Access) -> tuple[Principal, ...]:
        """For whom the person chose to act: usually one."""

    async def roles(self, access: Access, principal: str) -> Roles:
        """What the person may do for `principal` (identity code). Prefer this to `is_allowed`."""

    async def is_allowed(self, access: Access, principal: str, themes: Collection[str] = ()) -> bool:
        """True where the person may act for `principal` in `themes` (needed for an adult, not for a minor)."""

    async def end(self, access: Access) -> None:
        """End the session at Suomi.fi; one that is over already is well."""
