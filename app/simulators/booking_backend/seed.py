"""What the back-end begins with: one unit's professionals, services, times of the coming weeks, and patients."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from app.content import load
from app.domain.clock import HELSINKI, is_public_holiday
from app.domain.finnish_scheduling import APPOINTMENT_TYPE_SYSTEM, IDENTITY_CODE, SINGLE_VISIT
from app.simulators.fhir_server import Resource
from app.simulators.world import World

LOCATION = "ESH-L-01"
SERVICES = ("nurse-visit", "doctor-visit", "lab-visit")
SERVICE_SYSTEM = "https://asiointi-ikkuna.example/fhir/CodeSystem/bookable-service"
WEEKS = 4
NO_CONSENT = "010190-999W"  # a patient of nobody's world, who has forbidden booking for her over a network
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def actors(world: World) -> Iterator[Resource]:
    """The unit, its professionals with their schedules, its services, and everybody who may be a patient."""
    yield {"resourceType": "Location", "id": LOCATION, "name": _location_name(), "status": "active"}
    for code, service in _services().items():
        told = {"name": service["names"]["fi"], "type": [_service_type(code)]}
        yield {"resourceType": "HealthcareService", "id": code, "active": True, **told}
    for professional in professionals():
        yield _practitioner(professional)
        yield _schedule(professional)
    for person in world.residents:
        yield _patient(person.key, person.identity_code, person.first_names, person.family_name)
    yield _patient("no-consent", NO_CONSENT, "Kielto", "Testinen", active=False)


def slots(first: date, last: date) -> Iterator[Resource]:
    """All slots from `first` to `last`, both included; public holidays are off."""
    minutes = {code: timedelta(minutes=service["minutes"]) for code, service in _services().items()}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if is_public_holiday(day):
            continue
        for professional in professionals():
            for hours in professional["week"]:
                if hours["weekday"] == _WEEKDAYS[day.weekday()]:
                    yield from _stretch(professional, day, hours, minutes[_service_of(professional)])


def professionals() -> list[dict[str, Any]]:
    """Who works at the unit for one of the services."""
    everybody = load("professionals.json")
    return [one for one in everybody if one["location"] == LOCATION and _service_of(one) in SERVICES]


def _stretch(professional: dict[str, Any], day: date, hours: dict[str, str], length: timedelta) -> Iterator[Resource]:
    begins = datetime.combine(day, time.fromisoformat(hours["from"]), HELSINKI)
    closes = datetime.combine(day, time.fromisoformat(hours["to"]), HELSINKI)
    while begins + length <= closes:
        yield {
            "resourceType": "Slot",
            "id": f"{professional['sourceId']}.{begins:%Y%m%d.%H%M}",
            "serviceType": [_service_type(_service_of(professional))],
            "appointmentType": {"coding": [{"system": APPOINTMENT_TYPE_SYSTEM, "code": SINGLE_VISIT}]},
            "schedule": {"reference": f"Schedule/{professional['sourceId']}"},
            "status": "free",
            "start": begins.isoformat(),
            "end": (begins + length).isoformat(),
        }
        begins += length


def _practitioner(professional: dict[str, Any]) -> Resource:
    given, _, family = professional["name"].partition(" ")
    name = {"given": [given], "family": family, "text": professional["name"]}
    return {"resourceType": "Practitioner", "id": professional["sourceId"], "active": True, "name": [name]}


def _schedule(professional: dict[str, Any]) -> Resource:
    service = _service_of(professional)
    references = (f"Practitioner/{professional['sourceId']}", f"Location/{LOCATION}", f"HealthcareService/{service}")
    return {
        "resourceType": "Schedule",
        "id": professional["sourceId"],
        "active": True,
        "serviceType": [_service_type(service)],
        "actor": [{"reference": reference} for reference in references],
    }


def _patient(key: str, identity_code: str, given: str, family: str, *, active: bool = True) -> Resource:
    official = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NNFIN"}]}
    identifier = {"use": "official", "type": official, "system": IDENTITY_CODE, "value": identity_code}
    name = {"use": "official", "family": family, "given": given.split()}
    return {"resourceType": "Patient", "id": key, "active": active, "identifier": [identifier], "name": [name]}


def _service_of(professional: dict[str, Any]) -> str:
    return str(professional["services"][0])


def _services() -> dict[str, dict[str, Any]]:
    return {service["code"]: service for service in load("bookable_services.json") if service["code"] in SERVICES}


def _service_type(code: str) -> dict[str, Any]:
    return {"coding": [{"system": SERVICE_SYSTEM, "code": code}]}


def _location_name() -> str:
    found = next(one for one in load("catalogue/locations.json")["itemList"] if one["sourceId"] == LOCATION)
    return next(str(one["value"]) for one in found["serviceChannelNames"] if one["language"] == "fi")
