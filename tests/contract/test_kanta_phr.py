"""The Kanta PHR: our client against the simulator, and the simulator against a foreign client's requests."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import HELSINKI
from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.measures import measures
from app.integrations.kanta.phr.narrative import narrative
from app.integrations.kanta.phr.port import (
    Access,
    AccessExpired,
    AnsweredItem,
    AnswerValue,
    Choice,
    ConsentCancelled,
    ConsentFailed,
    ConsentWithdrawn,
    Entry,
    FilledQuestionnaire,
    Grant,
    Measurement,
    NotAllowed,
    SelfCarePlan,
)
from app.integrations.kanta.phr.wire import resource_of
from app.simulators.settings import PhrClient
from tests.contract.kanta_consent import answered, query_of
from tests.contract.simulator_server import KEY_ID, REDIRECT_URI, SimulatorServer

Json = dict[str, Any]
NOON = datetime(2026, 3, 4, 12, 30, tzinfo=HELSINKI)


def weight(kilograms: str = "72.5", identifier: UUID | None = None, language: Language = "fi") -> Measurement:
    return Measurement(identifier or uuid4(), language, "body-weight", (Decimal(kilograms),), NOON)


def pressure() -> Measurement:
    return Measurement(uuid4(), "sv", "blood-pressure", (Decimal(135), Decimal(85)), NOON)


def form() -> FilledQuestionnaire:
    values: tuple[AnswerValue, ...] = (
        True,
        3,
        Decimal("1.5"),
        date(2026, 3, 1),
        NOON,
        "<b>kipu & särky</b>",
        Choice("http://loinc.org", "LA6568-5", "Ei lainkaan"),
    )
    items = tuple(AnsweredItem(f"q{n}", f"Kysymys {n}", (value,)) for n, value in enumerate(values))
    group = AnsweredItem("g", "Ryhmä", items=items)
    return FilledQuestionnaire(uuid4(), "fi", "http://loinc.org/q/55757-9", "Mielialakysely", NOON, (group,))


def plan() -> SelfCarePlan:
    return SelfCarePlan(uuid4(), "en", "Sore throat", "Care for it at home.", ("Drink.", "Rest."), NOON)


async def consent(phr: KantaPhr, person: str = "aili") -> Grant:
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    return await phr.finish_consent(asked.pending, await answered(asked.url, person=person))


@pytest.fixture
async def phr(simulators: SimulatorServer) -> AsyncIterator[KantaPhr]:
    client = KantaPhr(simulators.phr_config())
    yield client
    await client.close()


@pytest.fixture
async def access(phr: KantaPhr) -> Access:
    return (await consent(phr)).access


@pytest.fixture
async def foreign(simulators: SimulatorServer, access: Access) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client with the same person's consent."""
    headers = {"Authorization": f"Bearer {access.access_token}", "Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(base_url=f"{simulators.url}/kanta/phr", headers=headers) as client:
        yield client


def wire(entry: Entry, access: Access, simulators: SimulatorServer) -> Json:
    return resource_of(entry, access.patient_id, simulators.phr_config().profile_of)


# Consent


async def test_consent_gives_what_was_asked(phr: KantaPhr, simulators: SimulatorServer) -> None:
    """A yes brings the person's record, the asked scopes and tokens that no repr shows."""
    grant = await consent(phr, "marja")
    assert grant.scopes == set(simulators.phr_config().scopes)
    assert grant.access.expires_at <= datetime.now(UTC) + timedelta(seconds=300)
    assert await phr.identity_code(grant.access) == "221070-938K"
    assert grant.refresh_token not in repr(grant)
    assert grant.access.access_token not in repr(grant.access)


async def test_a_no_is_not_a_fault(phr: KantaPhr) -> None:
    """Who refuses comes back as one who refused."""
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    back = await answered(asked.url, answer="refuse")
    with pytest.raises(ConsentCancelled):
        await phr.finish_consent(asked.pending, back)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "somebody else's"}, "wrong_state"),
        ({"code": ""}, "missing_code"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"error": "server_error"}, "server_error"),
        ({"error": "<script>"}, "unknown_error"),
    ],
)
async def test_a_return_that_cannot_be_used(phr: KantaPhr, change: dict[str, str], reason: str) -> None:
    """A forged, incomplete or failed return gives no consent, and says so by a code that is safe to log."""
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    back = {**await answered(asked.url), **change}
    with pytest.raises(ConsentFailed) as failed:
        await phr.finish_consent(asked.pending, back)
    assert failed.value.reason == reason


