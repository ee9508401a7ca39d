"""The Finnish Service Catalogue: our client against the simulator, and the simulator against foreign requests."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.content import load
from app.domain.catalogue import read_service
from app.domain.channels import read_channel
from app.integrations.suomifi.catalogue import wire
from app.integrations.suomifi.catalogue.client import CatalogueConfig, SuomifiCatalogue
from app.integrations.suomifi.catalogue.port import (
    ElectronicService,
    NotInCatalogue,
    PhoneService,
    PrintableForm,
    Rejected,
    ServiceLocation,
    Unavailable,
    WebPage,
)
from tests.contract.simulator_server import SimulatorServer

COUNTY = UUID(load("county.json")["id"])
SERVICES = [item for name in ("health", "social") for item in load(f"catalogue/services-{name}.json")["itemList"]]
NURSE = UUID(SERVICES[0]["id"])
PLACE = UUID(load("catalogue/locations.json")["itemList"][0]["id"])
CHANNELS = [UUID(item["id"]) for item in load("catalogue/channels.json")["itemList"]]


CHANNEL_ITEMS = [*load("catalogue/locations.json")["itemList"][:1], *load("catalogue/channels.json")["itemList"]]
KEYS = st.sampled_from(["language", "value", "type", "url", "number", "streetAddress", "serviceHourType", "service"])


@pytest.fixture
async def foreign(simulators: SimulatorServer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client; the catalogue is as in the content files before and after."""
    async with httpx.AsyncClient(base_url=simulators.catalogue_config().base_url) as client:
        yield client
        (await client.delete(f"{simulators.url}/suomifi/catalogue/_edit")).raise_for_status()


@pytest.fixture
async def edit(simulators: SimulatorServer, foreign: httpx.AsyncClient) -> Any:
    """Changes an item of the catalogue."""

    async def change(kind: str, item_id: object, **fields: Any) -> dict[str, Any]:
        answer = await foreign.put(f"{simulators.url}/suomifi/catalogue/_edit/{kind}/{item_id}", json=fields)
        answer.raise_for_status()
        changed: dict[str, Any] = answer.json()
        return changed

    return change


@pytest.fixture
async def catalogue(simulators: SimulatorServer, foreign: httpx.AsyncClient) -> AsyncIterator[SuomifiCatalogue]:
    client = SuomifiCatalogue(simulators.catalogue_config())
    yield client
    await client.close()


async def test_all_services_come_over_many_pages(
    catalogue: SuomifiCatalogue, foreign: httpx.AsyncClient, simulators: SimulatorServer
) -> None:
    """Identifiers and whole items are complete and unique however small the pages are."""
    await foreign.put(f"{simulators.url}/suomifi/catalogue/_edit/paging", json={"ids": 7, "objects": 10})
    ids = await catalogue.changed_services(None)
    whole = await catalogue.services_of(COUNTY)
    expected = [UUID(item["id"]) for item in SERVICES]
    assert list(ids.found) == [item.value.id for item in whole.found] == expected
    assert (ids.broken, whole.broken) == ((), ())
    assert ids.as_of is not None
    assert abs(datetime.now(UTC) - ids.as_of) < timedelta(minutes=1)


async def test_a_long_list_is_asked_in_hundreds(catalogue: SuomifiCatalogue, edit: Any) -> None:
    """More than a hundred identifiers are split; doubles and unknown ones do no harm."""
    made = [uuid4() for _ in range(60)]
    await asyncio.gather(*(edit("Service", one, **(SERVICES[0] | {"id": str(one)})) for one in made))
    asked = [*made, *(UUID(item["id"]) for item in SERVICES), *made, uuid4()]
    read = await catalogue.services(asked)
    assert {item.value.id for item in read.found} == {*made, *(UUID(item["id"]) for item in SERVICES)}
    assert len(read.found) == len(made) + len(SERVICES)


