"""From a FHIR Appointment to what the port gives."""

from uuid import UUID

import httpx

from app.integrations.booking.port import Booked, BookingPatient, Cancelled, FreeSlot, Held, IdentifierUsed
from app.integrations.booking.wire import AppointmentBody, AppointmentBundle, expires

_HELD = frozenset({"proposed", "pending", "waitlist"})
_CANCELLED = frozenset({"cancelled", "entered-in-error"})


def is_cancelled(appointment: AppointmentBody) -> bool:
    return appointment.status in _CANCELLED


def is_held(appointment: AppointmentBody) -> bool:
    return appointment.status in _HELD


def found_in(bundle: AppointmentBundle, identifier: UUID) -> Booked | Held | Cancelled | None:
    """What an identifier stands for. Where a server let two through, the living one counts."""
    ranked = sorted((one.resource for one in bundle.entry), key=lambda one: (is_cancelled(one), is_held(one)))
    if not ranked:
        return None
    first = ranked[0]
    if is_cancelled(first):
        return Cancelled(first.id, first.meta.version, identifier)
    if is_held(first):
        return Held(first.id, first.meta.version, identifier, first.slot_ids)
    return _as_booked(first, identifier)


def booked(system: str, appointment: AppointmentBody, patient: BookingPatient, identifier: UUID) -> Booked:
    """Raises IdentifierUsed where it is another patient's."""
    if not appointment.is_of(patient.identity_code):
        raise IdentifierUsed(system, "identifier used for another patient", status=409)
    return _as_booked(appointment, identifier)


def held(system: str, appointment: AppointmentBody, slot: FreeSlot, identifier: UUID, answer: httpx.Response) -> Held:
    """Raises IdentifierUsed where it is another time, or no longer a hold."""
    if appointment.slot_ids != (slot.id,) or not is_held(appointment):
        raise IdentifierUsed(system, "identifier used before", status=answer.status_code)
    until = expires(answer.headers.get("Expires"))
    return Held(appointment.id, appointment.meta.version, identifier, appointment.slot_ids, until)


def _as_booked(appointment: AppointmentBody, identifier: UUID) -> Booked:
    return Booked(
        appointment.id,
        appointment.meta.version,
        identifier,
        appointment.slot_ids,
        appointment.start,
        appointment.end,
        appointment.instructions,
    )
