"""Our values as Kanta's Appointment with its Provenance inside, and what changes in it at a cancellation."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.finnish_scheduling import APPOINTMENT_TYPE_SYSTEM, IDENTITY_CODE, status_elements
from app.integrations.kanta.appointments.config import AppointmentsConfig, Codes
from app.integrations.kanta.appointments.constants import (
    APPOINTMENT_PROFILE,
    BOOKER,
    ORGANISATION_SYSTEM,
    ORGANISER,
    PROFESSIONAL_SYSTEM,
    PROVENANCE_PROFILE,
    URI_SYSTEM,
    VISIBLE_TO_GUARDIAN,
)
from app.integrations.kanta.appointments.port import CancelReason, RegisteredAppointment
from app.integrations.kanta.fhir import spoken

Json = dict[str, Any]


def appointment_resource(appointment: RegisteredAppointment, identifier: UUID, config: AppointmentsConfig) -> Json:
    """The resource for a new, booked appointment."""
    return {
        "resourceType": "Appointment",
        "meta": _meta(appointment, config),
        "language": appointment.language,
        "contained": [_provenance(appointment, config)],
        "identifier": [{"system": URI_SYSTEM, "value": identifier.urn}],
        **status_elements("booked"),
        "serviceType": [_concept(((config.service_type_system, appointment.service_type),), appointment.service_name)],
        "appointmentType": _concept(((APPOINTMENT_TYPE_SYSTEM, appointment.appointment_type),)),
        "start": _instant(appointment.starts_at),
        "end": _instant(appointment.ends_at),
        "created": _instant(datetime.now(UTC)),
        "participant": [_participant(*who) for who in _participants(appointment)],
        **spoken(patientInstruction=appointment.instructions),
    }


def cancelled(current: Json, reason: CancelReason, config: AppointmentsConfig) -> Json:
    """What stands in Kanta now, as cancelled: everything else stays as it is."""
    meta = {name: value for name, value in current["meta"].items() if name not in ("versionId", "lastUpdated")}
    return {
        **current,
        "meta": meta,
        **status_elements("cancelled"),
        "cancelationReason": _concept(config.reasons[reason]),
    }


def _meta(appointment: RegisteredAppointment, config: AppointmentsConfig) -> Json:
    meta: Json = {"profile": [APPOINTMENT_PROFILE]}
    if appointment.visible_to_guardian:
        meta["security"] = [{"system": config.label_system, "code": VISIBLE_TO_GUARDIAN}]
    return meta


def _provenance(appointment: RegisteredAppointment, config: AppointmentsConfig) -> Json:
    organiser = _actor(ORGANISATION_SYSTEM, appointment.organiser)
    booker = (
        _actor(IDENTITY_CODE, appointment.booker_identity_code)
        if appointment.booker_identity_code
        else _actor(ORGANISATION_SYSTEM, appointment.unit)
    )
    return {
        "resourceType": "Provenance",
        "id": "provenance",
        "meta": {"profile": [PROVENANCE_PROFILE]},
        "target": [{"reference": "#"}],
        "recorded": _instant(datetime.now(UTC)),
        "agent": [
            {"type": _concept(((config.role_system, role),)), "who": who}
            for role, who in ((ORGANISER, organiser), (BOOKER, booker))
        ],
    }


def _participants(appointment: RegisteredAppointment) -> Iterable[tuple[str, str, str, str]]:
    yield "Patient", IDENTITY_CODE, appointment.identity_code, ""
    yield "Location", ORGANISATION_SYSTEM, appointment.unit, appointment.unit_name
    if appointment.practitioner:
        yield "Practitioner", PROFESSIONAL_SYSTEM, appointment.practitioner, ""


def _participant(kind: str, system: str, value: str, name: str) -> Json:
    return {"actor": {"type": kind, **_actor(system, value), **spoken(display=name)}, "status": "accepted"}


def _actor(system: str, value: str) -> Json:
    return {"identifier": {"system": system, "value": value}}


def _concept(codes: Codes, text: str = "") -> Json:
    return {"coding": [{"system": system, "code": code} for system, code in codes], **spoken(text=text)}


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