async def test_a_code_is_for_one_use(phr: KantaPhr) -> None:
    """Using a code again fails, and ends the consent that it gave."""
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    back = await answered(asked.url)
    grant = await phr.finish_consent(asked.pending, back)
    with pytest.raises(ConsentFailed):
        await phr.finish_consent(asked.pending, back)
    with pytest.raises(ConsentWithdrawn):
        await phr.access(grant.refresh_token)


async def test_the_verifier_must_answer_the_challenge(phr: KantaPhr) -> None:
    """A stolen code is worth nothing without the secret of the browser that asked."""
    asked = await phr.begin_consent(REDIRECT_URI, "fi")
    back = await answered(asked.url)
    with pytest.raises(ConsentFailed, match="invalid_grant"):
        await phr.finish_consent(replace(asked.pending, code_verifier="x" * 43), back)


async def test_refresh_tokens_rotate(phr: KantaPhr) -> None:
    """Each renewal brings a new refresh token that works."""
    grant = await consent(phr)
    first = await phr.access(grant.refresh_token)
    second = await phr.access(first.refresh_token)
    assert len({grant.refresh_token, first.refresh_token, second.refresh_token}) == 3
    assert second.patient_id == grant.patient_id
    assert await phr.read(second, SelfCarePlan) == ()


async def test_reuse_of_a_refresh_token_ends_everything(phr: KantaPhr) -> None:
    """A dead refresh token may be stolen: using it kills the living one and the access tokens."""
    grant = await consent(phr)
    newest = await phr.access(grant.refresh_token)
    with pytest.raises(ConsentWithdrawn):
        await phr.access(grant.refresh_token)
    with pytest.raises(ConsentWithdrawn):
        await phr.access(newest.refresh_token)
    with pytest.raises(AccessExpired):
        await phr.read(newest, Measurement)


async def test_revoking_ends_the_consent(phr: KantaPhr) -> None:
    """After withdrawal here nothing works any more, and withdrawing again does no harm."""
    grant = await consent(phr)
    await phr.revoke(grant.refresh_token)
    await phr.revoke(grant.refresh_token)
    with pytest.raises(AccessExpired):
        await phr.write(grant.access, weight())
    with pytest.raises(ConsentWithdrawn):
        await phr.access(grant.refresh_token)


async def test_withdrawal_on_kantas_own_page(phr: KantaPhr, simulators: SimulatorServer) -> None:
    """What a person takes back at Kanta is found out at the next renewal."""
    grant = await consent(phr, "gunilla")
    async with httpx.AsyncClient(base_url=f"{simulators.url}/kanta/phr") as browser:
        page = (await browser.get("/consents?lang=sv")).text
        key = page.split("Gunilla", 1)[1].split('value="', 1)[1].split('"', 1)[0]
        await browser.post("/consents", data={"grant": key})
        assert key not in (await browser.get("/consents")).text
    with pytest.raises(ConsentWithdrawn):
        await phr.access(grant.refresh_token)


async def test_a_wrong_secret_is_our_fault_not_the_residents(simulators: SimulatorServer) -> None:
    """Refused client credentials must not look like a withdrawn consent."""
    client = KantaPhr(replace(simulators.phr_config(), client_secret="wrong"))
    with pytest.raises(Rejected) as rejected:
        await client.access("whatever")
    await client.close()
    assert (rejected.value.status, rejected.value.reason) == (401, "invalid_client")


async def test_private_key_jwt(tmp_path: Path) -> None:
    """A client registered with keys proves itself by them at every address, and a secret no longer counts."""
    server = SimulatorServer(tmp_path / "own.sqlite")
    public = {"keys": [server.key.as_dict(private=False)]}
    server.phr = PhrClient(redirect_uris=(REDIRECT_URI,), jwks=public)
    await asyncio.to_thread(server.start)
    config = replace(server.phr_config(), private_key=server.key.as_dict(private=True), kid=KEY_ID)
    client, old = KantaPhr(config), KantaPhr(server.phr_config())
    grant = await consent(client)
    renewed = await client.access(grant.refresh_token)
    with pytest.raises(Rejected, match="invalid_client"):
        await old.access(renewed.refresh_token)
    await client.revoke(renewed.refresh_token)
    with pytest.raises(ConsentWithdrawn):
        await client.access(renewed.refresh_token)
    await asyncio.gather(client.close(), old.close())
    await asyncio.to_thread(server.stop)


