"""What the tests of the booking back-end share: free times, and bookings as a foreign client would send them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.integrations.booking.client import BookingBackend
from app.integrations.booking.port import BookingPatient, FreeSlot

ANNA = BookingPatient("120488-902S", "Anna Lehtokangas")
JUHO = BookingPatient("300986-915A", "Juho Lehtokangas")
IDENTIFIERS = "urn:ietf:rfc:3986"


async def free_slots(booking: BookingBackend, service: str = "nurse-visit") -> tuple[FreeSlot, ...]:
    """Free times of the second day from now and later."""
    start = datetime.now(UTC) + timedelta(days=2)
    found = await booking.free_slots(service, start, start + timedelta(days=20))
    assert found
    return found


def appointment(slot: FreeSlot, /, *, patient: str = ANNA.identity_code, **more: Any) -> dict[str, Any]:
    """A booking in the barest form that the back-end takes."""
    actor = {"type": "Patient", "identifier": {"system": "urn:oid:1.2.246.21", "value": patient}}
    return {
        "resourceType": "Appointment",
        "identifier": [{"system": IDENTIFIERS, "value": f"urn:uuid:{uuid4()}"}],
        "status": "booked",
        "slot": [{"reference": f"Slot/{slot.id}"}],
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "participant": [{"actor": actor, "status": "accepted"}],
        **more,
    }
