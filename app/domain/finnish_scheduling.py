"""Names and codes of the Finnish scheduling profiles (HL7 Finland, finnish-scheduling 2.0.0-rc3, FHIR R4).

Source: the implementation guide's own files (canonical https://hl7.fi/fhir/finnish-scheduling), and the Finnish base
profiles for identifiers. The guide is a ballot draft whose work has stopped, so every server is asked for what it
really takes: adapters have these as defaults of their settings. Not told there and therefore an assumption of ours:
that the extension on `status` carries a `valueCoding`.
"""

from collections.abc import Mapping
from typing import Any, Literal

AppointmentStatus = Literal[
    "waitlist", "proposed", "pending", "booked", "cancelled", "checked-in", "fulfilled", "noshow"
]

IDENTITY_CODE = "urn:oid:1.2.246.21"
APPOINTMENT_PROFILE = "https://hl7.fi/fhir/finnish-scheduling/StructureDefinition/fi-scheduling-appointment"
STATUS_EXTENSION = "https://hl7.fi/fhir/finnish-scheduling/StructureDefinition/ajanvarauksen-tila"
STATUS_SYSTEM = "urn:oid:1.2.246.537.6.881"
CANCELLATION_SYSTEM = "urn:oid:1.2.246.537.6.126"
APPOINTMENT_TYPE_SYSTEM = "urn:oid:1.2.246.537.6.884"
SINGLE_VISIT = "10"  # of APPOINTMENT_TYPE_SYSTEM: one visit on the spot

# FHIR's own reasons; the guide's example of moving an appointment uses pat-cpp (by the patient, through a portal).
HL7_CANCELLATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
BY_PATIENT_PORTAL = "pat-cpp"
BY_PROVIDER = "prov"

# Finnish state of booking → status of FHIR. 5 (moved) is no longer to be used: a move is a cancellation and a new one.
STATUS_OF_CODE: Mapping[str, AppointmentStatus] = {
    "1": "waitlist",
    "2": "proposed",
    "8": "pending",
    "3": "booked",
    "4": "cancelled",
    "5": "cancelled",
    "10": "checked-in",
    "6": "fulfilled",
    "7": "fulfilled",
    "9": "noshow",
}
CODE_OF_STATUS: Mapping[AppointmentStatus, str] = {
    "waitlist": "1",
    "proposed": "2",
    "pending": "8",
    "booked": "3",
    "cancelled": "4",
    "checked-in": "10",
    "fulfilled": "7",
    "noshow": "9",
}


def status_elements(status: AppointmentStatus) -> dict[str, Any]:
    """`status` and beside it the Finnish state, as two members of an Appointment."""
    coding = {"system": STATUS_SYSTEM, "code": CODE_OF_STATUS[status]}
    return {"status": status, "_status": {"extension": [{"url": STATUS_EXTENSION, "valueCoding": coding}]}}


def finnish_state(appointment: Mapping[str, Any]) -> str | None:
    """The code of the Finnish state that an Appointment carries, None where it carries none."""
    shadow = appointment.get("_status")
    extensions = shadow.get("extension", []) if isinstance(shadow, Mapping) else []
    for extension in extensions:
        if extension.get("url") == STATUS_EXTENSION:
            code: str | None = extension.get("valueCoding", {}).get("code")
            return code
    return None
