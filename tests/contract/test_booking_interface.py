"""The booking back-end as a foreign client meets it: every refusal of its interface, and FHIR's own manners."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.integrations.booking.client import BookingBackend
from app.integrations.booking.port import FreeSlot
from app.simulators.booking_backend.seed import NO_CONSENT
from tests.contract.booking_tools import IDENTIFIERS, appointment, free_slots
from tests.contract.simulator_server import SimulatorServer

FHIR = {"Content-Type": "application/fhir+json"}
REASON = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "code": "pat"}]
}


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    config = simulators.booking_config()
    async with httpx.AsyncClient(
        base_url=config.base_url, headers={"Authorization": f"Bearer {config.token}"}
    ) as client:
        yield client


@pytest.fixture
async def slots(simulators: SimulatorServer) -> AsyncIterator[tuple[FreeSlot, ...]]:
    own = BookingBackend(simulators.booking_config())
    yield await free_slots(own)
    await own.close()


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is an OperationOutcome of this status, with this code, and valid FHIR."""
    body = answer.json()
    get_fhir_model_class("OperationOutcome").model_validate(body)
    details = body["issue"][0]["details"]
    found = details["coding"][0]["code"] if "coding" in details else details["text"]
    assert (answer.status_code, found) == (status, code), body
    assert answer.headers["content-type"].startswith("application/fhir+json")


def next_to(slots: tuple[FreeSlot, ...]) -> tuple[FreeSlot, FreeSlot]:
    """Two adjacent slots of one professional."""
    pairs = ((a, b) for a in slots for b in slots if a.end == b.start and a.practitioner == b.practitioner)
    return next(pairs)


