"""What the booking back-end offers as a FHIR server."""

from app.domain.finnish_scheduling import APPOINTMENT_PROFILE
from app.simulators.fhir_server import (
    CHANGEABLE,
    READ_ONLY,
    ResourceDescription,
    SearchParameter,
    ServerDescription,
    VersionGuard,
)

# GP Connect's list of codes; its refusals are what the best described booking interface in use answers.
ERROR_SYSTEM = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1"

_IDENTIFIER = SearchParameter("identifier", "token", ("identifier",))
_ACTORS = ("participant.actor",)

BOOKING_BACKEND = ServerDescription(
    "Booking back-end (stand-in)",
    "booking",
    (
        ResourceDescription(
            "Appointment",
            CHANGEABLE,
            (
                _IDENTIFIER,
                SearchParameter("status", "token", ("status",)),
                SearchParameter("date", "date", ("start",)),
                SearchParameter("slot", "reference", ("slot",)),
                SearchParameter("actor", "reference", _ACTORS),
                SearchParameter("patient", "reference", _ACTORS),
                SearchParameter("location", "reference", _ACTORS),
                SearchParameter("practitioner", "reference", _ACTORS),
            ),
            includes=("slot", "actor", "patient", "location", "practitioner"),
            # GP Connect answers 409 where FHIR itself would say 412.
            guard=VersionGuard(required=True, stale_status=409, missing_status=412),
            profiles=(APPOINTMENT_PROFILE,),
        ),
        ResourceDescription(
            "Slot",
            READ_ONLY,
            (
                _IDENTIFIER,
                SearchParameter("schedule", "reference", ("schedule",)),
                SearchParameter("service-type", "token", ("serviceType",)),
                SearchParameter("status", "token", ("status",)),
                SearchParameter("start", "date", ("start",)),
                SearchParameter("end", "date", ("end",)),
            ),
            includes=("schedule",),
        ),
        ResourceDescription(
            "Schedule",
            READ_ONLY,
            (
                _IDENTIFIER,
                SearchParameter("actor", "reference", ("actor",)),
                SearchParameter("service-type", "token", ("serviceType",)),
                SearchParameter("date", "date", ("planningHorizon",)),
            ),
            includes=("actor",),
        ),
        ResourceDescription("Location", READ_ONLY, (_IDENTIFIER, SearchParameter("name", "string", ("name",)))),
        ResourceDescription("Practitioner", READ_ONLY, (_IDENTIFIER, SearchParameter("name", "string", ("name",)))),
        ResourceDescription(
            "HealthcareService",
            READ_ONLY,
            (
                _IDENTIFIER,
                SearchParameter("service-type", "token", ("type",)),
                SearchParameter("name", "string", ("name",)),
            ),
        ),
        ResourceDescription("Patient", READ_ONLY, (_IDENTIFIER, SearchParameter("family", "string", ("name.family",)))),
    ),
    detail_system=ERROR_SYSTEM,
    detail_codes={
        400: "BAD_REQUEST",
        401: "ACCESS_DENIED",
        403: "ACCESS_DENIED",
        404: "NO_RECORD_FOUND",
        410: "NO_RECORD_FOUND",
        422: "INVALID_RESOURCE",
    },
)
