"""The Kanta PHR: our client against the simulator, and what it sends."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import Language
from app.integrations.http import Rejected, Unavailable
from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.measures import measures
from app.integrations.kanta.phr.narrative import narrative
from app.integrations.kanta.phr.port import (
    Access,
    AccessExpired,
    AnsweredItem,
    Choice,
    ConsentCancelled,
    ConsentFailed,
    ConsentWithdrawn,
    Entry,
    FilledQuestionnaire,
    Measurement,
    NotAllowed,
    SelfCarePlan,
)
from app.integrations.kanta.phr.wire import resource_of
from app.simulators.settings import PhrClient
from tests.contract.kanta_consent import answered, query_of
from tests.contract.kanta_tools import NOON, Json, consent, form, plan, pressure, weight, wire
from tests.contract.simulator_server import KEY_ID, REDIRECT_URI, SimulatorServer

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


async def test_nobody_sees_anothers_entries(phr: KantaPhr, access: Access, phr_foreign: httpx.AsyncClient) -> None:
    """A consent opens one record only: another's entries do not exist, and can't be written."""
    other = (await consent(phr, "timo")).access
    identifier = uuid4()
    written = await phr.write(other, weight(identifier=identifier))
    assert (await phr_foreign.get(f"/Observation/{written}")).status_code == 404
    assert (await phr_foreign.get(f"/Patient/{other.patient_id}")).status_code == 404
    assert (await phr_foreign.get("/Observation", params={"patient": other.patient_id})).json()["total"] == 0
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
    phr: KantaPhr, access: Access, phr_foreign: httpx.AsyncClient, simulators: SimulatorServer
) -> None:
    """An observation that its writer has called an error is not shown as a measurement."""
    entry = weight()
    written = await phr.write(access, entry)
    wrong = {**wire(entry, access, simulators), "id": written, "status": "entered-in-error"}
    assert (await phr_foreign.put(f"/Observation/{written}", json=wrong)).status_code == 200
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


def _sent(entry: Entry) -> Json:
    """The resource as it goes over the wire."""
    resource: Json = json.loads(json.dumps(resource_of(entry, "p1", lambda _: "https://example.org/p", "Ikkuna")))
    return resource


@given(measured())
def test_every_measurement_is_valid_fhir(entry: Measurement) -> None:
    """Whatever is measured, the resource validates as R4 and names each amount."""
    resource = _sent(entry)
    get_fhir_model_class("Observation").model_validate(resource)
    parts = resource.get("component", [resource])
    assert [Decimal(str(part["valueQuantity"]["value"])) for part in parts] == list(entry.amounts)


@given(plans)
def test_every_plan_is_valid_fhir(entry: SelfCarePlan) -> None:
    """Whatever words the advice has, blank ones, non-breaking spaces and control characters too."""
    get_fhir_model_class("CarePlan").model_validate(_sent(entry))


values = st.one_of(
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    amounts,
    st.dates(),
    moments,
    texts,
    st.builds(Choice, st.none() | st.just("http://loinc.org"), st.sampled_from(("a", "LA6568-5")), texts),
)
questions = st.recursive(
    st.builds(AnsweredItem, st.just("q"), texts, st.lists(values, max_size=3).map(tuple)),
    lambda inner: st.builds(AnsweredItem, st.just("g"), texts, st.just(()), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(items=st.lists(questions, max_size=3).map(tuple), title=texts, language=languages, at=moments)
def test_every_form_is_valid_fhir(
    items: tuple[AnsweredItem, ...], title: str, language: Language, at: datetime
) -> None:
    """Groups, answers of all types, and parts that are empty make a valid response with a readable narrative."""
    entry = FilledQuestionnaire(uuid4(), language, "urn:form|1", title, at, items)
    get_fhir_model_class("QuestionnaireResponse").model_validate(_sent(entry))


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
