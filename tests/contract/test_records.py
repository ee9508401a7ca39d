"""The record systems: our client against the simulator, and the simulator against clients that we did not write."""

import asyncio
import re
import socket
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import fhirclient.client
import httpx
import pytest
import uvicorn
from fhir.resources.R4B import get_fhir_model_class
from fhirclient.models.task import Task as ForeignTask
from fhirpy import AsyncFHIRClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.domain.urgency import Urgency
from app.integrations.http import Rejected, Unavailable
from app.integrations.records.client import RecordsConfig, RecordSystems, RegisterEndpoint
from app.integrations.records.port import (
    CaseChanges,
    CaseInitiation,
    CaseState,
    ConflictingRepeat,
    ContactRecord,
    Entry,
    Kept,
    OutgoingDocument,
    PatientRegister,
    Records,
    Register,
    SocialRegister,
    register_named,
)
from app.integrations.records.reading import TaskBundle
from app.integrations.records.wire import Naming, resource_of
from tests.contract.simulator_server import SimulatorServer

AILI, ANNA = "080345-906D", "120488-902S"
PATIENT, SOCIAL = PatientRegister(), SocialRegister("older-people")
NAMING = Naming()
ODD = "\x00\x01\x0b\x0c\x1c\x1f\x85\xa0\u2003\u2028\u3000"
FHIR_STRING = re.compile(r"[ \r\n\t\S]+")
ARRIVED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def case(register: Register = PATIENT, **change: Any) -> CaseInitiation:
    made = CaseInitiation(
        identifier=str(uuid4()),
        register=register,
        reference="K7M2-Q9RT",
        kind="contact_request",
        urgency=Urgency.SAME_DAY,
        arrived_at=ARRIVED,
        language="fi",
        title="Virtsavaivat",
        subject_identity_code=AILI,
        actor_identity_code=ANNA,
        written="Kirvelee.\nSoittakaa iltapäivällä.",
        assessment="Hoitoon tänään.",
    )
    return replace(made, **change)


def contact(register: Register = PATIENT, **change: Any) -> ContactRecord:
    made = ContactRecord(
        identifier=str(uuid4()),
        register=register,
        at=ARRIVED,
        channel="phone",
        language="sv",
        professional="Test Skötare",
        subject_identity_code=AILI,
        summary="Rådgivning per telefon.",
        case_identifier="case-1",
    )
    return replace(made, **change)


def document(register: Register = PATIENT, **change: Any) -> OutgoingDocument:
    made = OutgoingDocument(
        identifier=str(uuid4()),
        register=register,
        kind="questionnaire-response",
        made_at=ARRIVED,
        language="fi",
        title="Esitietolomake",
        subject_identity_code=AILI,
        text="Lääkkeet: ei mitään ä€🙂",
        fhir={"resourceType": "QuestionnaireResponse", "status": "completed"},
        case_identifier="case-1",
    )
    return replace(made, **change)


def strings(node: Any) -> Iterator[str]:
    """All strings of a resource."""
    if isinstance(node, str):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings(inner)


async def send(records: Records, entry: Entry) -> Kept:
    match entry:
        case CaseInitiation():
            return await records.initiate_case(entry)
        case ContactRecord():
            return await records.record_contact(entry)
        case OutgoingDocument():
            return await records.send_document(entry)


@pytest.fixture
def config(simulators: SimulatorServer) -> RecordsConfig:
    return simulators.records_config()


@pytest.fixture
async def records(config: RecordsConfig) -> AsyncIterator[RecordSystems]:
    client = RecordSystems(config)
    yield client
    await client.close()


@pytest.fixture
async def desk(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the record system's own desk."""
    async with httpx.AsyncClient(base_url=f"{simulators.url}/records", follow_redirects=True) as client:
        yield client


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The address of `app` on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))  # listens at once, so nobody needs to wait for the server
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task


