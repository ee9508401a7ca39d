"""What a form's expressions may know of the person whose matter it is: a FHIR Patient by the name `%patient`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.domain.fhir import OWN
from app.domain.forms.computing.plan import plan_of
from app.domain.forms.model import Form
from app.domain.forms.state import Known
from app.domain.text import Language, as_language
from app.models import FormResponse, Person
from app.services.own_data.needs import Needs, can_remember, language_name, needs_of, remembered_needs
from app.services.reaching.contact_points import own_contact_points
from app.services.viewer import Viewer

INTERPRETER_REQUIRED = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
ACCESSIBILITY = OWN + "accessibility"
LANGUAGES = "urn:ietf:bcp:47"


async def known_for(
    session: AsyncSession, viewer: Viewer, response: FormResponse, form: Form, clock: Clock, *, begins: bool = False
) -> Known:
    """The moment, and the subject as far as the viewer may see them; nothing of them where the form does not ask.

    Whoever acts for another knows no more than the name and the date of birth, unless they may read; contact data are
    each person's own. `begins`: it is about to be shown, so that reading what the other person needs leaves a row.
    """
    if response.subject_id is None or not asks_of_person(form):
        return Known(clock.now)
    person = await session.get_one(Person, response.subject_id)
    needs = Needs()
    if can_remember(viewer):
        needs = await (remembered_needs(session, viewer) if begins else needs_of(session, person.id))
    patient = patient_of(
        person,
        needs if can_remember(viewer) else None,
        await _ways(session, viewer, person),
        as_language(response.language),
    )
    return Known(clock.now, {"patient": patient})


def asks_of_person(form: Form) -> bool:
    """Whether an expression of the form speaks of `%patient`."""
    return any("patient" in task.reading.names for task in plan_of(form).tasks.values())


async def _ways(session: AsyncSession, viewer: Viewer, person: Person) -> Mapping[str, str]:
    """Phone and e-mail by kind, where the person has proved them to be theirs. Under non-disclosure they are typed."""
    if viewer.acting is not None or viewer.person_id != person.id or person.non_disclosure:
        return {}
    points = await own_contact_points(session, viewer)
    return {kind: point.value for kind, point in points.items() if point.verified_at is not None}


def patient_of(
    person: Person, needs: Needs | None = None, ways: Mapping[str, str] | None = None, language: Language = "fi"
) -> dict[str, Any]:
    """A small FHIR Patient, with words in `language`: name and date of birth; `needs` (None: the viewer may not see
    them) as languages and extensions, `ways` to reach them as telecom. An identity code or address is never in it."""
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": person.family_name, "given": person.given_name.split()}],
    }
    if person.birth_date:
        patient["birthDate"] = person.birth_date.isoformat()
    if ways:
        patient["telecom"] = [{"system": kind, "value": value} for kind, value in sorted(ways.items())]
    return patient if needs is None else patient | _spoken(person, needs, language) | _extensions(needs)


def _spoken(person: Person, needs: Needs, language: Language) -> dict[str, Any]:
    """The language of the window, and that of the interpreter, who speaks the one that the person prefers."""
    own = {"language": {"coding": [{"system": LANGUAGES, "code": person.language}]}, "preferred": not needs.interpreter}
    if not needs.interpreter:
        return {"communication": [own]}
    words = language_name(needs.interpreter, language)
    coding = {"coding": [{"system": LANGUAGES, "code": needs.interpreter}]} if words != needs.interpreter else {}
    return {"communication": [own, {"language": {**coding, "text": words}, "preferred": True}]}


def _extensions(needs: Needs) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    if needs.interpreter:
        found.append({"url": INTERPRETER_REQUIRED, "valueBoolean": True})
    if needs.accessibility:
        found.append({"url": ACCESSIBILITY, "valueString": needs.accessibility})
    return {"extension": found} if found else {}