async def test_a_service_is_read_whole(catalogue: SuomifiCatalogue) -> None:
    """Names, charges, organisation, areas and channels of a service arrive as the county wrote them."""
    service = (await catalogue.service(NURSE)).value
    assert service.names.complete
    assert service.charge == "FreeOfCharge"
    assert [(role.organisation_id, role.kind) for role in service.organisations] == [(COUNTY, "Responsible")]
    assert service.area_scope == "limited"
    assert "491" in service.areas[0].municipalities
    assert {PLACE, *CHANNELS[:2]} <= set(service.channel_ids)


async def test_five_kinds_of_channels(catalogue: SuomifiCatalogue) -> None:
    """Each kind is a class of its own, with numbers, links, forms, hours and grid coordinates."""
    read = await catalogue.channels([*CHANNELS, PLACE])
    kinds = {type(item.value) for item in read.found}
    assert kinds == {ElectronicService, PhoneService, WebPage, PrintableForm, ServiceLocation}
    by_id = {item.value.id: item.value for item in read.found}
    helpline, form, place = by_id[CHANNELS[1]], by_id[CHANNELS[4]], by_id[PLACE]
    assert isinstance(form, PrintableForm)
    assert isinstance(place, ServiceLocation)
    assert (helpline.phones[0].prefix, helpline.phones[0].is_service_number) == (None, True)
    assert helpline.hours.is_open(datetime(2026, 12, 25, 3, tzinfo=UTC))
    assert form.files[0].url.endswith(".pdf")
    assert (place.addresses[0].northing, place.addresses[0].easting) == (6839525.0, 514408.0)
    assert NURSE in place.service_ids


async def test_only_what_changed_since(catalogue: SuomifiCatalogue, edit: Any) -> None:
    """An incremental reading names the changed service alone, and a withdrawn or archived one as gone."""
    changed = await edit("Service", NURSE, languages=["fi"])
    since = datetime.fromisoformat(changed["modified"])
    assert (await catalogue.changed_services(since)).found == (NURSE,)
    other, third = UUID(SERVICES[1]["id"]), UUID(SERVICES[2]["id"])
    await edit("Service", other, publishingStatus="Withdrawn")
    await edit("Service", third, publishingStatus="Archived")
    assert (await catalogue.changed_services(since)).found == (NURSE,)
    assert (await catalogue.withdrawn_services(since)).found == (other, third)
    await edit("ServiceChannel", PLACE, publishingStatus="Withdrawn")
    assert (await catalogue.changed_channels(since)).found == ()
    assert (await catalogue.withdrawn_channels(since)).found == (PLACE,)
    assert (await catalogue.channels([PLACE])).found == ()
    with pytest.raises(NotInCatalogue):
        await catalogue.service(other)


@pytest.mark.parametrize(
    "fields",
    [
        {"serviceNames": 5},
        {"serviceNames": [{"language": "ru", "value": "Врач", "type": "Name"}]},
        {"modified": "yesterday"},
        {"serviceChannels": [{"serviceChannel": None}]},
        {"organizations": "county"},
        {"sourceId": "x" * 3000},
        {"serviceDescriptions": [[]]},
    ],
)
async def test_a_broken_item_spoils_nothing_else(catalogue: SuomifiCatalogue, edit: Any, fields: Any) -> None:
    """The broken one is named with a reason, every other is read."""
    await edit("Service", NURSE, **fields)
    read = await catalogue.services([UUID(item["id"]) for item in SERVICES])
    assert len(read.found) == len(SERVICES) - 1
    assert [one.id for one in read.broken] == [str(NURSE)]
    assert read.broken[0].reason
    with pytest.raises(Unavailable):
        await catalogue.service(NURSE)


