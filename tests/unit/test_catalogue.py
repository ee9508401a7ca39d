"""Reading the national service catalogue: everything usable is kept, nothing is invented, the rest is named."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalogue import read_locations, read_services
from app.domain.ptv import Broken

ID = "0b6f3c52-6a57-4f0a-9d5e-0f4a1c1b2a01"
SERVICE: dict[str, Any] = {
    "id": ID,
    "sourceId": "own-1",
    "serviceNames": [
        {"language": "fi", "value": "Jalkojenhoito", "type": "Name"},
        {"language": "fi", "value": "Jalkahoitaja", "type": "AlternativeName"},
        {"language": "fi", "value": "Kynsien leikkaus", "type": "AlternativeName"},
        {"language": "sv", "value": "Fotvård", "type": "Name"},
        {"language": "en", "value": "", "type": "Name"},
    ],
    "serviceDescriptions": [
        {"language": "fi", "value": "", "type": "Description"},
        {"language": "fi", "value": "Ensin oma teksti.", "type": "Description"},
        {"language": "fi", "value": "Sitten yhteinen teksti.", "type": "GD_Description"},
        {"language": "fi", "value": "Hoidamme jalat.", "type": "Summary"},
    ],
    "serviceChargeType": "Chargeable",
    "languages": ["fi", "sv"],
    "serviceClasses": [
        {"name": [], "uri": "http://urn.fi/URN:NBN:fi:au:ptvl:v1070", "newUri": "http://uri.suomi.fi/codelist/x/P5.1"},
        {"name": [{"language": "fi", "value": "Terveys"}], "uri": "https://uri.suomi.fi/codelist/x/P5.1/"},
        {"name": [], "uri": "http://urn.fi/URN:NBN:fi:au:ptvl:v1023"},
    ],
    "keywords": [{"language": "fi", "value": "kynsi"}],
    "serviceChannels": [{"serviceChannel": {"id": ID, "name": "Asema"}}],
    "publishingStatus": "Published",
    "modified": "2026-01-02T03:04:05.000Z",
}
LOCATION: dict[str, Any] = {
    "id": ID,
    "serviceChannelType": "ServiceLocation",
    "serviceChannelNames": [{"language": "fi", "value": "Terveysasema", "type": "Name"}],
    "addresses": [
        {
            "type": "Location",
            "streetAddress": {
                "street": [{"language": "fi", "value": "Koivukuja"}],
                "streetNumber": "3",
                "postalCode": "50100",
                "municipality": {"code": "491", "name": []},
                "latitude": "6834688",
                "longitude": "503879",
            },
        },
        {"type": "Postal", "postOfficeBoxAddress": {}},
    ],
    "phoneNumbers": [{"number": "116117", "isFinnishServiceNumber": True}, {"number": ""}],
    "serviceHours": [],
}


def changed(item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return deepcopy(item) | fields


def test_a_service_is_read_whole() -> None:
    """Names, texts, codes, links and times arrive as they are written, in their languages."""
    (service,) = read_services(SERVICE).found
    assert service.names.values == {"fi": "Jalkojenhoito", "sv": "Fotvård"}
    assert service.alternative_names == {"fi": ("Jalkahoitaja", "Kynsien leikkaus")}
    assert service.descriptions.to("fi") == "Ensin oma teksti.\n\nSitten yhteinen teksti."
    assert (service.charge, str(service.channel_ids[0])) == ("Chargeable", ID)
    assert service.modified == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_old_and_new_codes_are_one() -> None:
    """The new address of a code is used where PTV tells it, and one code is listed once."""
    (service,) = read_services(SERVICE).found
    uris = [code.uri for code in service.service_classes]
    assert uris == ["http://uri.suomi.fi/codelist/x/P5.1", "http://urn.fi/URN:NBN:fi:au:ptvl:v1023"]


@pytest.mark.parametrize("data", [SERVICE, [SERVICE], {"pageNumber": 1, "itemList": [SERVICE]}])
def test_one_a_list_or_a_page(data: Any) -> None:
    """A file may hold one service, a list or a page."""
    assert len(read_services(data).found) == 1


def test_missing_stays_missing() -> None:
    """A service with only an id and a name has no price, no text and no hours made up."""
    (service,) = read_services({"id": ID, "serviceNames": SERVICE["serviceNames"]}).found
    assert service.charge is None
    assert service.modified is None
    assert not service.descriptions.values
    assert service.languages == ()


@pytest.mark.parametrize(
    "broken",
    [
        None, "x", 5, [], {}, changed(SERVICE, id="1"), changed(SERVICE, id=None), changed(SERVICE, serviceNames=[]),
        changed(SERVICE, serviceNames="x"), changed(SERVICE, serviceNames=[None]), changed(SERVICE, modified="soon"),
        changed(SERVICE, modified=5), changed(SERVICE, languages=[1]), changed(SERVICE, serviceChargeType="Cheap"),
        changed(SERVICE, serviceChannels=[{}]), changed(SERVICE, serviceDescriptions=[{"value": 5, "type": "Summary"}]),
    ],
)  # fmt: skip
def test_a_broken_service_is_skipped_and_named(broken: Any) -> None:
    """One broken item leaves the others whole and says its place and what is wrong."""
    reading = read_services([broken, SERVICE])
    assert [str(service.id) for service in reading.found] == [ID]
    assert [(skipped.index, bool(skipped.reason)) for skipped in reading.skipped] == [(0, True)]


def test_the_same_id_twice() -> None:
    """A second item of the same id is named, not stored over the first."""
    reading = read_services([SERVICE, SERVICE])
    assert (len(reading.found), reading.skipped[0].index, reading.skipped[0].source_id) == (1, 1, "own-1")


@pytest.mark.parametrize("data", [None, "text", 5, True, {"itemList": 5}])
def test_no_catalogue_at_all(data: Any) -> None:
    """A file that is no catalogue is refused as a whole."""
    with pytest.raises(Broken):
        read_services(data)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(SERVICE)), _json)
def test_any_field_may_be_wrong(field: str, value: Any) -> None:
    """Whatever a field holds, the item is read or skipped, never an error."""
    reading = read_services([changed(SERVICE, **{field: value})])
    assert len(reading.found) + len(reading.skipped) == 1


@given(st.sampled_from(sorted(LOCATION)), _json)
def test_any_field_of_a_place_may_be_wrong(field: str, value: Any) -> None:
    """The same holds for places."""
    reading = read_locations([changed(LOCATION, **{field: value})])
    assert len(reading.found) + len(reading.skipped) == 1


def test_a_place_is_read() -> None:
    """A place has its visiting address with grid coordinates and its phones; empty ones are left out."""
    (place,) = read_locations(LOCATION).found
    (address,) = place.addresses
    assert (address.street.to("fi"), address.northing, address.easting) == ("Koivukuja", 6834688.0, 503879.0)
    assert [phone.number for phone in place.phones] == ["116117"]


@pytest.mark.parametrize(
    "fields",
    [
        {"serviceChannelType": "Phone"},
        {"serviceHours": [{"serviceHourType": "Often"}]},
        {"addresses": [{"streetAddress": {"latitude": "nan"}}]},
        {"addresses": [{"streetAddress": {"latitude": "north"}}]},
    ],
)
def test_a_broken_place_is_skipped(fields: dict[str, Any]) -> None:
    """Other channels, unreadable hours and impossible coordinates are named."""
    assert read_locations([changed(LOCATION, **fields)]).skipped[0].reason
