"""The simulated Kanta PHR as a foreign client meets it: what it insists on, and in which words it refuses."""

from dataclasses import replace

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.domain.text import Language
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.port import (
    Access,
    AccessExpired,
    Measurement,
)
from tests.contract.kanta_consent import query_of
from tests.contract.kanta_tools import Json, consent, form, plan, weight, wire
from tests.contract.simulator_server import REDIRECT_URI, SimulatorServer


async def test_what_a_resource_must_have(
    phr_foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer
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
        refused = await phr_foreign.post(f"/{resource['resourceType']}", json=resource)
        assert refused.status_code == 422, resource
        get_fhir_model_class("OperationOutcome").model_validate(refused.json())
    assert (await phr_foreign.post("/Observation", json=good)).status_code == 201


async def test_only_json(phr_foreign: httpx.AsyncClient) -> None:
    """XML is neither taken nor given."""
    xml = {"Content-Type": "application/fhir+xml"}
    assert (await phr_foreign.post("/Observation", content=b"<Observation/>", headers=xml)).status_code == 415
    assert (await phr_foreign.get("/Observation", headers={"Accept": "application/fhir+xml"})).status_code == 406


async def test_no_conditional_update(
    phr_foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer
) -> None:
    """An update by search is refused, alone and in a bundle."""
    entry = weight()
    query = {"identifier": f"urn:ietf:rfc:3986|{entry.identifier.urn}"}
    resource = wire(entry, access, simulators)
    assert (await phr_foreign.put("/Observation", params=query, json=resource)).status_code == 405
    request = {"method": "PUT", "url": f"Observation?identifier={entry.identifier.urn}"}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource, "request": request}],
    }
    assert (await phr_foreign.post("/", json=bundle)).status_code in (400, 405, 412)


async def test_transaction_and_batch(
    phr_foreign: httpx.AsyncClient, access: Access, simulators: SimulatorServer
) -> None:
    """A transaction keeps all or nothing; a batch tells of each."""
    good, bad = wire(weight(), access, simulators), wire(weight(), access, simulators)
    del bad["language"]

    def bundle(kind: str, *resources: Json) -> Json:
        entries = [{"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in resources]
        return {"resourceType": "Bundle", "type": kind, "entry": entries}

    before = (await phr_foreign.get("/Observation")).json()["total"]
    assert (await phr_foreign.post("/", json=bundle("transaction", good, bad))).status_code == 422
    assert (await phr_foreign.get("/Observation")).json()["total"] == before
    answers = (await phr_foreign.post("/", json=bundle("batch", good, bad))).json()["entry"]
    assert [entry["response"]["status"][:3] for entry in answers] == ["201", "422"]
    assert (await phr_foreign.get("/Observation")).json()["total"] == before + 1


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