def foreign(endpoint: RegisterEndpoint) -> httpx.AsyncClient:
    headers = {"X-Api-Key": endpoint.credential, "Content-Type": "application/fhir+json"}
    return httpx.AsyncClient(base_url=endpoint.base_url, headers=headers)


@pytest.mark.parametrize("register", [PATIENT, SOCIAL, SocialRegister()])
@pytest.mark.parametrize("make", [case, contact, document])
async def test_what_is_sent_is_kept_once(records: RecordSystems, make: Any, register: Register) -> None:
    """The same identifier with the same content is one entry, also ten times at once; another content is a conflict."""
    entry = make(register)
    kept = await asyncio.gather(*(send(records, entry) for _ in range(10)))
    assert len({one.id for one in kept}) == 1
    assert [one.new for one in kept].count(True) == 1
    with pytest.raises(ConflictingRepeat):
        await send(records, replace(entry, language="en"))
    assert await send(records, entry) == Kept(kept[0].id, new=False)
    assert (await send(records, make(register))).new


@pytest.mark.parametrize("register", [PATIENT, SOCIAL])
@pytest.mark.parametrize("make", [case, contact, document])
def test_what_is_sent_is_valid_fhir(make: Any, register: Register) -> None:
    """Everything is plain R4 that a strict model takes, with all and with only the needed fields."""
    bare: dict[Any, dict[str, Any]] = {
        case: {
            "subject_identity_code": None,
            "actor_identity_code": None,
            "written": "",
            "assessment": " ",
            "title": "",
        },
        contact: {"case_identifier": None, "summary": "", "professional": ""},
        document: {"case_identifier": None, "fhir": None, "text": "", "title": ""},
    }
    for entry in (make(register), make(register, **bare[make])):
        resource = resource_of(entry, NAMING)
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


async def test_a_case_carries_all_that_makes_it_pending(
    records: RecordSystems, config: RecordsConfig, desk: httpx.AsyncClient
) -> None:
    """Time, urgency, service task, whose matter, who acts, words and result arrive; people can read them."""
    entry = case(SOCIAL, reference="SOC1-ALLX")
    kept = await records.initiate_case(entry)
    async with foreign(config.social) as client:
        task = (await client.get(f"/Task/{kept.id}")).json()
    assert datetime.fromisoformat(task["authoredOn"]) == ARRIVED
    assert (task["status"], task["priority"], task["description"]) == ("received", "asap", "Virtsavaivat")
    assert task["for"]["identifier"] == {"system": "urn:oid:1.2.246.21", "value": AILI}
    assert task["requester"]["identifier"]["value"] == ANNA
    told = {one["type"]["coding"][0]["code"]: one.get("valueString") or one["valueCode"] for one in task["input"]}
    assert told == {
        "urgency": "same_day",
        "service-task": "older-people",
        "written": entry.written,
        "assessment": entry.assessment,
    }
    page = (await desk.get("/?lang=sv")).text
    assert "SOC1-ALLX" in page
    assert "Aili Harjulampi" in page
    assert "socialvårdens klientregister" in page


async def test_a_document_comes_out_as_it_went_in(records: RecordSystems, config: RecordsConfig) -> None:
    """Text and FHIR content are whole at the other end, and point to their case."""
    kept = await records.send_document(document())
    async with foreign(config.patient) as client:
        found = (await client.get(f"/DocumentReference/{kept.id}")).json()
    plain, fhir = [one["attachment"] for one in found["content"]]
    assert b64decode(plain["data"]).decode() == document().text
    assert b64decode(fhir["data"]).startswith(b'{"resourceType": "QuestionnaireResponse"')
    assert found["context"]["related"][0]["identifier"]["value"] == "case-1"


