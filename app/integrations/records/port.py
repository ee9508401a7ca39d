"""The port of the client and patient record systems.

The patient register and the social welfare client register are apart (client data act 703/2023): each has its own
system, address and credential here. What is sent carries its register as a type, and that alone chooses the system.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from app.domain.text import Language
from app.domain.urgency import Urgency
from app.integrations.http import Rejected, Unavailable

__all__ = [
    "CaseChanges",
    "CaseInitiation",
    "CaseState",
    "CaseStatus",
    "Channel",
    "ConflictingRepeat",
    "ContactRecord",
    "Entry",
    "Kept",
    "OutgoingDocument",
    "PatientRegister",
    "Records",
    "Register",
    "Rejected",
    "SocialRegister",
    "Unavailable",
    "register_named",
]

CaseState = Literal["received", "in_handling", "answered", "closed", "rejected"]
Channel = Literal["visit", "home_visit", "phone", "video", "chat", "message", "letter"]


class ConflictingRepeat(Rejected):
    """The identifier has been used for something else: this content has *not* been kept. A fault of ours, for
    operators; sending again can't mend it."""


@dataclass(frozen=True)
class PatientRegister:
    """Health care."""


@dataclass(frozen=True)
class SocialRegister:
    """Social welfare. `service_task` (palvelutehtävä) bounds who may see it; None: not sorted yet."""

    service_task: str | None = None


Register = PatientRegister | SocialRegister


def register_named(name: str, service_task: str | None = None) -> Register:
    """The register as cases name it: `patient` or `social`. Raises ValueError for another name, or for a patient
    register with a service task."""
    if name == "social":
        return SocialRegister(service_task)
    if name == "patient" and service_task is None:
        return PatientRegister()
    raise ValueError("no such register")


@dataclass(frozen=True)
class CaseInitiation:
    """A matter that becomes pending (vireilletulo) at `arrived_at`.

    `identifier` is the key by which a repeated sending is the same case; `reference` is what the resident says on the
    phone. Identity codes are None where nobody is identified; `actor` where somebody acts for the subject. `written`
    is what the resident wrote, `assessment` the self-assessment's result; it is no professional's assessment.
    """

    identifier: str
    register: Register
    reference: str
    kind: str
    urgency: Urgency
    arrived_at: datetime
    language: Language
    title: str = field(repr=False)
    subject_identity_code: str | None = field(default=None, repr=False)
    actor_identity_code: str | None = field(default=None, repr=False)
    written: str = field(default="", repr=False)
    assessment: str = field(default="", repr=False)


@dataclass(frozen=True)
class ContactRecord:
    """A contact between an identified person and a professional, for the record; `case_identifier` as in the case."""

    identifier: str
    register: Register
    at: datetime
    channel: Channel
    language: Language
    professional: str
    subject_identity_code: str = field(repr=False)
    summary: str = field(repr=False)
    case_identifier: str | None = None


@dataclass(frozen=True)
class OutgoingDocument:
    """A response document, such as a filled questionnaire: as text for people, and as FHIR where there is one."""

    identifier: str
    register: Register
    kind: str
    made_at: datetime
    language: Language
    title: str = field(repr=False)
    subject_identity_code: str = field(repr=False)
    text: str = field(repr=False)
    fhir: Mapping[str, Any] | None = field(default=None, repr=False)
    case_identifier: str | None = None


Entry = CaseInitiation | ContactRecord | OutgoingDocument


@dataclass(frozen=True)
class Kept:
    """The record system has it, under its own `id`; `new` is False where it had come before."""

    id: str
    new: bool


@dataclass(frozen=True)
class CaseStatus:
    """How far a case is in the record system. `reason` where it was rejected; `changed_at` in UTC."""

    identifier: str
    state: CaseState
    changed_at: datetime
    reason: str = field(default="", repr=False)


@dataclass(frozen=True)
class CaseChanges:
    """Cases that have changed, oldest change first. Ask next with `since=until`; `more`: at once, it goes on."""

    cases: tuple[CaseStatus, ...]
    until: datetime
    more: bool


class Records(Protocol):
    """Hands matters over to the record systems and hears how far they are.

    The three sending methods may be repeated: the same identifier with the same content is kept once. They raise
    ConflictingRepeat, Rejected, Unavailable; the two asking ones Rejected, Unavailable.
    """

    async def initiate_case(self, case: CaseInitiation) -> Kept:
        """Make a matter pending."""

    async def record_contact(self, contact: ContactRecord) -> Kept:
        """Enter a contact into the record."""

    async def send_document(self, document: OutgoingDocument) -> Kept:
        """Send a response document."""

    async def case_status(self, register: Register, identifier: str) -> CaseStatus | None:
        """How far a case is; None where it never arrived. A service task plays no part here."""

    async def changes(self, register: Register, since: datetime) -> CaseChanges:
        """Cases changed at `since` or later, a page of them; the newest known ones may come again."""
