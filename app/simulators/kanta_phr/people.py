"""The residents as the record knows them: each has a Patient with an id that says nothing."""

from uuid import UUID, uuid5

from app.simulators.fhir_server.description import Resource
from app.simulators.world import Resident, World

_PATIENTS = UUID("5a0f9a43-5d0b-4a43-8b0b-6a5a3f0b7f11")
PATIENT_PROFILE = "http://phr.kanta.fi/StructureDefinition/fiphr-patient-r4"


class People:
    """Residents by key and by their Patient's id."""

    def __init__(self, world: World) -> None:
        self._by_id = {patient_id(person.key): person for person in world.residents}

    @property
    def everybody(self) -> tuple[Resident, ...]:
        return tuple(self._by_id.values())

    def by_patient(self, found: str) -> Resident | None:
        return self._by_id.get(found)

    def by_key(self, key: str) -> Resident | None:
        return self._by_id.get(patient_id(key))


def patient_id(key: str) -> str:
    """The same id in every run, so that what is kept elsewhere stays right after a reset."""
    return str(uuid5(_PATIENTS, key))


def patient_of(person: Resident) -> Resource:
    """The person's own Patient resource."""
    name = {"family": person.family_name, "given": person.first_names.split()}
    return {
        "resourceType": "Patient",
        "id": patient_id(person.key),
        "meta": {"profile": [PATIENT_PROFILE]},
        "language": person.language,
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{person.name}</div>'},
        "identifier": [{"system": "urn:oid:1.2.246.21", "value": person.identity_code}],
        "name": [name],
        "birthDate": person.born.isoformat(),
    }
