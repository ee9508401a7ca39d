"""Fixed names of Kanta's appointment interface, each with its source.

Verified (package fi.kela.kanta.pta.ajanvaraus.r4 1.0.0-rc2): the two profiles, that update insists on If-Match, the
search parameters used here, the label visible-to-guardian, and the agent roles 10 (organiser of the service) and 12
(who booked). The capability statement names no other resource than Appointment, so the Provenance travels inside it:
that, and the code systems of the label and of the roles, are our assumption and defaults of `AppointmentsConfig`.
Codes shared with the scheduling profiles are in `app/domain/finnish_scheduling.py`.
"""

SYSTEM = "kanta-appointments"

APPOINTMENT_PROFILE = "https://pta.kanta.fi/fhir/StructureDefinition/AppointmentAppointment"
PROVENANCE_PROFILE = "https://pta.kanta.fi/fhir/StructureDefinition/AppointmentProvenance"
VISIBLE_TO_GUARDIAN = "visible-to-guardian"
LABEL_SYSTEM = "https://pta.kanta.fi/fhir/CodeSystem/security-label"
ROLE_SYSTEM = "https://pta.kanta.fi/fhir/CodeSystem/agent-role"
ORGANISER, BOOKER = "10", "12"

# Finnish base profiles 2.0.0-rc2 and the national code server
SERVICE_TYPE_SYSTEM = "urn:oid:1.2.246.537.6.49"  # health care; social welfare: urn:oid:1.2.246.537.6.1222
ORGANISATION_SYSTEM = "urn:oid:1.2.246.537.6.202.2008"  # the national register of organisations
PROFESSIONAL_SYSTEM = "urn:oid:1.2.246.537.26"  # Terhikki
URI_SYSTEM = "urn:ietf:rfc:3986"  # FHIR R4, identifier registry: the value is a URI
FHIR_JSON = "application/fhir+json"
