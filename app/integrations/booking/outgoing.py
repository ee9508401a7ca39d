"""Appointments as they are sent, in the Finnish scheduling profile."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.finnish_scheduling import APPOINTMENT_PROFILE, AppointmentStatus, status_elements
from app.integrations.booking.config import BookingConfig
from app.integrations.booking.port import BookingPatient, CancelReason, FreeSlot

Resource = dict[str, Any]


class OutgoingAppointments:
    """Builds the bodies for one back-end."""

    def __init__(self, config: BookingConfig) -> None:
        self._config = config

    def identifier(self, identifier: UUID) -> str:
        """As a search value: system|value."""
        return f"{self._config.identifier_system}|urn:uuid:{identifier}"

    def held(self, slot: FreeSlot, identifier: UUID, until: datetime | None) -> Resource:
        body = self._appointment("pending", slot, identifier)
        if until and self._config.hold_until_extension:
            instant = until.astimezone(UTC).isoformat()
            body["extension"] = [{"url": self._config.hold_until_extension, "valueInstant": instant}]
        return body

    def booked(self, slot: FreeSlot, patient: BookingPatient, identifier: UUID, comment: str = "") -> Resource:
        body = self._appointment("booked", slot, identifier)
        return {**body, "participant": [self._patient(patient), *body["participant"]], **_comment(comment)}

    def confirmed(self, held: Resource, patient: BookingPatient, comment: str = "") -> Resource:
        """The held appointment as booked."""
        others = [one for one in held.get("participant", []) if one.get("actor", {}).get("type") != "Patient"]
        told = {"participant": [self._patient(patient), *others], **_comment(comment)}
        return {**held, **status_elements("booked"), **told}

    def cancelled(self, current: Resource, reason: CancelReason) -> Resource:
        """The appointment as it stands, cancelled: everything else must stay as it was."""
        system, code = self._config.cancel_reasons[reason]
        return {**current, **status_elements("cancelled"), "cancelationReason": {"coding": [_coding(system, code)]}}

    def moved(self, old: Resource, new: Resource, identifier: UUID) -> Resource:
        """A transaction of cancelling `old` and creating `new`: both happen or neither."""
        put = {"method": "PUT", "url": f"Appointment/{old['id']}", "ifMatch": f'W/"{old["meta"]["versionId"]}"'}
        post = {"method": "POST", "url": "Appointment", "ifNoneExist": f"identifier={self.identifier(identifier)}"}
        entries = [
            {"resource": self.cancelled(old, "moved"), "request": put},
            {"resource": new, "request": post},
        ]
        return {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    def _appointment(self, status: AppointmentStatus, slot: FreeSlot, identifier: UUID) -> Resource:
        participants = [one for one in (slot.location, slot.practitioner) if one]
        return {
            "resourceType": "Appointment",
            "meta": {"profile": [APPOINTMENT_PROFILE]},
            "identifier": [{"system": self._config.identifier_system, "value": f"urn:uuid:{identifier}"}],
            **status_elements(status),
            "serviceType": [{"coding": [_coding(self._config.service_system, slot.service)]}],
            "slot": [{"reference": f"Slot/{slot.id}"}],
            "start": slot.start.isoformat(),
            "end": slot.end.isoformat(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "participant": [_accepted({"reference": one.reference}) for one in participants],
        }

    def _patient(self, patient: BookingPatient) -> Resource:
        identifier = {"system": self._config.identity_code_system, "value": patient.identity_code}
        named = {"display": patient.name} if patient.name else {}
        return _accepted({"type": "Patient", "identifier": identifier, **named})


def _accepted(actor: Resource) -> Resource:
    return {"actor": actor, "status": "accepted"}


def _coding(system: str, code: str) -> Resource:
    return {"system": system, "code": code}


def _comment(comment: str) -> Resource:
    return {"comment": comment} if comment else {}
