"""What the interface offers: as in Kanta's capability statement, Appointment without read, and If-Match on update.

Search parameters register-type-code, service-event and include-own are passed over: nothing here depends on them.
"""

from app.simulators.fhir_server import ResourceDescription, SearchParameter, ServerDescription, VersionGuard

PROFILE = "https://pta.kanta.fi/fhir/StructureDefinition/AppointmentAppointment"
PROVENANCE_PROFILE = "https://pta.kanta.fi/fhir/StructureDefinition/AppointmentProvenance"
_UNITS = ("appointment-service-provider", "appointment-service-provider-unit", "producing-service-provider-unit")
_APPOINTMENT = ResourceDescription(
    "Appointment",
    frozenset({"create", "update", "delete", "search-type", "history-instance"}),
    (
        SearchParameter("identifier", "token", ("identifier",)),
        SearchParameter("patient", "reference", ("participant.actor",)),
        SearchParameter("service-organiser", "token", ("contained.agent.who.identifier",)),
        *(SearchParameter(name, "token", ("participant.actor.identifier",)) for name in _UNITS),
        SearchParameter("date", "date", ("start",)),
        SearchParameter("recorded", "date", ("contained.recorded",)),
        SearchParameter("status", "token", ("status",)),
    ),
    guard=VersionGuard(required=True),
    profiles=(PROFILE,),
)
KANTA_APPOINTMENTS = ServerDescription(
    "Kanta appointments (test)", "kanta-appointments", (_APPOINTMENT,), bundles=False
)