async def test_other_addresses_for_oauth(simulators: SimulatorServer) -> None:
    """The authorisation server may stand elsewhere than the record."""
    config = simulators.phr_config()
    elsewhere = replace(config, authorize_url="https://auth.example/a?x=1", token_url="https://auth.example/t")
    client = KantaPhr(elsewhere)
    asked = await client.begin_consent(REDIRECT_URI, "sv")
    await client.close()
    assert asked.url.startswith("https://auth.example/a?x=1&response_type=code")
    assert query_of(asked.url)["aud"] == config.base_url
    assert elsewhere.revocation_endpoint == f"{config.base_url}/revoke"


# Writing and reading


async def test_measurements_are_read_as_written(phr: KantaPhr, access: Access) -> None:
    """One number or two come back with their digits, moment and language."""
    for entry in (weight("72.55"), pressure()):
        written = await phr.write(access, entry)
        assert {kept.id: kept.entry for kept in await phr.read(access, Measurement)}[written] == entry


async def test_forms_are_read_as_written(phr: KantaPhr, access: Access) -> None:
    """Every type of answer comes back as it was, in its group and with the words that were shown."""
    entry = form()
    written = await phr.write(access, entry)
    assert {kept.id: kept.entry for kept in await phr.read(access, FilledQuestionnaire)}[written] == entry


async def test_plans_are_read_as_written(phr: KantaPhr, access: Access) -> None:
    """Advice comes back line by line."""
    entry = plan()
    written = await phr.write(access, entry)
    assert {kept.id: kept.entry for kept in await phr.read(access, SelfCarePlan)}[written] == entry


async def test_a_repeated_writing_is_one_entry(phr: KantaPhr, access: Access) -> None:
    """The same identifier gives the same id, whether repeated later or at the same time."""
    entry = weight()
    ids = {await phr.write(access, entry)} | set(await asyncio.gather(*(phr.write(access, entry) for _ in range(5))))
    assert len(ids) == 1
    assert [kept.entry.identifier for kept in await phr.read(access, Measurement)].count(entry.identifier) == 1


async def test_only_changes_since(phr: KantaPhr, access: Access) -> None:
    """`since` leaves out what is older."""
    await phr.write(access, weight())
    assert await phr.read(access, Measurement, since=datetime.now(UTC) - timedelta(minutes=5))
    assert await phr.read(access, Measurement, since=datetime.now(UTC) + timedelta(minutes=5)) == ()


async def test_all_pages_are_read(phr: KantaPhr, simulators: SimulatorServer) -> None:
    """More entries than fit a page come completely, each once."""
    access = (await consent(phr, "vaino")).access
    for start in range(0, 120, 20):
        await asyncio.gather(*(phr.write(access, weight(str(60 + start + n))) for n in range(20)))
    found = await phr.read(access, Measurement)
    assert {kept.entry.amounts[0] for kept in found} == set(map(Decimal, range(60, 180)))
    assert len(found) == 120


async def test_nobody_sees_anothers_entries(phr: KantaPhr, access: Access, foreign: httpx.AsyncClient) -> None:
    """A consent opens one record only: another's entries do not exist, and can't be written."""
    other = (await consent(phr, "timo")).access
    identifier = uuid4()
    written = await phr.write(other, weight(identifier=identifier))
    assert (await foreign.get(f"/Observation/{written}")).status_code == 404
    assert (await foreign.get(f"/Patient/{other.patient_id}")).status_code == 404
    assert (await foreign.get("/Observation", params={"patient": other.patient_id})).json()["total"] == 0
    assert await phr.write(access, weight(identifier=identifier)) != written
    with pytest.raises(NotAllowed):
        await phr.write(replace(access, patient_id=other.patient_id), weight())


async def test_scopes_bind(simulators: SimulatorServer) -> None:
    """What was not allowed is refused, and is told apart from an expired token."""
    config = replace(simulators.phr_config(), scopes=("patient/Observation.read", "offline_access"))
    client = KantaPhr(config)
    access = (await consent(client)).access
    await client.read(access, Measurement)
    with pytest.raises(NotAllowed):
        await client.write(access, weight())
    with pytest.raises(NotAllowed):
        await client.read(access, SelfCarePlan)
    await client.close()