async def test_a_language_may_be_missing(catalogue: SuomifiCatalogue, edit: Any) -> None:
    """A service in Swedish alone has its Swedish name for every reader, and an old address becomes the new one."""
    await edit(
        "Service",
        NURSE,
        serviceNames=[{"language": "sv", "value": "Skötare", "type": "Name"}],
        serviceDescriptions=[],
        serviceClasses=[
            {"name": [], "uri": "http://urn.fi/URN:NBN:fi:au:ptvl:v1070", "newUri": "https://uri.suomi.fi/x/"}
        ],
    )
    service = (await catalogue.service(NURSE)).value
    assert {service.names.to(language) for language in ("fi", "sv", "en")} == {"Skötare"}
    assert service.summaries.to("en") == ""
    assert service.service_classes[0].uri == "http://uri.suomi.fi/x"


async def test_links_that_could_run_are_left_out(catalogue: SuomifiCatalogue, edit: Any) -> None:
    """A web address of another scheme than http(s) never reaches a page."""
    pages = [{"url": "javascript:alert(1)", "language": "fi"}, {"url": "https://a.example", "language": "fi"}]
    await edit("ServiceChannel", CHANNELS[3], webPages=pages)
    (read,) = (await catalogue.channels([CHANNELS[3]])).found
    assert [link.url for link in read.value.links] == ["https://a.example"]


async def test_what_the_database_cannot_keep_is_taken_out(catalogue: SuomifiCatalogue, edit: Any) -> None:
    """Zero characters vanish from the document; a half character makes the item broken."""
    await edit("Service", NURSE, sourceId="a\x00b")
    assert (await catalogue.service(NURSE)).document["sourceId"] == "ab"
    read = wire.read_items([wire.Page([SERVICES[0] | {"sourceId": "\ud800"}])], read_service)
    assert (read.found, read.broken[0].reason) == ((), "a text has half a character")


async def test_organisations_and_code_lists(catalogue: SuomifiCatalogue) -> None:
    """The county and its municipalities come with their names; a municipality has no English one."""
    (county,) = (await catalogue.organisations([COUNTY, uuid4()])).found
    assert county.names.complete
    municipalities = {one.code: one.names for one in (await catalogue.code_list("municipalities")).found}
    assert municipalities["491"].values == {"fi": "Mikkeli", "sv": "S:t Michel"}
    assert len((await catalogue.code_list("languages")).found) == 3
    assert (await catalogue.code_list("regions")).found == ()


async def test_refusals_come_through(catalogue: SuomifiCatalogue, simulators: SimulatorServer) -> None:
    """An unknown organisation is a refusal, not an empty catalogue; so is a wrong base address."""
    with pytest.raises(Rejected) as unknown:
        await catalogue.services_of(uuid4())
    assert (unknown.value.status, list(unknown.value.body)) == (404, ["organizationId"])
    lost = SuomifiCatalogue(CatalogueConfig(f"{simulators.url}/suomifi/catalogue/api/v10"))
    with pytest.raises(Rejected):
        await lost.changed_services(None)
    await lost.close()


@pytest.mark.parametrize("mode", ["error", "drop", "malformed"])
async def test_trouble_is_unavailable(simulators: SimulatorServer, foreign: httpx.AsyncClient, mode: str) -> None:
    """An answer that breaks off, or none, is never an empty or half catalogue."""
    client = SuomifiCatalogue(replace(simulators.catalogue_config(), seconds=2.0))
    (await foreign.put(f"{simulators.url}/_faults/suomifi-catalogue", json={"mode": mode})).raise_for_status()
    for call in (client.changed_services(None), client.services_of(COUNTY), client.service(NURSE)):
        with pytest.raises(Unavailable):
            await call
    await client.close()
    await foreign.put(f"{simulators.url}/_faults/suomifi-catalogue", json={"mode": "none"})


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/Service/123", "id"),
        ("/Service/{f4954a57-bc3d-523f-bb54-0ac9125a67f0}", "id"),
        ("/Service/list", "guids"),
        ("/Service/list?guids=1", "guids"),
        ("/Service/list?guids=" + ",".join(str(UUID(int=n)) for n in range(101)), "guids"),
        ("/Service?page=0", "page"),
        ("/Service?page=x", "page"),
        ("/Service?date=yesterday", "date"),
        ("/Service?dateBefore=2026-13-01", "dateBefore"),
        ("/Service?status=Lost", "status"),
        ("/Service/type/Gift", "type"),
        ("/Service/serviceClass", "uri"),
        ("/Service/list/organization", "organizationId"),
        ("/Service/list/area/Moon/code/1", "area"),
        ("/Service/area/Municipality/code/491?includeWholeCountry=2", "includeWholeCountry"),
        ("/ServiceChannel/type/Pigeon", "type"),
        ("/Organization/1", "id"),
        ("/CodeList/GetAreaCodes/type/Moon", "type"),
    ],
)
async def test_a_wrong_request_is_400_with_the_property(foreign: httpx.AsyncClient, path: str, field: str) -> None:
    """The error body names the property and what is wrong with it, as the interface does."""
    answer = await foreign.get(path)
    body = answer.json()
    assert (answer.status_code, list(body)) == (400, [field])
    assert body[field]
    assert all(isinstance(message, str) for message in body[field])


