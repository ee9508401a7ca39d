"""The port of the Kanta PHR (Omatietovaranto): the personal health record that a resident keeps and lets us use.

Unavailable             later may work
Rejected                the same call will fail again
├── AccessExpired       the access token is no longer taken: get a new one by the refresh token
└── NotAllowed          the resident has not allowed this kind of reading or writing
ConsentCancelled        the resident said no on Kanta's page: nothing is wrong
ConsentFailed           the return from Kanta's page can't be used: beginning again may work
ConsentWithdrawn        the refresh token is dead: the resident must be asked again before anything else works
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from app.domain.text import Language
from app.integrations.http import OutsideError, Rejected, Unavailable
from app.integrations.kanta.phr.measures import measures

__all__ = [
    "Access",
    "AccessExpired",
    "AnswerValue",
    "AnsweredItem",
    "Choice",
    "ConsentCancelled",
    "ConsentFailed",
    "ConsentRequest",
    "ConsentWithdrawn",
    "Entry",
    "FilledQuestionnaire",
    "Grant",
    "Kept",
    "Measurement",
    "NotAllowed",
    "PendingConsent",
    "PersonalHealthRecord",
    "Rejected",
    "SelfCarePlan",
    "Unavailable",
]


class ConsentCancelled(OutsideError):
    """The resident refused on Kanta's page. Not a fault, and not to be asked again at once."""


class ConsentFailed(OutsideError):
    """The return can't be trusted, or the code no longer works; `reason` is a short code that may be logged."""


class ConsentWithdrawn(OutsideError):
    """The consent has ended: withdrawn, expired, or its refresh token used twice. Forget the refresh token."""


class AccessExpired(Rejected):
    """The access token is unknown or too old (401)."""


class NotAllowed(Rejected):
    """The consent doesn't cover this (403)."""


@dataclass(frozen=True)
class PendingConsent:
    """What the window keeps, in the resident's own session, until the browser comes back. Secret, for one use."""

    state: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True)
class ConsentRequest:
    """Send the browser to `url` and keep `pending`."""

    url: str = field(repr=False)
    pending: PendingConsent


@dataclass(frozen=True)
class Access:
    """Some minutes of access to one resident's record.

    `refresh_token` replaces the one it was got by, which is dead from now on: keep it before anything else is done.
    `expires_at` is in UTC, a little before the real end.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(repr=False)
    patient_id: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Grant:
    """A given consent. `refresh_token` is kept encrypted; `scopes` are what was allowed, perhaps less than asked.

    `access` spares the first refreshing.
    """

    patient_id: str
    scopes: frozenset[str]
    refresh_token: str = field(repr=False)
    access: Access = field(repr=False)


@dataclass(frozen=True)
class Measurement:
    """One measurement. `measure` is a key of `app/content/kanta_phr.json`; `amounts` follow its parts and units.

    `identifier` makes a repeated writing the same entry. `measured_at` carries a time zone. Raises ValueError where
    the measure is not known, or has another number of parts.
    """

    identifier: UUID
    language: Language
    measure: str
    amounts: tuple[Decimal, ...] = field(repr=False)
    measured_at: datetime

    def __post_init__(self) -> None:
        measure = measures().get(self.measure)
        if measure is None or len(measure.parts) != len(self.amounts):
            raise ValueError("no known measure, or not as many amounts as it has parts")
        _check_zone(self.measured_at)


@dataclass(frozen=True)
class Choice:
    """A chosen option: its code and the words that were shown."""

    system: str | None
    code: str
    display: str


AnswerValue = bool | int | Decimal | date | datetime | str | Choice


@dataclass(frozen=True)
class AnsweredItem:
    """A question with its answers, or a group with its items, in the words that were shown."""

    link_id: str
    text: str
    answers: tuple[AnswerValue, ...] = field(default=(), repr=False)
    items: tuple["AnsweredItem", ...] = ()


@dataclass(frozen=True)
class FilledQuestionnaire:
    """A completed form. `questionnaire` is the form's canonical address, `title` its name in `language`."""

    identifier: UUID
    language: Language
    questionnaire: str
    title: str
    filled_at: datetime
    items: tuple[AnsweredItem, ...]

    def __post_init__(self) -> None:
        _check_zone(self.filled_at)


@dataclass(frozen=True)
class SelfCarePlan:
    """Advice that a decision support gave to the resident, kept by the resident."""

    identifier: UUID
    language: Language
    title: str
    description: str = field(repr=False)
    advice: tuple[str, ...] = field(repr=False)
    made_at: datetime

    def __post_init__(self) -> None:
        _check_zone(self.made_at)


Entry = Measurement | FilledQuestionnaire | SelfCarePlan
E = TypeVar("E", Measurement, FilledQuestionnaire, SelfCarePlan)


@dataclass(frozen=True)
class Kept(Generic[E]):
    """An entry as the record keeps it: its id there, and its version."""

    id: str
    version: str
    entry: E


class PersonalHealthRecord(Protocol):
    """One resident's own record, as far as the resident allows. All methods raise Unavailable and Rejected."""

    async def begin_consent(self, redirect_uri: str, language: Language) -> ConsentRequest:
        """Where to send the browser, so that the resident can say yes."""

    async def finish_consent(self, pending: PendingConsent, callback: Mapping[str, str]) -> Grant:
        """The consent behind the browser's return, from its query parameters. `pending` must not be tried twice.

        Raises ConsentCancelled, ConsentFailed.
        """

    async def access(self, refresh_token: str) -> Access:
        """New access. One at a time per resident: a refresh token that is used twice ends the consent.

        Raises ConsentWithdrawn.
        """

    async def identity_code(self, access: Access) -> str | None:
        """Whose record it is, so that the caller can see that the right person consented. None: it doesn't say."""

    async def write(self, access: Access, entry: Entry) -> str:
        """The entry's id in the record; the same where it had been written before. Raises AccessExpired, NotAllowed."""

    async def read(self, access: Access, kind: type[E], *, since: datetime | None = None) -> tuple[Kept[E], ...]:
        """Living entries of a kind, whoever wrote them; only those changed at or after `since`, where given.

        Measurements are those that `app/content/kanta_phr.json` names. Raises AccessExpired, NotAllowed.
        """

    async def revoke(self, refresh_token: str) -> None:
        """End the consent. Also where it has ended already."""


def _check_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
