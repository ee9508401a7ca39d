"""What a form's expressions may know of the person whose matter it is."""

from typing import Any

from app.domain.clock import Clock
from app.domain.forms.state import Known
from app.models import Person


def known_of(subject: Person | None, clock: Clock) -> Known:
    """The moment, and the subject as a FHIR Patient: name and date of birth. Under non-disclosure nothing else is
    known here either; an identity code never is."""
    return Known(clock.now, {"patient": patient_of(subject)} if subject else {})


def patient_of(person: Person) -> dict[str, Any]:
    """A minimal FHIR Patient."""
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": person.family_name, "given": person.given_name.split()}],
    }
    if person.birth_date:
        patient["birthDate"] = person.birth_date.isoformat()
    return patient
