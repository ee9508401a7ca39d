"""The port of an external booking back-end.

A booking has an identifier, chosen by the window before it asks. The same identifier books once, however often it is
sent; after Unavailable nobody knows what happened, and `find_by_identifier` settles it.

    Rejected
    ├── SlotGone         somebody was faster: show other times
    ├── BookingInvalid   the back-end does not take this booking or change: asking again will not help
    ├── IdentifierUsed   the identifier belongs to another booking, or to one that was cancelled
    └── AlreadyChanged   the appointment has changed since it was read: read it again
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from app.integrations.http import Rejected, Unavailable

__all__ = [
    "AlreadyChanged",
    "Booked",
    "Booking",
    "BookingInvalid",
    "BookingPatient",
    "CancelReason",
    "Cancelled",
    "FreeSlot",
    "Held",
    "IdentifierUsed",
    "Participant",
    "Rejected",
    "SlotGone",
    "Unavailable",
]

CancelReason = Literal["patient", "provider", "moved"]


class SlotGone(Rejected):
    """The time is no longer free, or its hold has run out."""


class BookingInvalid(Rejected):
    """The back-end does not accept the booking: past, too long a comment, unknown slot or patient, no consent."""


class IdentifierUsed(Rejected):
    """The identifier was used before, for another time or for a booking that has been cancelled since."""


class AlreadyChanged(Rejected):
    """The appointment is no longer in the version that was named, or no longer there."""


@dataclass(frozen=True)
class Participant:
    """Who or what takes part beside the patient: a FHIR reference ("Location/1") and, where told, a name."""

    reference: str
    name: str = ""


@dataclass(frozen=True)
class FreeSlot:
    """A time that was free when asked; times carry their zone. `service` is the back-end's code of the service."""

    id: str
    start: datetime
    end: datetime
    service: str
    location: Participant | None = None
    practitioner: Participant | None = None


@dataclass(frozen=True)
class BookingPatient:
    """Whose appointment it is."""

    identity_code: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Held:
    """A time kept for us until `until` (None where the back-end does not say). `version` guards changes."""

    id: str
    version: str
    identifier: UUID
    slot_ids: tuple[str, ...]
    until: datetime | None = None


@dataclass(frozen=True)
class Booked:
    """A booked appointment. `instructions`: what the back-end tells the patient, in its own language."""

    id: str
    version: str
    identifier: UUID
    slot_ids: tuple[str, ...]
    start: datetime
    end: datetime
    instructions: str = field(default="", repr=False)


@dataclass(frozen=True)
class Cancelled:
    """An appointment that was cancelled, or a hold that was let go or has run out."""

    id: str
    version: str
    identifier: UUID


class Booking(Protocol):
    """Books times in another provider's system. All methods raise Unavailable and Rejected beside what they name."""

    async def free_slots(
        self,
        service: str,
        start: datetime,
        until: datetime,
        *,
        location: str | None = None,
        practitioner: str | None = None,
    ) -> tuple[FreeSlot, ...]:
        """Free times that start from `start` to before `until`, earliest first. Location and practitioner: ids."""

    async def hold(self, slot: FreeSlot, identifier: UUID, until: datetime | None = None) -> Held:
        """Keep a time, until `until` where the back-end grants that. The identifier is then the booking's too.

        Repeatable. Raises SlotGone, BookingInvalid, IdentifierUsed.
        """

    async def book(self, what: FreeSlot | Held, patient: BookingPatient, identifier: UUID, comment: str = "") -> Booked:
        """Book a free or a held time (of the same identifier). Repeatable: gives the first booking again.

        Raises SlotGone, BookingInvalid, IdentifierUsed; ValueError where a hold has another identifier.
        """

    async def find_by_identifier(self, identifier: UUID) -> Booked | Held | Cancelled | None:
        """What became of the identifier; None where the back-end never heard of it."""

    async def cancel(self, appointment_id: str, version: str, reason: CancelReason) -> Cancelled:
        """Cancel a booking or let a hold go; the time is free again. Repeatable.

        Raises AlreadyChanged, BookingInvalid (past).
        """

    async def move(self, old: Booked, slot: FreeSlot, patient: BookingPatient, identifier: UUID) -> Booked:
        """Another time instead of `old`: a new booking under a new identifier, and the old one cancelled.

        Never loses both. Repeatable. Raises SlotGone (the old one stands), AlreadyChanged, BookingInvalid,
        IdentifierUsed.
        """