async def test_ways_of_contact_are_told_in_the_patient_register_only(
    records: RecordSystems, config: RecordsConfig
) -> None:
    """AvoHILMO's code mixes phone and video, so our own channel stands beside it; social welfare has no AvoHILMO."""
    codes = []
    for register, endpoint in ((PATIENT, config.patient), (SOCIAL, config.social)):
        kept = await records.record_contact(contact(register, channel="video"))
        async with foreign(endpoint) as client:
            medium = (await client.get(f"/Communication/{kept.id}")).json()["medium"]
        codes.append([coding["code"] for coding in medium[0]["coding"]])
    assert codes == [["video", "R52"], ["video"]]


@pytest.mark.parametrize("register", [PATIENT, SOCIAL])
async def test_the_state_comes_back(records: RecordSystems, desk: httpx.AsyncClient, register: Register) -> None:
    """Each move at the desk is what the window sees, a rejection with its reason; a repeat stays a repeat."""
    entry = case(register)
    assert await records.case_status(register, entry.identifier) is None
    kept = await records.initiate_case(entry)
    name = "patient" if register == PATIENT else "social"
    seen: list[tuple[CaseState, str]] = []
    for move in ("", "in_handling", "answered", "closed", "rejected", "in_handling"):
        if move:
            form = {"state": move, "reason": "Kuuluu toiselle alueelle."}
            assert (await desk.post(f"/cases/{name}/{kept.id}?lang=fi", data=form)).status_code == 200
        status = await records.case_status(register, entry.identifier)
        assert status is not None
        seen.append((status.state, status.reason))
    assert seen == [
        ("received", ""),
        ("in_handling", ""),
        ("answered", ""),
        ("closed", ""),
        ("rejected", "Kuuluu toiselle alueelle."),
        ("in_handling", ""),
    ]
    assert await records.initiate_case(entry) == Kept(kept.id, new=False)


async def test_the_registers_know_nothing_of_each_other(records: RecordSystems, config: RecordsConfig) -> None:
    """A social case is in the social system only, and the other one's key or tag opens nothing."""
    entry = case(SOCIAL)
    await records.initiate_case(entry)
    assert await records.case_status(PATIENT, entry.identifier) is None
    async with foreign(config.patient) as client:
        refused = await client.post("/Task", json=resource_of(entry, NAMING))
        assert (refused.status_code, refused.json()["issue"][0]["code"]) == (422, "business-rule")
        client.headers["X-Api-Key"] = config.social.credential
        assert (await client.get("/Task")).status_code == 403
    crossed = RecordSystems(replace(config, patient=config.social, social=config.patient))
    for register in (PATIENT, SOCIAL):
        with pytest.raises(Rejected) as rejected:
            await crossed.initiate_case(case(register))
        assert rejected.value.status == 422
    await crossed.close()


def test_registers_are_named_as_cases_name_them() -> None:
    """A service task belongs to social welfare; another register does not exist."""
    assert register_named("patient") == PATIENT
    assert register_named("social", "older-people") == SOCIAL
    for name, task in (("patient", "older-people"), ("police", None)):
        with pytest.raises(ValueError, match="register"):
            register_named(name, task)


async def test_changes_come_page_by_page(config: RecordsConfig, desk: httpx.AsyncClient) -> None:
    """Small pages bring every change exactly as it stands at the end, though cases move while one reads."""
    records = RecordSystems(replace(config, page_size=3))
    since = datetime.now(UTC)
    entries = [case(SOCIAL) for _ in range(11)]
    ids = [(await records.initiate_case(entry)).id for entry in entries]
    seen: dict[str, CaseState] = {}
    page = CaseChanges((), since, more=True)
    for turn in range(40):
        if turn < 5:
            await desk.post(f"/cases/social/{ids[turn]}", data={"state": "closed"})
        page = await records.changes(SOCIAL, page.until)
        seen |= {status.identifier: status.state for status in page.cases}
        if not page.more and turn >= 5:
            break
    await records.close()
    assert not page.more
    assert page.until > since
    states = [seen[entry.identifier] for entry in entries]
    assert states == ["closed"] * 5 + ["received"] * 6