async def post(foreign: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await foreign.post("/Appointment", json=body, headers={**FHIR, **headers})


async def put(foreign: httpx.AsyncClient, body: dict[str, Any], version: str | None) -> httpx.Response:
    guard = {"If-Match": f'W/"{version}"'} if version else {}
    return await foreign.put(f"/Appointment/{body['id']}", json=body, headers={**FHIR, **guard})


async def test_a_booking_and_its_headers(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """201 with Location, ETag and Last-Modified; the version at Location and the resource are the same."""
    created = await post(foreign, appointment(slots[0]))
    assert (created.status_code, created.headers["etag"]) == (201, 'W/"1"')
    assert created.headers["last-modified"].endswith("GMT")
    at_location = await foreign.get(created.headers["location"])
    current = await foreign.get(f"/Appointment/{created.json()['id']}")
    assert created.json() == at_location.json() == current.json()
    assert current.json()["_status"]["extension"][0]["valueCoding"]["code"] == "3"
    known = await foreign.get(f"/Appointment/{created.json()['id']}", headers={"If-None-Match": 'W/"1"'})
    assert (known.status_code, known.content) == (304, b"")
    assert (await foreign.get(f"/Slot/{slots[0].id}")).json()["status"] == "busy"


async def test_two_slots_that_belong_together(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """Adjacent slots of one schedule make one appointment; a gap, another schedule or wrong times do not."""
    first, second = next_to(slots)
    both: dict[str, Any] = {
        "slot": [{"reference": f"Slot/{one.id}"} for one in (first, second)],
        "end": second.end.isoformat(),
    }
    later = next(one for one in slots if one.start > second.end)
    gap: dict[str, Any] = {
        "slot": [{"reference": f"Slot/{one.id}"} for one in (first, later)],
        "end": later.end.isoformat(),
    }
    refused(await post(foreign, appointment(first, **gap)), 422, "INVALID_RESOURCE")
    refused(await post(foreign, appointment(first, **{**both, "end": first.end.isoformat()})), 422, "INVALID_RESOURCE")
    created = await post(foreign, appointment(first, **both))
    assert created.status_code == 201
    refused(await post(foreign, appointment(second)), 409, "DUPLICATE_REJECTED")


async def test_every_refusal_of_a_booking(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """Each documented refusal comes with its status and code, and leaves the slot free."""
    slot = slots[0]
    no_system: dict[str, Any] = {"identifier": [{"value": "1"}]}
    state: dict[str, Any] = {"_status": {"extension": [{"url": _STATE, "valueCoding": {"code": "4"}}]}}
    cases: list[tuple[dict[str, Any], int, str]] = [
        (appointment(slot, comment="x" * 501), 422, "INVALID_RESOURCE"),
        (appointment(slot, description="x" * 101), 422, "INVALID_RESOURCE"),
        (appointment(slot, reasonCode=[{"text": "x"}]), 422, "INVALID_RESOURCE"),
        (appointment(slot, status="proposed"), 422, "INVALID_RESOURCE"),
        (appointment(slot, slot=[]), 422, "INVALID_RESOURCE"),
        (appointment(slot, **state), 422, "INVALID_RESOURCE"),
        (appointment(slot, start=slot.end.isoformat()), 422, "INVALID_RESOURCE"),
        (appointment(slot, slot=[{"reference": "Slot/none"}]), 422, "REFERENCE_NOT_FOUND"),
        (appointment(slot, **no_system), 400, "INVALID_IDENTIFIER_VALUE"),
        (appointment(slot, patient="120488-902X"), 400, "INVALID_NHS_NUMBER"),
        (appointment(slot, patient="010180-9026"), 404, "PATIENT_NOT_FOUND"),
        (appointment(slot, patient=NO_CONSENT), 403, "NO_PATIENT_CONSENT"),
        ({**appointment(slot), "participant": "x"}, 422, "INVALID_RESOURCE"),
        ({**appointment(slot), "resourceType": "Slot"}, 400, "BAD_REQUEST"),
    ]
    for body, status, code in cases:
        refused(await post(foreign, body), status, code)
    taken = appointment(slot)
    assert (await post(foreign, taken)).status_code == 201
    refused(await post(foreign, taken), 409, "DUPLICATE_REJECTED")
    refused(await post(foreign, appointment(slot)), 409, "DUPLICATE_REJECTED")


async def test_changes(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """Texts may be amended and the booking cancelled, by version; all else is refused, and history tells it all."""
    booked = (await post(foreign, appointment(slots[0]))).json()
    refused(await put(foreign, booked, None), 412, "required")
    refused(await put(foreign, {**booked, "start": slots[0].end.isoformat()}, "1"), 422, "INVALID_RESOURCE")
    refused(await put(foreign, {**booked, "status": "fulfilled"}, "1"), 422, "INVALID_RESOURCE")
    refused(await put(foreign, {**booked, "id": "another"}, "1"), 405, "not-supported")
    amended = await put(foreign, {**booked, "comment": "Soitan ovikelloa."}, "1")
    assert (amended.status_code, amended.headers["etag"]) == (200, 'W/"2"')
    refused(await put(foreign, {**booked, "comment": "Myöhässä."}, "1"), 409, "conflict")
    ended = {k: v for k, v in amended.json().items() if k != "_status"} | {"status": "cancelled"}
    refused(await put(foreign, ended, "2"), 422, "INVALID_RESOURCE")
    cancelled = await put(foreign, {**ended, "cancelationReason": REASON}, "2")
    assert cancelled.json()["_status"]["extension"][0]["valueCoding"]["code"] == "4"
    refused(await put(foreign, cancelled.json(), "3"), 422, "INVALID_RESOURCE")
    history = (await foreign.get(f"/Appointment/{booked['id']}/_history")).json()
    get_fhir_model_class("Bundle").model_validate(history)
    assert [entry["resource"]["status"] for entry in history["entry"]] == ["cancelled", "booked", "booked"]
    refused(await foreign.delete(f"/Appointment/{booked['id']}"), 405, "not-supported")


async def test_slot_questions(foreign: httpx.AsyncClient) -> None:
    """Free slots only, in a stretch of two weeks at most; unknown parameters by the client's own wish."""
    now = datetime.now(UTC)
    stretch = [f"ge{now:%Y-%m-%d}", f"le{now + timedelta(days=13):%Y-%m-%d}"]
    good = {"status": "free", "start": stretch}
    bundle = (await foreign.get("/Slot", params={**good, "_include": "Slot:schedule"})).json()
    get_fhir_model_class("Bundle").model_validate(bundle)
    posted = await foreign.post("/Slot/_search", data=good)
    assert posted.json()["total"] == bundle["total"] > 0
    assert (await foreign.get("/Slot", params={**good, "schedule": "Schedule/none"})).json()["total"] == 0
    for bad in ({"start": stretch}, {"status": "busy", "start": stretch}, {"status": "free"}):
        refused(await foreign.get("/Slot", params=bad), 422, "INVALID_PARAMETER")
    long = {"status": "free", "start": [stretch[0], f"le{now + timedelta(days=20):%Y-%m-%d}"]}
    refused(await foreign.get("/Slot", params=long), 422, "INVALID_PARAMETER")
    refused(await foreign.get("/Slot", params={**good, "start": ["ge2026-13-01", "x"]}), 400, "BAD_REQUEST")
    assert (await foreign.get("/Slot", params={**good, "searchFilter": "x"})).status_code == 200
    strict = {"Prefer": "handling=strict"}
    refused(await foreign.get("/Slot", params={**good, "searchFilter": "x"}, headers=strict), 400, "BAD_REQUEST")


async def test_who_may_ask(foreign: httpx.AsyncClient) -> None:
    """No token is 401 and a wrong one 403; the capability statement is open, and valid."""
    foreign.headers.pop("Authorization")
    refused(await foreign.get("/Patient"), 401, "ACCESS_DENIED")
    refused(await foreign.get("/Patient", headers={"Authorization": "Bearer x"}), 403, "ACCESS_DENIED")
    statement = await foreign.get("/metadata")
    get_fhir_model_class("CapabilityStatement").model_validate(statement.json())
    offered = {one["type"]: one for one in statement.json()["rest"][0]["resource"]}
    assert [one["name"] for one in offered["Appointment"]["operation"]] == ["hold"]
    assert {one["code"] for one in offered["Slot"]["interaction"]} == {
        "read",
        "vread",
        "history-instance",
        "search-type",
    }


async def test_nonsense_is_refused_in_fhirs_words(foreign: httpx.AsyncClient) -> None:
    """No address, media type or body makes the server fail, and every refusal is an OperationOutcome."""
    refused(await foreign.get("/Nothing"), 404, "NO_RECORD_FOUND")
    refused(await foreign.get("/Appointment/none"), 404, "NO_RECORD_FOUND")
    refused(await foreign.get("/Appointment/none/_history/99999999999999"), 404, "NO_RECORD_FOUND")
    refused(await foreign.get("/a/b/c/d/e"), 404, "NO_RECORD_FOUND")
    refused(await foreign.patch("/Appointment/1"), 405, "not-supported")
    refused(await foreign.post("/Slot", json={}), 405, "not-supported")
    refused(await foreign.get("/metadata", headers={"Accept": "application/fhir+xml"}), 406, "not-supported")
    refused(
        await foreign.post("/Appointment", content=b"<x/>", headers={"Content-Type": "text/xml"}), 415, "not-supported"
    )
    for body in (b"", b"null", b"[]", b"[" * 100_000, b"\xff", b'{"id": "\\ud800"}', b'{"a": NaN}'):
        refused(await foreign.post("/Appointment", content=body, headers=FHIR), 400, "BAD_REQUEST")
    for body in (b"{}", b'{"resourceType": "Bundle", "type": "batch", "entry": 1}'):
        refused(await foreign.post("/", content=body, headers=FHIR), 400, "BAD_REQUEST")


async def test_a_batch_fails_in_parts(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """In a batch each entry stands for itself; a transaction with an unknown type is refused as a whole."""
    create = {"method": "POST", "url": "Appointment"}
    entries = [
        {"resource": appointment(slots[0]), "request": create},
        {"resource": appointment(slots[0]), "request": create},
        {"resource": {"resourceType": "Appointment"}, "request": create},
        {"request": {"method": "GET", "url": f"Slot/{slots[0].id}"}},
        {"request": {"method": "DELETE", "url": "Slot/1"}},
    ]
    answer = (await foreign.post("/", json={"resourceType": "Bundle", "type": "batch", "entry": entries})).json()
    get_fhir_model_class("Bundle").model_validate(answer)
    statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
    assert statuses == ["201", "409", "422", "200", "405"]
    nothing = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "GET", "url": "No/1"}}],
    }
    refused(await foreign.post("/", json=nothing), 404, "NO_RECORD_FOUND")


async def test_conditional_creation(foreign: httpx.AsyncClient, slots: tuple[FreeSlot, ...]) -> None:
    """None there: 201. One: 200 with it. Several: 412. A parameter that is not known: 412, and nothing is made."""
    body = appointment(slots[0])
    wanted = f"identifier={IDENTIFIERS}|{body['identifier'][0]['value']}"
    first = await post(foreign, body, **{"If-None-Exist": wanted})
    again = await post(foreign, body, **{"If-None-Exist": wanted})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await post(foreign, appointment(slots[1]))).status_code == 201
    other = appointment(slots[2], identifier=[{"system": IDENTIFIERS, "value": f"urn:uuid:{uuid4()}"}])
    refused(await post(foreign, other, **{"If-None-Exist": "status=booked"}), 412, "multiple-matches")
    refused(await post(foreign, other, **{"If-None-Exist": "colour=blue"}), 412, "not-supported")


_STATE = "https://hl7.fi/fhir/finnish-scheduling/StructureDefinition/ajanvarauksen-tila"