@pytest.mark.parametrize(
    "path",
    [
        f"/Service/{UUID(int=1)}",
        f"/ServiceChannel/{UUID(int=1)}",
        f"/Organization/{UUID(int=1)}",
        f"/GeneralDescription/{UUID(int=1)}",
        f"/Service/serviceChannel/{UUID(int=1)}",
        f"/Service/list/organization?organizationId={UUID(int=1)}",
        "/Organization/businesscode/1",
        "/Organization/oid/1",
        "/CodeList/GetSecrets",
    ],
)
async def test_what_is_unknown_is_404(foreign: httpx.AsyncClient, path: str) -> None:
    """An identifier of nothing is 404 with a body of the same shape."""
    answer = await foreign.get(path)
    assert answer.status_code == 404
    assert answer.json()


async def test_pages_begin_from_one_and_end(foreign: httpx.AsyncClient) -> None:
    """A page has its number, its size and the count; the one after the last is empty."""
    first = (await foreign.get("/Service")).json()
    assert (first["pageNumber"], first["pageSize"], first["pageCount"]) == (1, 1000, 1)
    assert set(first["itemList"][0]) == {"id", "name"}
    assert (await foreign.get("/Service?page=2")).json()["itemList"] == []
    assert (await foreign.get("/GeneralDescription")).json()["pageCount"] == 0


async def test_lists_by_what_a_foreign_client_knows(foreign: httpx.AsyncClient, edit: Any) -> None:
    """By area, organisation, channel, class, type; a nationwide service only where the whole country is asked for."""

    async def ids(path: str) -> list[str]:
        return [item["id"] for item in (await foreign.get(path)).raise_for_status().json()["itemList"]]

    everything = [item["id"] for item in SERVICES]
    assert await ids("/Service/area/Municipality/code/491") == everything
    assert await ids("/Service/list/area/WellbeingServicesCounty/code/10") == everything
    assert await ids("/Service/area/Municipality/code/091") == []
    await edit("Service", NURSE, areaType="Nationwide")
    assert await ids("/Service/area/Municipality/code/091?includeWholeCountry=true") == [str(NURSE)]
    assert str(NURSE) in await ids(f"/Service/serviceChannel/{PLACE}")
    assert str(NURSE) in await ids(f"/Service/serviceClass?uri={SERVICES[0]['serviceClasses'][0]['uri']}")
    assert await ids("/Service/type/PermitOrObligation") == []
    assert await ids("/Service/list/organization?code=0000000-0") == everything
    assert await ids("/ServiceChannel/type/Phone") == [str(one) for one in CHANNELS[1:3]]
    assert await ids(f"/ServiceChannel/organization/{COUNTY}/type/WebPage") == [str(CHANNELS[3])]
    assert len(await ids(f"/ServiceChannel/organization/{COUNTY}")) == 8 + len(CHANNELS)


