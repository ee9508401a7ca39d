"""Both Kanta stand-ins, used by clients that we did not write: fhirpy (asynchronous) and fhirclient (in a thread)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.appointment import Appointment
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRServer, FHIRUnauthorizedException
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, ForbiddenError, MultipleResourcesFound, OperationOutcome
from requests import HTTPError

from app.domain.clock import HELSINKI
from app.domain.finnish_scheduling import status_elements
from app.integrations.kanta.appointments.wire import appointment_resource
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.port import Access
from app.integrations.kanta.phr.wire import resource_of
from app.simulators.settings import KantaAppointmentsAccess
from tests.contract.kanta_consent import answered
from tests.contract.kanta_tools import weight
from tests.contract.simulator_server import REDIRECT_URI, SimulatorServer
from tests.contract.test_kanta_appointments import visit

PROVIDER = f"Bearer {KantaAppointmentsAccess().token}"
REASON = {"coding": [{"system": "urn:oid:1.2.246.537.6.126", "code": "pat-cpp"}]}
SCOPE = "patient/Patient.read patient/Observation.read patient/Observation.write offline_access"


@pytest.fixture
async def access(simulators: SimulatorServer) -> AsyncIterator[Access]:
    own = KantaPhr(simulators.phr_config())
    asked = await own.begin_consent(REDIRECT_URI, "fi")
    yield (await own.finish_consent(asked.pending, await answered(asked.url, person="katri"))).access
    await own.close()


def observation(simulators: SimulatorServer, patient: str, kilograms: str) -> dict[str, Any]:
    return resource_of(weight(kilograms), patient, simulators.phr_config().profile_of)


def booked(simulators: SimulatorServer) -> dict[str, Any]:
    return appointment_resource(visit(), uuid4(), simulators.appointments_config())


async def test_fhirpy_keeps_a_record(simulators: SimulatorServer, access: Access) -> None:
    """Create, read, update, history of versions, search and conditional refusals as fhirpy speaks them."""
    base = f"{simulators.url}/kanta/phr"
    client = AsyncFHIRClient(base, authorization=f"Bearer {access.access_token}")
    body = observation(simulators, access.patient_id, "70.1")
    kept = await client.resource("Observation", **body).create()
    kept["valueQuantity"]["value"] = 70.2
    await kept.update()
    assert kept["meta"]["versionId"] == "2"
    again = await client.reference("Observation", kept.id).to_resource()
    assert again["valueQuantity"]["value"] == 70.2
    search = client.resources("Observation").search(patient=access.patient_id, code="http://loinc.org|29463-7")
    assert kept.id in {found.id for found in await search.fetch_all()}
    with pytest.raises(OperationOutcome) as refused:
        await client.resource("Observation", **{**body, "language": None}).create()
    assert refused.value.resource["issue"][0]["code"] == "required"
    with pytest.raises(ForbiddenError):
        await client.resource("Observation", **{**body, "subject": {"reference": "Patient/other"}}).create()
    with pytest.raises(AuthorizationError):
        await AsyncFHIRClient(base, authorization="Bearer none").resources("Observation").fetch()


async def test_fhirpy_registers_appointments(simulators: SimulatorServer) -> None:
    """Create and search work; an update needs the version that the client read."""
    base = f"{simulators.url}/kanta/appointments"
    client = AsyncFHIRClient(base, authorization=PROVIDER)
    kept = await client.resource("Appointment", **booked(simulators)).create()
    name = kept["identifier"][0]
    found = await client.resources("Appointment").search(identifier=f"{name['system']}|{name['value']}").get()
    assert (found.id, found["_status"]["extension"][0]["valueCoding"]["code"]) == (kept.id, "3")
    gone = {**dict(kept), **status_elements("cancelled"), "cancelationReason": REASON}
    with pytest.raises(MultipleResourcesFound):  # its name for 412: If-Match is missing
        await client.resource("Appointment", **gone).update()
    guarded = AsyncFHIRClient(base, authorization=PROVIDER, extra_headers={"If-Match": 'W/"1"'})
    assert (await guarded.resource("Appointment", **gone).update())["status"] == "cancelled"
    with pytest.raises(OperationOutcome) as taken:
        await client.resource("Appointment", **{**booked(simulators), "identifier": [dict(name)]}).create()
    assert taken.value.resource["issue"][0]["code"] == "duplicate"


async def test_fhirclient_launches_and_keeps_a_record(simulators: SimulatorServer) -> None:
    """A SMART client finds the addresses in the capability statement, gets a consent, reads, writes and renews."""
    settings = {
        "app_id": simulators.phr.client_id,
        "app_secret": simulators.phr.client_secret,
        "api_base": f"{simulators.url}/kanta/phr",
        "redirect_uri": REDIRECT_URI,
        "scope": SCOPE,
    }
    client = await asyncio.to_thread(FHIRClient, settings=settings)
    await asyncio.to_thread(client.prepare)
    back = await answered(client.authorize_url, person="pekka")
    query = "&".join(f"{name}={value}" for name, value in back.items())
    await asyncio.to_thread(client.handle_callback, f"{REDIRECT_URI}?{query}")
    assert client.ready
    patient = await asyncio.to_thread(Patient.read, client.patient_id, client.server)
    assert patient.identifier[0].value == "240179U9710"
    body = observation(simulators, client.patient_id, "80.5")
    created = await asyncio.to_thread(Observation(body).create, client.server)
    assert created["resourceType"] == "Observation"
    first = client.server.auth.refresh_token
    assert await asyncio.to_thread(client.reauthorize)
    assert client.server.auth.refresh_token != first
    search = Observation.where({"patient": client.patient_id})
    found = await asyncio.to_thread(lambda: list(search.perform_resources_iter(client.server)))
    assert [one.valueQuantity.value for one in found] == [80.5]
    client.server.auth.access_token = "no longer"
    client.server.auth.refresh_token = None
    with pytest.raises(FHIRUnauthorizedException):
        await asyncio.to_thread(Observation.read, created["id"], client.server)


async def test_fhirclient_registers_appointments(simulators: SimulatorServer) -> None:
    """Its strict models read what we keep; it updates with the version in a header, and is refused without."""
    server = FHIRServer(None, f"{simulators.url}/kanta/appointments")
    server.session.headers["Authorization"] = PROVIDER
    body = booked(simulators)
    created = await asyncio.to_thread(Appointment(body).create, server)
    search = Appointment.where({"identifier": body["identifier"][0]["value"]})
    (found,) = await asyncio.to_thread(lambda: list(search.perform_resources_iter(server)))
    assert found.start.date - datetime(2026, 9, 1, 9, tzinfo=HELSINKI) == timedelta(0)
    gone = {**created, **status_elements("cancelled"), "cancelationReason": REASON}
    with pytest.raises(HTTPError) as missing:
        await asyncio.to_thread(server.put_json, f"Appointment/{created['id']}", gone)
    assert "412" in str(missing.value)
    server.session.headers["If-Match"] = 'W/"1"'
    answer = await asyncio.to_thread(server.put_json, f"Appointment/{created['id']}", gone)
    assert answer.json()["status"] == "cancelled"
