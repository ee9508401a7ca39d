"""The port of Kanta's appointments: what the county tells about booked times, so that they show in OmaKanta.

Unavailable               later may work
Rejected                  the same call will fail again
└── AppointmentUnknown    Kanta has no appointment with this identifier
AlreadyChanged            somebody has changed the appointment since: look at `current` and decide anew
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from app.domain.finnish_scheduling import AppointmentStatus
from app.domain.text import Language
from app.integrations.http import OutsideError, Rejected, Unavailable

__all__ = [
    "AlreadyChanged",
    "AppointmentUnknown",
    "CancelReason",
    "KantaAppointments",
    "KnownAppointment",
    "Registered",
    "RegisteredAppointment",
    "Rejected",
    "Unavailable",
]

CancelReason = Literal["patient", "provider", "moved"]


@dataclass(frozen=True)
class RegisteredAppointment:
    """A booked time as Kanta shall know it.

    `organiser` and `unit` are OIDs of the national register of organisations, `practitioner` a Terhikki number.
    `service_type` and `appointment_type` are codes of the national code server. `booker_identity_code` is whoever
    booked: the patient, or somebody acting for the patient; None where the unit booked. `visible_to_guardian`: a
    minor's appointment that the guardians may see. Raises ValueError where the moments have no time zone or the end
    is not after the start.
    """

    identity_code: str = field(repr=False)
    starts_at: datetime
    ends_at: datetime
    service_type: str
    service_name: str = field(repr=False)
    organiser: str
    unit: str
    unit_name: str
    language: Language
    appointment_type: str
    practitioner: str | None = None
    instructions: str = field(default="", repr=False)
    booker_identity_code: str | None = field(default=None, repr=False)
    visible_to_guardian: bool = False

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None or self.ends_at <= self.starts_at:
            raise ValueError("an appointment needs moments with a time zone, the end after the start")


@dataclass(frozen=True)
class Registered:
    """How Kanta knows an appointment: its id and version there, by our identifier."""

    id: str
    version: str
    identifier: UUID
    status: AppointmentStatus


@dataclass(frozen=True)
class KnownAppointment:
    """An appointment that Kanta knows, whoever registered it. `identifier` is None for one that isn't ours in kind."""

    id: str
    version: str
    identifier: UUID | None
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    service_name: str = field(repr=False)
    unit_name: str
    instructions: str = field(repr=False)


class KantaAppointments(Protocol):
    """Registers appointments. Every method may be repeated; all raise Unavailable and Rejected."""

    async def register(self, appointment: RegisteredAppointment, identifier: UUID) -> Registered:
        """Register a booked time; with an identifier that Kanta knows, what it knows comes back."""

    async def cancel(self, registered: Registered, reason: CancelReason) -> Registered:
        """Cancel it; one that has been cancelled stays so. Raises AppointmentUnknown, AlreadyChanged."""

    async def move(self, registered: Registered, new: RegisteredAppointment, identifier: UUID) -> Registered:
        """Cancel the old time and register the new one, as the Finnish profile says.

        Raises AppointmentUnknown, AlreadyChanged: then the new one has not been registered.
        """

    async def find(self, identifier: UUID) -> Registered | None:
        """What Kanta knows by our identifier."""

    async def list_for(self, identity_code: str) -> tuple[KnownAppointment, ...]:
        """All appointments of a person that we may see and that have a time, in its order."""


class AppointmentUnknown(Rejected):
    """There is no appointment with the identifier."""


class AlreadyChanged(OutsideError):
    """The version at hand is old; `current` is what stands now, None where it was deleted."""

    def __init__(self, system: str, current: Registered | None) -> None:
        super().__init__(system, "already changed")
        self.current = current
