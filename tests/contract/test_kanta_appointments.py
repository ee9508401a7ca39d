"""Kanta's appointments: our client against the simulator, and the simulator against a foreign client's requests."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import HELSINKI
from app.domain.finnish_scheduling import CANCELLATION_SYSTEM, STATUS_SYSTEM, finnish_state
from app.integrations.http import Rejected, Unavailable
from app.integrations.kanta.appointments.client import KantaAppointmentsClient
from app.integrations.kanta.appointments.config import AppointmentsConfig
from app.integrations.kanta.appointments.port import (
    AlreadyChanged,
    AppointmentUnknown,
    Registered,
    RegisteredAppointment,
)
from app.integrations.kanta.appointments.wire import appointment_resource
from tests.contract.simulator_server import SimulatorServer

Json = dict[str, Any]
AILI, MARJA, EEMELI, VAINO = "080345-906D", "221070-938K", "050318A917V", "110239-967Y"
START = datetime(2026, 9, 1, 9, 0, tzinfo=HELSINKI)


def visit(identity_code: str = MARJA, **more: Any) -> RegisteredAppointment:
    given: dict[str, Any] = {
        "identity_code": identity_code,
        "starts_at": START,
        "ends_at": START + timedelta(minutes=30),
        "service_type": "1",
        "service_name": "Hoitajan vastaanotto",
        "organiser": "1.2.246.10.99999992.10.0",
        "unit": "1.2.246.10.99999992.10.1",
        "unit_name": "Mikkelin vastaanotto",
        "language": "fi",
        "appointment_type": "10",
        "booker_identity_code": identity_code,
    }
    return RegisteredAppointment(**{**given, **more})


@pytest.fixture
async def kanta(simulators: SimulatorServer) -> AsyncIterator[KantaAppointmentsClient]:
    client = KantaAppointmentsClient(simulators.appointments_config())
    yield client
    await client.close()


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Another provider's client."""
    config = simulators.appointments_config()
    headers = {"Authorization": f"Bearer {config.token}", "Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(base_url=config.base_url, headers=headers) as client:
        yield client


async def stored(foreign: httpx.AsyncClient, identifier: UUID) -> Json:
    """The appointment as it stands in Kanta."""
    found = await foreign.get("/Appointment", params={"identifier": f"urn:ietf:rfc:3986|{identifier.urn}"})
    (entry,) = found.json()["entry"]
    resource: Json = entry["resource"]
    return resource


async def changed_by_another(foreign: httpx.AsyncClient, identifier: UUID, **more: Any) -> None:
    resource = {**await stored(foreign, identifier), **more}
    guard = {"If-Match": f'W/"{resource["meta"]["versionId"]}"'}
    answer = await foreign.put(f"/Appointment/{resource['id']}", json=resource, headers=guard)
    assert answer.status_code == 200, answer.text


async def test_an_appointment_is_registered_once(kanta: KantaAppointmentsClient) -> None:
    """A repeated registration, later or at the same time, is the same appointment."""
    identifier = uuid4()
    first = await kanta.register(visit(), identifier)
    again = await asyncio.gather(*(kanta.register(visit(), identifier) for _ in range(5)))
    assert set(again) == {first} == {await kanta.find(identifier)}
    assert (first.status, first.version) == ("booked", "1")
    assert await kanta.find(uuid4()) is None


async def test_what_kanta_gets(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """Finnish codes, the roles of organiser and booker, and the label for guardians stand where they belong."""
    identifier = uuid4()
    child = visit(EEMELI, booker_identity_code="120488-902S", visible_to_guardian=True, practitioner="90000000001")
    await kanta.register(replace(child, instructions="Tule ajoissa."), identifier)
    resource = await stored(foreign, identifier)
    assert finnish_state(resource) == "3"
    assert [label["code"] for label in resource["meta"]["security"]] == ["visible-to-guardian"]
    agents = {a["type"]["coding"][0]["code"]: a["who"]["identifier"] for a in resource["contained"][0]["agent"]}
    assert agents["10"]["value"] == child.organiser
    assert agents["12"] == {"system": "urn:oid:1.2.246.21", "value": "120488-902S"}
    systems = {part["actor"]["type"]: part["actor"]["identifier"]["system"] for part in resource["participant"]}
    assert systems == {
        "Patient": "urn:oid:1.2.246.21",
        "Location": "urn:oid:1.2.246.537.6.202.2008",
        "Practitioner": "urn:oid:1.2.246.537.26",
    }


async def test_cancelling(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """A cancellation carries its reason and the Finnish state, keeps the rest, and may be repeated."""
    identifier = uuid4()
    first = await kanta.register(visit(), identifier)
    before = await stored(foreign, identifier)
    cancelled = await kanta.cancel(first, "provider")
    assert (cancelled.id, cancelled.version, cancelled.status) == (first.id, "2", "cancelled")
    assert await kanta.cancel(first, "provider") == cancelled
    after = await stored(foreign, identifier)
    assert finnish_state(after) == "4"
    assert {"system": CANCELLATION_SYSTEM, "code": "prov"} in after["cancelationReason"]["coding"]
    untouched = set(before) - {"meta", "status", "_status"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    assert after["meta"]["profile"] == before["meta"]["profile"]


async def test_moving_is_cancelling_and_registering(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """The old appointment is cancelled as moved, the new one booked, and a repetition changes nothing."""
    old, new = uuid4(), uuid4()
    first = await kanta.register(visit(), old)
    later = visit(starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=1, minutes=30))
    moved = await kanta.move(first, later, new)
    assert await kanta.move(first, later, new) == moved
    assert (moved.identifier, moved.status) == (new, "booked")
    gone = await stored(foreign, old)
    assert (gone["status"], gone["cancelationReason"]["coding"][0]["code"]) == ("cancelled", "pat-cpp")


async def test_somebody_else_was_first(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """A stale version is told with the current one; a move then registers nothing."""
    old, new = uuid4(), uuid4()
    first = await kanta.register(visit(), old)
    await changed_by_another(foreign, old, comment="Huone 4")
    with pytest.raises(AlreadyChanged) as cancelling:
        await kanta.cancel(first, "patient")
    with pytest.raises(AlreadyChanged):
        await kanta.move(first, visit(), new)
    assert await kanta.find(new) is None
    current = cancelling.value.current
    assert current == Registered(first.id, "2", old, "booked")
    assert (await kanta.cancel(current, "patient")).status == "cancelled"


async def test_changes_between_looking_and_writing(kanta: KantaAppointmentsClient) -> None:
    """Cancelling at the same time from several places ends well for all: the appointment is cancelled once."""
    first = await kanta.register(visit(), uuid4())
    ended = await asyncio.gather(*(kanta.cancel(first, "patient") for _ in range(5)))
    assert {(one.status, one.version) for one in ended} == {("cancelled", "2")}


async def test_an_unknown_appointment(kanta: KantaAppointmentsClient) -> None:
    """What Kanta never had, or has no longer, can't be cancelled."""
    with pytest.raises(AppointmentUnknown):
        await kanta.cancel(Registered("x", "1", uuid4(), "booked"), "patient")


async def test_the_mother_of_the_mandate_has_appointments(kanta: KantaAppointmentsClient) -> None:
    """The shared world: who has given a mandate has something for the daughter to see."""
    found = [known for known in await kanta.list_for(AILI) if known.unit_name.startswith("Savonlinnan")]
    assert [known.status for known in found] == ["fulfilled", "booked"]
    assert found[1].starts_at > datetime.now(UTC)
    assert found[1].service_name == "Hoitajan vastaanotto"


async def test_a_list_of_many_pages(kanta: KantaAppointmentsClient) -> None:
    """All appointments of a person come, in the order of their time, each once, and nobody else's."""
    for start in range(0, 120, 20):
        shifts = (timedelta(hours=-start - n) for n in range(20))
        visits = (visit(VAINO, starts_at=START + s, ends_at=START + s + timedelta(minutes=20)) for s in shifts)
        await asyncio.gather(*(kanta.register(one, uuid4()) for one in visits))
    found = await kanta.list_for(VAINO)
    assert len({known.id for known in found}) == len(found) == 120
    assert list(found) == sorted(found, key=lambda known: known.starts_at)
    assert {known.id for known in found}.isdisjoint(known.id for known in await kanta.list_for(AILI))


async def test_nothing_makes_sense_when_the_answer_is_broken(
    kanta: KantaAppointmentsClient, simulators: SimulatorServer
) -> None:
    """Neither half a list nor another shape is taken for appointments."""
    for mode in ("malformed", "truncated"):
        async with httpx.AsyncClient() as operator:
            await operator.put(f"{simulators.url}/_faults/kanta-appointments", json={"mode": mode})
        with pytest.raises(Unavailable):
            await kanta.list_for(AILI)


@pytest.mark.parametrize(("token", "status"), [("", 401), ("wrong", 403)])
async def test_a_stranger_is_rejected(simulators: SimulatorServer, token: str, status: int) -> None:
    """Without a provider's credentials nothing is told, and the refusal carries nobody's data."""
    client = KantaAppointmentsClient(replace(simulators.appointments_config(), token=token))
    with pytest.raises(Rejected) as rejected:
        await client.list_for(AILI)
    await client.close()
    assert rejected.value.status == status
    assert AILI not in f"{rejected.value} {rejected.value.body}"


async def test_our_own_mistake_is_found_before_sending(kanta: KantaAppointmentsClient) -> None:
    """What is no valid FHIR is rejected here, naming places and no values."""
    with pytest.raises(Rejected) as rejected:
        await kanta.register(visit(service_type=""), uuid4())
    assert rejected.value.body == {"places": ["serviceType.0.coding.0.code"]}


async def test_if_match_is_mandatory(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """An update without a version, or with an old one, is refused with an OperationOutcome."""
    identifier = uuid4()
    await kanta.register(visit(), identifier)
    resource = await stored(foreign, identifier)
    path = f"/Appointment/{resource['id']}"
    missing = await foreign.put(path, json=resource)
    stale = await foreign.put(path, json=resource, headers={"If-Match": 'W/"9"'})
    odd = await foreign.put(path, json=resource, headers={"If-Match": "nine"})
    assert [missing.status_code, stale.status_code, odd.status_code] == [412, 412, 400]
    for answer in (missing, stale, odd):
        get_fhir_model_class("OperationOutcome").model_validate(answer.json())
    assert (await foreign.get(path)).status_code == 405  # there is no read, only search
    history = (await foreign.get(f"{path}/_history")).json()
    assert history["total"] == 1


async def test_what_an_appointment_must_have(
    kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient, simulators: SimulatorServer
) -> None:
    """Each missing or contradicting part is 422 with a reason; a used identifier is 409."""
    good = appointment_resource(visit(), uuid4(), simulators.appointments_config())
    state = {"url": good["_status"]["extension"][0]["url"], "valueCoding": {"system": STATUS_SYSTEM, "code": "4"}}
    nobody = {"actor": {"identifier": {"system": "urn:oid:1.2.246.21", "value": "010190-999X"}}, "status": "accepted"}
    bad: list[Json] = [
        {**good, "meta": {"profile": ["https://hl7.fi/other"]}},
        {**good, "_status": {"extension": [state]}},
        {name: value for name, value in good.items() if name != "identifier"},
        {name: value for name, value in good.items() if name != "contained"},
        {name: value for name, value in good.items() if name != "appointmentType"},
        {name: value for name, value in good.items() if name != "serviceType"},
        {name: value for name, value in good.items() if name != "end"},
        {**good, "end": good["start"]},
        {**good, "participant": [nobody]},
        {**good, "status": "cancelled", "_status": {"extension": [state]}},
        {**good, "contained": [{**good["contained"][0], "agent": good["contained"][0]["agent"][:1]}]},
        {name: value for name, value in good.items() if name != "participant"},
    ]
    for resource in bad:
        refused = await foreign.post("/Appointment", json=resource)
        assert refused.status_code == 422, resource
    assert (await foreign.post("/Appointment", json=good)).status_code == 201
    assert (await foreign.post("/Appointment", json=good)).status_code == 409
    assert (await foreign.post("/", json={"resourceType": "Bundle", "type": "batch"})).status_code == 405


async def test_a_cancelled_appointment_stays_cancelled(
    kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient
) -> None:
    """Nobody can bring a cancelled appointment back."""
    identifier = uuid4()
    await kanta.cancel(await kanta.register(visit(), identifier), "patient")
    resource = await stored(foreign, identifier)
    answer = await foreign.put(f"/Appointment/{resource['id']}", json=resource, headers={"If-Match": 'W/"2"'})
    assert answer.status_code == 422


async def test_search_by_organiser_unit_and_date(kanta: KantaAppointmentsClient, foreign: httpx.AsyncClient) -> None:
    """A provider finds its own appointments by the documented parameters."""
    identifier = uuid4()
    unit = "1.2.246.10.99999992.10.77"
    await kanta.register(visit(unit=unit), identifier)
    system = "urn:oid:1.2.246.537.6.202.2008"
    for name, value in (
        ("appointment-service-provider-unit", f"{system}|{unit}"),
        ("service-organiser", f"{system}|1.2.246.10.99999992.10.0"),
        ("patient:identifier", f"urn:oid:1.2.246.21|{MARJA}"),
        ("date", "2026-09-01"),
    ):
        query = {name: value, "_count": "500"}
        found = (await foreign.get("/Appointment", params=query)).json()
        urns = [one["resource"]["identifier"][0]["value"] for one in found["entry"]]
        assert identifier.urn in urns, name
    assert (await foreign.get("/Appointment", params={"date": "ge2999-01-01"})).json()["total"] == 0


@given(
    minutes=st.integers(1, 600),
    instructions=st.text(max_size=50),
    service=st.text(max_size=50),
    guardian=st.booleans(),
    booker=st.none() | st.just(MARJA),
)
def test_every_appointment_is_valid_fhir(
    minutes: int, instructions: str, service: str, guardian: bool, booker: str | None
) -> None:
    """Whatever is booked, the resource validates as R4, what it contains included."""
    appointment = visit(
        ends_at=START + timedelta(minutes=minutes),
        instructions=instructions,
        service_name=service,
        visible_to_guardian=guardian,
        booker_identity_code=booker,
    )
    resource = appointment_resource(appointment, uuid4(), AppointmentsConfig("https://kanta.example"))
    get_fhir_model_class("Appointment").model_validate(resource)
    get_fhir_model_class("Provenance").model_validate(resource["contained"][0])


def test_a_time_that_cannot_be_is_refused_at_once() -> None:
    """No zone, or an end that is not after the start, never becomes an appointment; no repr shows whose it is."""
    with pytest.raises(ValueError, match="zone"):
        visit(starts_at=START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="after"):
        visit(ends_at=START)
    assert MARJA not in repr(visit())