def test_remarks_among_the_results_are_passed_over() -> None:
    """A server may put an OperationOutcome into a page; a case that can't be read spoils the page instead."""
    remark = {"resource": {"resourceType": "OperationOutcome", "issue": []}}
    meta = {"lastUpdated": "2026-11-22T10:00:00Z"}
    task = {"resourceType": "Task", "id": "1", "identifier": [], "meta": meta, "status": "on-hold"}
    bundle = {"resourceType": "Bundle", "entry": [remark, {"resource": task}]}
    assert [one.id for one in TaskBundle.model_validate(bundle).tasks] == ["1"]
    faults: list[dict[str, Any]] = [{"status": "asleep"}, {"meta": {}}, {"resourceType": "Patient"}]
    for fault in faults:
        with pytest.raises(ValidationError):
            TaskBundle.model_validate({**bundle, "entry": [{"resource": {**task, **fault}}]})


async def test_the_credential_goes_to_no_other_address(config: RecordsConfig) -> None:
    """A next page elsewhere is not fetched: the record system is broken, or somebody else's."""
    page = {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://127.0.0.1:9/Task?page=2"}]}
    asked = 0

    async def answer(_request: Request) -> Response:
        nonlocal asked
        asked += 1
        return JSONResponse(page)

    async with served(Starlette(routes=[Route("/Task", answer)])) as url:
        records = RecordSystems(replace(config, patient=replace(config.patient, base_url=url)))
        with pytest.raises(Unavailable, match="elsewhere"):
            await records.changes(PATIENT, ARRIVED)
        await records.close()
    assert asked == 1


async def test_no_changes_are_no_news(records: RecordSystems) -> None:
    """Where nothing has changed, one asks from the same time again."""
    later = datetime.now(UTC) + timedelta(days=1)
    assert await records.changes(PATIENT, later) == CaseChanges((), later, more=False)


async def test_a_wrong_credential_is_rejected(config: RecordsConfig) -> None:
    """Neither sending nor asking works, and waiting does not mend it; the key shows in no error."""
    wrong = RecordSystems(replace(config, patient=replace(config.patient, credential="wrong-key")))
    for attempt in (wrong.initiate_case(case()), wrong.case_status(PATIENT, "x")):
        with pytest.raises(Rejected) as rejected:
            await attempt
        assert rejected.value.status == 401
    assert (await wrong.initiate_case(case(SOCIAL))).new
    assert "wrong-key" not in repr(config) + str(rejected.value)
    await wrong.close()


async def test_the_credential_may_stand_in_another_header(config: RecordsConfig) -> None:
    """A vendor with an API key instead of a bearer token needs other settings and no other code."""
    keyed = replace(config.patient, header="X-Api-Key", prefix="")
    client = RecordSystems(replace(config, patient=keyed))
    assert (await client.initiate_case(case())).new
    await client.close()


@pytest.mark.parametrize("fault", ["malformed", "truncated", "drop"])
async def test_a_lost_answer_is_made_good_by_sending_again(
    records: RecordSystems, simulators: SimulatorServer, desk: httpx.AsyncClient, fault: str
) -> None:
    """The case has arrived though the answer did not; the next sending finds it there."""
    entry = case()
    carried_out = {"carried_out": True} if fault == "drop" else {}
    await desk.put(f"{simulators.url}/_faults/records", json={"mode": fault, **carried_out})
    with pytest.raises(Unavailable):
        await records.initiate_case(entry)
    await desk.put(f"{simulators.url}/_faults/records", json={"mode": "none"})
    assert not (await records.initiate_case(entry)).new


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from(ODD), max_size=30))
async def test_whatever_a_resident_writes_arrives(records: RecordSystems, text: str) -> None:
    """No character in what was written makes a record system refuse the case, and nothing visible is lost."""
    entries: list[Entry] = [case(written=text, title=text), contact(summary=text), document(text=text, title=text)]
    for entry in entries:
        assert (await send(records, entry)).new
        for value in strings(resource_of(entry, NAMING)):
            assert FHIR_STRING.fullmatch(value), "not what R4 calls a string"
    told = resource_of(entries[0], NAMING).get("description", "")
    assert told.split() == "".join(" " if ord(one) < 32 else one for one in text).split()