async def test_without_a_refresh_token_there_is_no_lasting_consent(simulators: SimulatorServer) -> None:
    """A server that gives no refresh token has given nothing that can be kept."""
    client = KantaPhr(replace(simulators.phr_config(), scopes=("patient/Observation.read",)))
    with pytest.raises(ConsentFailed, match="no_refresh_token"):
        await consent(client)
    await client.close()


async def test_entries_marked_as_wrong_are_left_out(
    phr: KantaPhr, access: Access, foreign: httpx.AsyncClient, simulators: SimulatorServer
) -> None:
    """An observation that its writer has called an error is not shown as a measurement."""
    entry = weight()
    written = await phr.write(access, entry)
    wrong = {**wire(entry, access, simulators), "id": written, "status": "entered-in-error"}
    assert (await foreign.put(f"/Observation/{written}", json=wrong)).status_code == 200
    assert written not in {kept.id for kept in await phr.read(access, Measurement)}


async def test_an_answer_that_makes_no_sense_is_unavailable(
    phr: KantaPhr, access: Access, simulators: SimulatorServer
) -> None:
    """Half a body is no data, and neither is one of another shape."""
    for mode in ("malformed", "truncated"):
        async with httpx.AsyncClient() as operator:
            await operator.put(f"{simulators.url}/_faults/kanta-phr", json={"mode": mode})
        with pytest.raises(Unavailable):
            await phr.read(access, Measurement)
        with pytest.raises(Unavailable):
            await phr.access("unimportant")


async def test_a_profile_of_the_countys_own_choice(simulators: SimulatorServer) -> None:
    """Profiles are settings; one that the record doesn't know is refused, without our data in the refusal."""
    config = replace(simulators.phr_config(), profiles={"plan": "https://example.org/unknown"})
    client = KantaPhr(config)
    access = (await consent(client)).access
    with pytest.raises(Rejected) as rejected:
        await client.write(access, plan())
    await client.close()
    assert (rejected.value.status, rejected.value.body["issues"][0]["code"]) == (422, "not-supported")
    assert "Sore throat" not in str(rejected.value.body)


# The simulator, as a foreign client meets it


async def test_what_a_resource_must_have(
    foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer
) -> None:
    """Without profile, language, narrative or identifier, or with a wrong unit, an entry is 422 with a reason."""
    good = wire(weight(), access, simulators)
    bare = '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'
    bad: list[Json] = [
        {**good, "meta": {}},
        {**good, "meta": {"profile": ["http://phr.kanta.fi/StructureDefinition/other"]}},
        {name: value for name, value in good.items() if name != "language"},
        {name: value for name, value in good.items() if name != "text"},
        {**good, "text": {"status": "generated", "div": bare}},
        {**good, "text": {"status": "generated", "div": "<div>no namespace</div>"}},
        {**good, "text": {"status": "generated", "div": bare.replace(" </div>", "<p>open</div>")}},
        {name: value for name, value in good.items() if name != "identifier"},
        {**good, "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:no"}]},
        {**good, "valueQuantity": {**good["valueQuantity"], "code": "g"}},
        {**good, "code": {"text": "weight"}},
        {name: value for name, value in good.items() if name != "status"},
        {**wire(plan(), access, simulators), "status": "active"},
        {**wire(plan(), access, simulators), "intent": "order"},
        {**wire(form(), access, simulators), "status": "entered-in-error"},
    ]
    for resource in bad:
        refused = await foreign.post(f"/{resource['resourceType']}", json=resource)
        assert refused.status_code == 422, resource
        get_fhir_model_class("OperationOutcome").model_validate(refused.json())
    assert (await foreign.post("/Observation", json=good)).status_code == 201


async def test_only_json(foreign: httpx.AsyncClient) -> None:
    """XML is neither taken nor given."""
    xml = {"Content-Type": "application/fhir+xml"}
    assert (await foreign.post("/Observation", content=b"<Observation/>", headers=xml)).status_code == 415
    assert (await foreign.get("/Observation", headers={"Accept": "application/fhir+xml"})).status_code == 406


