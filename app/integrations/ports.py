"""All ports of the window together, and the names of the systems behind them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from app.integrations.booking.port import Booking
from app.integrations.email.port import Email
from app.integrations.kanta.appointments.port import KantaAppointments
from app.integrations.kanta.phr.port import PersonalHealthRecord
from app.integrations.omaolo.port import AssessmentService
from app.integrations.records.port import Records
from app.integrations.scanner.port import Scanner
from app.integrations.sms.port import Sms
from app.integrations.staff_identification.port import StaffIdentification
from app.integrations.suomifi.catalogue.port import Catalogue
from app.integrations.suomifi.identification.port import Identification
from app.integrations.suomifi.mandates.port import Mandates
from app.integrations.suomifi.messages.port import Messages
from app.integrations.video.port import Video


@dataclass(frozen=True)
class Ports:
    """One client for each outside system; long-lived, shared by all requests or jobs of a process."""

    omaolo: AssessmentService
    identification: Identification
    staff_identification: StaffIdentification
    mandates: Mandates
    messages: Messages
    catalogue: Catalogue
    phr: PersonalHealthRecord
    kanta_appointments: KantaAppointments
    booking: Booking
    records: Records
    sms: Sms
    email: Email
    video: Video
    scanner: Scanner

    def of(self, system: str) -> Any:
        """The port of `system`. Beside what its Protocol tells, each has `close()`, and `probe()`: something cheap and
        harmless that only a living system answers; raises Unavailable, or Rejected by one that lives but says no."""
        return getattr(self, PORT_NAMES[system])

    def all(self) -> Iterator[Any]:
        return (getattr(self, field.name) for field in fields(self))


# System (as in settings, logs, fault switches, the status page) → attribute of Ports.
PORT_NAMES: Mapping[str, str] = {
    "omaolo": "omaolo",
    "suomifi-identification": "identification",
    "staff-identification": "staff_identification",
    "suomifi-mandates": "mandates",
    "suomifi-messages": "messages",
    "suomifi-catalogue": "catalogue",
    "kanta-phr": "phr",
    "kanta-appointments": "kanta_appointments",
    "booking": "booking",
    "records": "records",
    "sms": "sms",
    "email": "email",
    "video": "video",
    "scanner": "scanner",
}
SYSTEMS = tuple(PORT_NAMES)
