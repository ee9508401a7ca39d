"""Appointments that stand at the start: of everybody alive who has given a mandate, one to come and one that is
over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

from app.content import load
from app.domain.clock import local_instant
from app.domain.finnish_scheduling import (
    APPOINTMENT_TYPE_SYSTEM,
    IDENTITY_CODE,
    SINGLE_VISIT,
    AppointmentStatus,
    status_elements,
)
from app.domain.text import Text
from app.simulators.fhir_server import Resource
from app.simulators.fhir_server.records import Records
from app.simulators.kanta_appointments.description import PROFILE, PROVENANCE_PROFILE
from app.simulators.world import Resident, World

_NAMESPACE = UUID("0d0c4f0e-6f4b-4a53-9c8d-7d1f3f0a1c22")
_ROLES = "https://pta.kanta.fi/fhir/CodeSystem/agent-role"
_ORGANISATIONS = "urn:oid:1.2.246.537.6.202.2008"
_SERVICE_TYPES = "urn:oid:1.2.246.537.6.49"
_ORGANISER = "1.2.246.10.99999992.10.0"  # of an invented business id
_UNIT, _UNIT_CODE = "1.2.246.10.99999992.10.2", "savonlinna"
_MINUTES = 30


def seed(records: Records, world: World) -> None:
    """Put them into the records, with days counted from today."""
    today = datetime.now(UTC).date()
    principals = {mandate.principal for mandate in world.mandates}
    with records.unit() as unit:
        for person in world.residents:
            if person.key in principals and person.alive(today):
                for resource in _appointments(person, today):
                    unit.put(resource, method="POST")


def _appointments(person: Resident, today: date) -> Iterator[Resource]:
    yield _appointment(person, today + timedelta(days=14), "booked")
    yield _appointment(person, today - timedelta(days=60), "fulfilled")


def _appointment(person: Resident, day: date, status: AppointmentStatus) -> Resource:
    start = local_instant(day, time(9, 15))
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [PROFILE]},
        "language": person.language,
        "contained": [_provenance(person, start - timedelta(days=7))],
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": uuid5(_NAMESPACE, f"{person.key}/{status}").urn}],
        **status_elements(status),
        "serviceType": [{"coding": [{"system": _SERVICE_TYPES, "code": "1"}], "text": _service(person)}],
        "appointmentType": {"coding": [{"system": APPOINTMENT_TYPE_SYSTEM, "code": SINGLE_VISIT}]},
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=_MINUTES)).isoformat(),
        "participant": [
            {"actor": {"type": "Patient", **_actor(IDENTITY_CODE, person.identity_code)}, "status": "accepted"},
            {
                "actor": {"type": "Location", **_actor(_ORGANISATIONS, _UNIT), "display": _unit(person)},
                "status": "accepted",
            },
        ],
    }


def _provenance(person: Resident, recorded: datetime) -> Resource:
    agents = (("10", _actor(_ORGANISATIONS, _ORGANISER)), ("12", _actor(IDENTITY_CODE, person.identity_code)))
    return {
        "resourceType": "Provenance",
        "id": "provenance",
        "meta": {"profile": [PROVENANCE_PROFILE]},
        "target": [{"reference": "#"}],
        "recorded": recorded.isoformat(),
        "agent": [{"type": {"coding": [{"system": _ROLES, "code": role}]}, "who": who} for role, who in agents],
    }


def _actor(system: str, value: str) -> Resource:
    return {"identifier": {"system": system, "value": value}}


def _service(person: Resident) -> str:
    return Text(load("bookable_services.json")[0]["names"]).to(person.language)


def _unit(person: Resident) -> str:
    names = {unit["code"]: unit["names"] for unit in load("units.json")}
    return Text(names[_UNIT_CODE]).to(person.language)