async def test_no_conditional_update(foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer) -> None:
    """An update by search is refused, alone and in a bundle."""
    entry = weight()
    query = {"identifier": f"urn:ietf:rfc:3986|{entry.identifier.urn}"}
    resource = wire(entry, access, simulators)
    assert (await foreign.put("/Observation", params=query, json=resource)).status_code == 405
    request = {"method": "PUT", "url": f"Observation?identifier={entry.identifier.urn}"}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource, "request": request}],
    }
    assert (await foreign.post("/", json=bundle)).status_code in (400, 405, 412)


async def test_transaction_and_batch(foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer) -> None:
    """A transaction keeps all or nothing; a batch tells of each."""
    good, bad = wire(weight(), access, simulators), wire(weight(), access, simulators)
    del bad["language"]

    def bundle(kind: str, *resources: Json) -> Json:
        entries = [{"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in resources]
        return {"resourceType": "Bundle", "type": kind, "entry": entries}

    before = (await foreign.get("/Observation")).json()["total"]
    assert (await foreign.post("/", json=bundle("transaction", good, bad))).status_code == 422
    assert (await foreign.get("/Observation")).json()["total"] == before
    answers = (await foreign.post("/", json=bundle("batch", good, bad))).json()["entry"]
    assert [entry["response"]["status"][:3] for entry in answers] == ["201", "422"]
    assert (await foreign.get("/Observation")).json()["total"] == before + 1


async def test_who_is_not_let_in(simulators: SimulatorServer) -> None:
    """No token or a wrong one is 401 and says how to come in; what the server can do is told to everybody."""
    async with httpx.AsyncClient(base_url=f"{simulators.url}/kanta/phr") as stranger:
        for value in ("", "Bearer", "Bearer x", "Basic eDp5"):
            refused = await stranger.get("/Observation", headers={"Authorization": value})
            assert refused.status_code == 401
            assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        statement = (await stranger.get("/metadata")).json()
        get_fhir_model_class("CapabilityStatement").model_validate(statement)
        smart = (await stranger.get("/.well-known/smart-configuration")).json()
    assert smart["token_endpoint"] == f"{simulators.url}/kanta/phr/token"
    assert smart["code_challenge_methods_supported"] == ["S256"]


async def test_access_tokens_expire_on_command(phr: KantaPhr, access: Access, simulators: SimulatorServer) -> None:
    """When access tokens have run out, a renewal brings a new one: the consent itself has not ended."""
    async with httpx.AsyncClient(base_url=simulators.url) as operator:
        fault = {"mode": "expired", "seconds": 0}
        (await operator.put("/_faults/kanta-phr", json=fault)).raise_for_status()
        with pytest.raises(AccessExpired):
            await phr.read(access, Measurement)
        (await operator.put("/_faults/kanta-phr", json={"mode": "none"})).raise_for_status()
    renewed = await phr.access(access.refresh_token)
    await phr.read(renewed, Measurement)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "patient/*.*"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"aud": "https://another.example"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_request_goes_back_with_its_error(phr: KantaPhr, change: dict[str, str], error: str) -> None:
    """The client hears what was wrong, at its registered address."""
    url = httpx.URL((await phr.begin_consent(REDIRECT_URI, "fi")).url).copy_merge_params(change)
    async with httpx.AsyncClient() as browser:
        back = await browser.get(url)
    assert back.headers["location"].startswith(REDIRECT_URI)
    assert query_of(back.headers["location"])["error"] == error


@pytest.mark.parametrize("change", [{"client_id": "stranger"}, {"redirect_uri": "https://thief.example/"}])
async def test_strangers_get_a_page(phr: KantaPhr, change: dict[str, str]) -> None:
    """An unknown client or address never gets the browser."""
    url = httpx.URL((await phr.begin_consent(REDIRECT_URI, "fi")).url).copy_merge_params(change)
    async with httpx.AsyncClient() as browser:
        page = await browser.get(url)
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_page_in_three_languages(phr: KantaPhr, language: Language) -> None:
    """The page says in words what is asked, and asks again where nobody was chosen."""
    asked = await phr.begin_consent(REDIRECT_URI, language)
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(asked.url)
        again = await browser.post(page.url, data={"answer": "accept"})
    assert f'<html lang="{language}">' in page.text
    assert "patient/" not in page.text
    assert "<script" not in page.text
    assert again.status_code == 400
    assert 'aria-invalid="true"' in again.text


async def test_the_token_endpoint_refuses_in_the_words_of_the_specification(simulators: SimulatorServer) -> None:
    """Every malformed request is an OAuth error, never a 500."""
    config = simulators.phr_config()
    known = {"client_id": config.client_id, "client_secret": config.client_secret}
    async with httpx.AsyncClient(base_url=config.base_url) as client:
        cases: list[tuple[dict[str, str], int, str]] = [
            (known, 400, "invalid_request"),
            ({**known, "grant_type": "password"}, 400, "unsupported_grant_type"),
            ({**known, "grant_type": "refresh_token"}, 400, "invalid_grant"),
            ({**known, "grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
            ({"grant_type": "refresh_token"}, 401, "invalid_client"),
            ({**known, "client_assertion": "a.b.c"}, 401, "invalid_client"),
        ]
        for data, status, error in cases:
            answer = await client.post("/token", data=data)
            assert (answer.status_code, answer.json()["error"]) == (status, error), data
        odd = await client.post("/token", content=b"\xff", headers={"Authorization": "Basic !!!"})
        assert odd.status_code in (400, 401)
        assert (await client.post("/revoke", data=known)).json()["error"] == "invalid_request"
        assert (await client.post("/revoke", data={**known, "token": "unknown"})).status_code == 200


async def test_scope_can_be_narrowed_but_not_widened(phr: KantaPhr, simulators: SimulatorServer) -> None:
    """A renewal for more than was allowed is refused and costs nothing."""
    config = replace(simulators.phr_config(), scopes=("patient/Observation.read", "offline_access"))
    client = KantaPhr(config)
    token = (await consent(client)).refresh_token
    await client.close()
    form = {"grant_type": "refresh_token", "refresh_token": token}
    async with httpx.AsyncClient(base_url=config.base_url, auth=(config.client_id, config.client_secret)) as foreign:
        wide = await foreign.post("/token", data={**form, "scope": "patient/Observation.write"})
        assert wide.json()["error"] == "invalid_scope"
        narrow = await foreign.post("/token", data={**form, "scope": "patient/Observation.read"})
    assert narrow.json()["scope"] == "patient/Observation.read"


# Properties


amounts = st.decimals(min_value=0, max_value=999, places=1)
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda value: value.replace(microsecond=0, tzinfo=UTC)
)
languages: st.SearchStrategy[Language] = st.sampled_from(("fi", "sv", "en"))
texts = st.text(max_size=30)
plans = st.builds(SelfCarePlan, st.uuids(), languages, texts, texts, st.tuples(texts, texts), moments)


@st.composite
def measured(draw: st.DrawFn) -> Measurement:
    measure = draw(st.sampled_from(sorted(measures())))
    values = tuple(draw(amounts) for _ in measures()[measure].parts)
    return Measurement(draw(st.uuids()), draw(languages), measure, values, draw(moments))


@given(measured())
def test_every_measurement_is_valid_fhir(entry: Measurement) -> None:
    """Whatever is measured, the resource validates as R4 and names each amount."""
    resource = resource_of(entry, "p1", lambda _: "https://example.org/p", "Ikkuna")
    get_fhir_model_class("Observation").model_validate(json.loads(json.dumps(resource)))
    parts = resource.get("component", [resource])
    assert [Decimal(str(part["valueQuantity"]["value"])) for part in parts] == list(entry.amounts)


@given(plans)
def test_the_narrative_is_xml_that_says_the_content(entry: SelfCarePlan) -> None:
    """Any text becomes well-formed XHTML with nothing but itself in it."""
    root = ElementTree.fromstring(narrative(entry)["div"])
    said = [(item.text or "") for item in root.iter("{http://www.w3.org/1999/xhtml}li")]
    assert len(said) == 3
    for line, told in zip((entry.description, *entry.advice), said, strict=True):
        assert "".join(told.split()) == "".join("".join(c for c in line if _in_xml(c)).split())


def _in_xml(character: str) -> bool:
    code = ord(character)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def test_a_value_that_cannot_be_is_refused_at_once() -> None:
    """Unknown measures, missing parts and moments without a zone never become entries."""
    with pytest.raises(ValueError, match="measure"):
        Measurement(uuid4(), "fi", "shoe-size", (Decimal(42),), NOON)
    with pytest.raises(ValueError, match="parts"):
        Measurement(uuid4(), "fi", "blood-pressure", (Decimal(120),), NOON)
    with pytest.raises(ValueError, match="zone"):
        Measurement(uuid4(), "fi", "body-weight", (Decimal(70),), NOON.replace(tzinfo=None))
