"""Which tables hold personal data, and why the others need no row-level policy. A test holds the database to this."""

from collections.abc import Mapping

# Rows of a resident, or rows that lead to one: row-level security is on and forced, with a policy for the web's role.
PERSONAL = frozenset(
    {
        "application",
        "appointment",
        "appointment_event",
        "assessment_run",
        "attachment",
        "attachment_chunk",
        "audit_event",
        "browser_session",
        "capacity_verdict",
        "care_role",
        "case",
        "case_event",
        "consent_attempt",
        "contact_point",
        "contact_request",
        "correction_request",
        "decision",
        "external_booking",
        "form_response",
        "form_task",
        "former_identity",
        "found_person",
        "health_record_consent",
        "information_request",
        "local_mandate",
        "need_assessment",
        "notice",
        "notification_choice",
        "permit",
        "person",
        "person_merge",
        "person_needs",
        "representation",
        "representation_attempt",
        "set_aside",
        "special_access",
        "time_limit",
        "video_room",
    }
)

CONTENT = "published by the county"
TIMES = "times of professionals; a taken one names no person"
OPERATION = "how the window and the outside systems work; ids at most"

# Every other table with the reason why it is open to the web's role.
OPEN: Mapping[str, str] = {
    "allocation": TIMES,
    "assessment": CONTENT,
    "audit_seal": "hashes over the audit trail; the web has no grant on it",
    "audit_sealed": "hashes over the audit trail; the web has no grant on it",
    "audit_unsealed": "ids of the audit trail; the web has no grant on it",
    "availability": TIMES,
    "bookable_service": CONTENT,
    "catalogue_sync": OPERATION,
    "delivery": OPERATION,
    "outside_fault": OPERATION,
    "outside_system": OPERATION,
    "professional": CONTENT,
    "questionnaire": CONTENT,
    "questionnaire_event": "who published which form, as they are shown to content owners",
    "rate_limit": "keyed hashes of who asked, and how often",
    "resource": TIMES,
    "service": CONTENT,
    "service_location": CONTENT,
    "sign_in_attempt": "no person yet: secrets of one sign-in, for one use",
    "staff_member": "names and roles of staff, shown to staff and in the log data of residents",
    "submission": "a form's random token and the page that followed",
    "sync_point": OPERATION,
    "unit": CONTENT,
    "used_logout_token": "names of tokens that were acted on",
}