async def test_fhirpy_brings_a_case_in(config: RecordsConfig) -> None:
    """A client of others creates, reads and finds a case by plain FHIR."""
    client = AsyncFHIRClient(config.patient.base_url, authorization=f"Bearer {config.patient.credential}")
    entry = case()
    resource = resource_of(entry, NAMING)
    task = client.resource(resource.pop("resourceType"), **resource)
    await task.save()
    query = client.resources("Task").search(identifier=f"{NAMING.identifiers('case')}|{entry.identifier}")
    assert [found.id async for found in query] == [task.id]
    assert (await client.reference("Task", task.id).to_resource())["status"] == "received"


async def test_fhirclient_reads_the_capabilities_and_a_case(config: RecordsConfig, records: RecordSystems) -> None:
    """Another client of others, which reads strictly, understands the server and the cases."""
    kept = await records.initiate_case(case())

    def read() -> ForeignTask:
        server = fhirclient.client.FHIRClient(settings={"app_id": "x", "api_base": f"{config.patient.base_url}/"})
        server.server.session.headers["X-Api-Key"] = config.patient.credential
        return ForeignTask.read(kept.id, server.server)

    task = await asyncio.to_thread(read)
    assert (task.status, task.description) == ("received", "Virtsavaivat")


async def test_foreign_faults_are_operation_outcomes(config: RecordsConfig) -> None:
    """Missing identifier, time, tag or key, wrong state, wrong type, repeated identifiers: each with its status."""
    good = resource_of(case(), NAMING)
    faults: list[tuple[dict[str, Any], int]] = [
        ({**good, "identifier": [{"value": "x"}]}, 422),
        ({**good, "meta": {}}, 422),
        ({**good, "status": "completed"}, 422),
        ({name: value for name, value in good.items() if name != "authoredOn"}, 422),
        ({**good, "status": 5}, 422),
        ({**good, "resourceType": "Patient"}, 400),
    ]
    async with foreign(config.patient) as client:
        for body, status in faults:
            answer = await client.post("/Task", json=body)
            assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
        created = [await client.post("/Task", json=good) for _ in range(2)]
        assert [answer.status_code for answer in created] == [201, 201]
        known = f"identifier={good['identifier'][0]['value']}"
        assert (await client.post("/Task", json=good, headers={"If-None-Exist": known})).status_code == 412
        assert (await client.put(f"/Task/{created[0].json()['id']}", json=good)).status_code == 405
        assert (await client.get("/Patient")).status_code == 404
        assert (await client.get("/Task", params={"unknown": "x"})).status_code == 400
        assert (await client.get("/Task", headers={"X-Api-Key": "no"})).status_code == 401


async def test_an_identifier_there_twice_is_a_conflict(records: RecordSystems, config: RecordsConfig) -> None:
    """Where the record system holds two cases of one identifier, an operator must look, and no third one is made."""
    entry = case()
    async with foreign(config.patient) as client:
        for _ in range(2):
            await client.post("/Task", json=resource_of(entry, NAMING))
    with pytest.raises(ConflictingRepeat) as conflict:
        await records.initiate_case(entry)
    assert conflict.value.status == 412


async def test_nothing_personal_shows_in_logs_and_errors(records: RecordSystems) -> None:
    """Values that are logged or raised hold neither identity codes nor what was written."""
    entry = case()
    await records.initiate_case(entry)
    with pytest.raises(ConflictingRepeat) as conflict:
        await records.initiate_case(replace(entry, written="Toinen"))
    shown = f"{entry!r} {contact()!r} {document()!r} {conflict.value} {conflict.value.body}"
    assert not any(secret in shown for secret in (AILI, ANNA, "Kirvelee", "Virtsavaivat", "Rådgivning", "Lääkkeet"))