async def test_connections_are_seen_from_both_ends(foreign: httpx.AsyncClient) -> None:
    """A service names its channels and each of these names the service."""
    service = (await foreign.get(f"/Service/{NURSE}")).json()
    for link in service["serviceChannels"]:
        channel = (await foreign.get(f"/ServiceChannel/{link['serviceChannel']['id']}")).json()
        assert str(NURSE) in [one["service"]["id"] for one in channel["services"]]


async def test_general_descriptions_are_merged_with_their_prefix(
    foreign: httpx.AsyncClient, catalogue: SuomifiCatalogue, edit: Any
) -> None:
    """`serviceWithGD` adds the national text under a prefixed type, and our reader takes both."""
    general = uuid4()
    await edit(
        "GeneralDescription", general, descriptions=[{"language": "fi", "value": "Laista.", "type": "Description"}]
    )
    await edit("Service", NURSE, generalDescriptionId=str(general))
    plain = (await foreign.get(f"/Service/{NURSE}")).json()
    merged = (await foreign.get(f"/Service/serviceWithGD/{NURSE}")).json()
    assert len(merged["serviceDescriptions"]) == len(plain["serviceDescriptions"]) + 1
    assert merged["serviceDescriptions"][-1]["type"] == "GD_Description"
    assert read_service(merged).descriptions.to("fi").endswith("Laista.")


async def test_changes_survive_a_restart(simulators: SimulatorServer, foreign: httpx.AsyncClient, edit: Any) -> None:
    """What was changed in the catalogue is so after the simulators were away."""
    await edit("Service", NURSE, publishingStatus="Withdrawn")
    await asyncio.to_thread(simulators.restart)
    async with httpx.AsyncClient(base_url=simulators.catalogue_config().base_url) as again:
        assert (await again.get(f"/Service/{NURSE}")).status_code == 404


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field=st.sampled_from(sorted(SERVICES[0])), value=JSON)
def test_any_value_in_any_field_is_read_or_named(field: str, value: Any) -> None:
    """Whatever stands in one field of one item, the item is read or reported, and its neighbour is read."""
    odd = SERVICES[1] | {field: value}
    read = wire.read_items([wire.Page([odd, SERVICES[0]])], read_service)
    assert len(read.found) + len(read.broken) == 2
    assert NURSE in [item.value.id for item in read.found]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(channel=st.sampled_from(CHANNEL_ITEMS), data=st.data())
def test_any_value_in_any_field_of_a_channel(channel: dict[str, Any], data: st.DataObject) -> None:
    """Channels of every kind are as patient with odd values as services."""
    odd = channel | {
        data.draw(st.sampled_from(sorted(channel))): data.draw(JSON | st.lists(st.dictionaries(KEYS, JSON)))
    }
    read = wire.read_items([wire.Page([odd, CHANNEL_ITEMS[0]])], read_channel)
    assert 1 <= len(read.found) + len(read.broken) <= 2
    assert read.found


async def test_an_edit_that_json_cannot_carry_is_refused(
    foreign: httpx.AsyncClient, simulators: SimulatorServer
) -> None:
    """The door for tests stays shut to what the interface could not answer with."""
    for body in (b'{"a": NaN}', b'{"a": "\\ud800"}', b"[]", b"{"):
        path = f"{simulators.url}/suomifi/catalogue/_edit/Service/{NURSE}"
        assert (await foreign.put(path, content=body)).status_code == 400
    assert (await foreign.put(f"{simulators.url}/suomifi/catalogue/_edit/Gift/{NURSE}", json={})).status_code == 404
    assert (await foreign.put(f"{simulators.url}/suomifi/catalogue/_edit/paging", json={"ids": 0})).status_code == 400


@given(page=JSON)
def test_no_answer_is_half_a_page(page: Any) -> None:
    """An answer is a whole page or list, or it is refused."""
    try:
        read = wire.read_page(page, 1)
    except wire.OddPage:
        return
    assert isinstance(read.entries, list | tuple)
