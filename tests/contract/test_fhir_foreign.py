"""The FHIR stand-ins, used by clients that we did not write: fhirpy (asynchronous) and fhirclient (in a thread)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fhirclient.models.appointment import Appointment
from fhirclient.models.bundle import Bundle
from fhirclient.models.slot import Slot
from fhirclient.server import FHIRServer
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound
from requests import HTTPError

from app.integrations.booking.client import BookingBackend
from app.integrations.booking.port import FreeSlot
from app.simulators.settings import BookingAccess
from tests.contract.booking_tools import IDENTIFIERS, appointment, free_slots
from tests.contract.simulator_server import SimulatorServer

BEARER = f"Bearer {BookingAccess().token}"
REASON = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "code": "pat"}]
}


@pytest.fixture
async def slots(simulators: SimulatorServer) -> AsyncIterator[tuple[FreeSlot, ...]]:
    """Times that are free at the booking back-end."""
    own = BookingBackend(simulators.booking_config())
    yield await free_slots(own)
    await own.close()


def fhirpy_client(simulators: SimulatorServer, **headers: str) -> AsyncFHIRClient:
    return AsyncFHIRClient(f"{simulators.url}/booking", authorization=BEARER, extra_headers=headers)


def fhirclient_server(simulators: SimulatorServer, **headers: str) -> FHIRServer:
    server = FHIRServer(None, f"{simulators.url}/booking")
    server.session.headers.update({"Authorization": BEARER, **headers})
    return server


def cancelled(booked: Any) -> dict[str, Any]:
    told = {name: value for name, value in dict(booked).items() if name != "_status"}
    return {**told, "status": "cancelled", "cancelationReason": REASON}


def moving(old: Any, slot: FreeSlot) -> dict[str, Any]:
    put = {"method": "PUT", "url": f"Appointment/{old['id']}", "ifMatch": 'W/"1"'}
    entries = [
        {"resource": cancelled(old), "request": put},
        {"resource": appointment(slot), "request": {"method": "POST", "url": "Appointment"}},
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def test_fhirpy_searches_slots(simulators: SimulatorServer) -> None:
    """A search with dates, chained actor, included resources and pages is understood."""
    client = fhirpy_client(simulators)
    now = datetime.now(UTC)
    search = client.resources("Slot").search(
        status="free",
        start__ge=now,
        start__lt=now + timedelta(days=13),
        schedule__Schedule__actor="Practitioner/ESH-P-01",
    )
    every = await search.limit(9).fetch_all()
    assert len(every) > 9
    assert len({slot.id for slot in every}) == len(every) == await search.count()
    raw = await search.include("Slot", "schedule").limit(3).fetch_raw()
    assert [entry.search.mode for entry in raw.entry] == ["match"] * 3 + ["include"]


async def test_fhirpy_books_cancels_and_is_refused(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    """Create, read, update by version, and the refusals, as the client's own errors."""
    client = fhirpy_client(simulators)
    booked = await client.resource("Appointment", **appointment(slots[0])).create()
    assert (await client.reference("Appointment", booked.id).to_resource()).status == "booked"
    with pytest.raises(OperationOutcome) as taken:
        await client.resource("Appointment", **appointment(slots[0])).create()
    assert taken.value.resource["issue"][0]["code"] == "duplicate"
    without = client.resource("Appointment", **cancelled(booked))
    with pytest.raises(MultipleResourcesFound):  # its name for 412: If-Match is missing
        await without.update()
    first = fhirpy_client(simulators, **{"If-Match": 'W/"1"'})
    assert (await first.resource("Appointment", **cancelled(booked)).update()).meta.versionId == "2"
    with pytest.raises(OperationOutcome) as stale:
        await first.resource("Appointment", **cancelled(booked)).update()
    assert stale.value.resource["issue"][0]["code"] == "conflict"
    with pytest.raises(ResourceNotFound):
        await client.reference("Appointment", "not-there").to_resource()


async def test_fhirpy_creates_conditionally(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    """With If-None-Exist the second creation gives the first resource."""
    body = appointment(slots[0])
    value = body["identifier"][0]["value"]
    client = fhirpy_client(simulators, **{"If-None-Exist": f"identifier={IDENTIFIERS}|{value}"})
    first = await client.resource("Appointment", **body).create()
    assert (await client.resource("Appointment", **body).create()).id == first.id
    found = await client.resources("Appointment").search(identifier=f"{IDENTIFIERS}|{value}").fetch_all()
    assert [one.id for one in found] == [first.id]


async def test_fhirpy_moves_in_a_transaction(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    """Cancelling and booking happen together; where one fails, neither."""
    client = fhirpy_client(simulators)
    old = await client.resource("Appointment", **appointment(slots[0])).create()
    await client.resource("Appointment", **appointment(slots[1])).create()
    with pytest.raises(OperationOutcome):
        await client.resource("Bundle", **moving(old, slots[1])).save()
    assert (await client.reference("Appointment", old.id).to_resource()).status == "booked"
    answer = await client.resource("Bundle", **moving(old, slots[2])).save()
    assert [entry.response.status for entry in answer.entry] == ["200 OK", "201 Created"]


def use_fhirclient(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    server = fhirclient_server(simulators)
    assert server.capabilityStatement.fhirVersion == "4.0.1"
    now = datetime.now(UTC)
    dates = {"$and": [f"ge{now:%Y-%m-%d}", f"lt{now + timedelta(days=13):%Y-%m-%d}"]}
    search = Slot.where({"status": "free", "start": dates, "_count": "100"})
    pages = list(search.perform_iter(server))
    assert len(pages) > 1
    found = [entry.resource for page in pages for entry in page.entry]
    assert {slot.status for slot in found} == {"free"}
    assert len(found) == pages[0].total
    created = Appointment(Appointment(appointment(slots[0])).create(server))
    assert Appointment.read(created.id, server).start.isostring is not None
    with pytest.raises(HTTPError) as taken:
        Appointment(appointment(slots[0])).create(server)
    assert taken.value.response is not None
    assert taken.value.response.status_code == 409
    by_version = fhirclient_server(simulators, **{"If-Match": 'W/"1"'})
    changed = Appointment(cancelled(created.as_json())).update(by_version)
    assert (changed["status"], changed["meta"]["versionId"]) == ("cancelled", "2")


async def test_fhirclient_searches_books_and_cancels(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    """The other client reads the capability statement, searches, creates, is refused, and updates by version."""
    await asyncio.to_thread(use_fhirclient, simulators, slots)


def transact_with_fhirclient(simulators: SimulatorServer, slots: tuple[FreeSlot, ...]) -> None:
    body = appointment(slots[0], identifier=[{"system": IDENTIFIERS, "value": f"urn:uuid:{uuid4()}"}])
    wanted = {"If-None-Exist": f"identifier={IDENTIFIERS}|{body['identifier'][0]['value']}"}
    server = fhirclient_server(simulators, **wanted)
    first = Appointment(body).create(server)
    assert Appointment(body).create(server)["id"] == first["id"]
    answer = Bundle(Bundle(moving(first, slots[1])).create(fhirclient_server(simulators)))
    assert [entry.response.status for entry in answer.entry] == ["200 OK", "201 Created"]


async def test_fhirclient_creates_conditionally_and_moves(
    simulators: SimulatorServer, slots: tuple[FreeSlot, ...]
) -> None:
    """Conditional creation and a transaction, by the other client."""
    await asyncio.to_thread(transact_with_fhirclient, simulators, slots)
