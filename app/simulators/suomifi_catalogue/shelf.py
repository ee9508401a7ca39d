"""What stands in the catalogue: the county's content files in the interface's full shape, and what was changed since.

Changes are not checked: a test puts a broken item here as easily as a new one.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal, get_args

from app.content import load
from app.simulators.store import Store

Kind = Literal["Service", "ServiceChannel", "Organization", "GeneralDescription"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Json = dict[str, Any]
_PREFIX = "suomifi-catalogue"
PAGING = {"ids": 1000, "objects": 100}
# A business code that is formally valid and nobody's.
_BUSINESS_CODE = "0000000-0"


class Shelf:
    """Items by kind and identifier. Edits live in the store, so they survive a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def items(self, kind: Kind) -> Mapping[str, Json]:
        """All items of a kind, whatever their status, by identifier."""
        edits = {record.key: record.body for record in self._store.records(f"{_PREFIX}/{kind}", limit=100_000)}
        return {**_content()[kind], **edits}

    def edit(self, kind: Kind, item_id: str, fields: Json) -> Json:
        """Change fields of an item, or make a new one of them; its time of change moves on unless it is given."""
        item = {"id": item_id, "publishingStatus": "Published", **self.items(kind).get(item_id, {})}
        changed = {**item, "modified": self._next_moment(), **fields}
        self._store.put(f"{_PREFIX}/{kind}", item_id, changed)
        return changed

    def restore(self) -> None:
        """Everything is as in the content files again."""
        self._store.forget(f"{_PREFIX}/")

    @property
    def paging(self) -> Mapping[str, int]:
        """How many `ids` or whole `objects` a page has."""
        return {**PAGING, **(self._store.get(f"{_PREFIX}/paging", "size") or {})}

    def set_paging(self, sizes: Mapping[str, int]) -> None:
        self._store.put(f"{_PREFIX}/paging", "size", dict(sizes))

    def _next_moment(self) -> str:
        """Now, or a second after the newest item: content files may be dated after the clock of this machine."""
        known = [moment for kind in KINDS for item in self.items(kind).values() if (moment := modified(item))]
        moment = max([datetime.now(UTC), *(latest + timedelta(seconds=1) for latest in known)])
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


def modified(item: Mapping[str, Any]) -> datetime | None:
    """When an item was last changed; None where it doesn't say so readably."""
    try:
        moment = datetime.fromisoformat(str(item.get("modified")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@cache
def _content() -> Mapping[Kind, Mapping[str, Json]]:
    services = _read("services-health") + _read("services-social")
    channels = _read("locations") + _read("channels")
    _connect(services, channels)
    return {
        "Service": {item["id"]: item for item in services},
        "ServiceChannel": {item["id"]: item for item in channels},
        "Organization": {item["id"]: item for item in (_county(),)},
        "GeneralDescription": {},
    }


def _read(name: str) -> list[Json]:
    items: list[Json] = deepcopy(load(f"catalogue/{name}.json")["itemList"])
    municipalities = [{"code": row["code"], "name": names(row["names"])} for row in load("municipalities.json")]
    for item in items:
        item["areas"] = [{**area, "municipalities": municipalities} for area in item["areas"]]
    return items


def _connect(services: list[Json], channels: list[Json]) -> None:
    """Connections are seen from both ends, whichever end the content file wrote them at."""
    by_id = {item["id"]: item for item in channels}
    for service in services:
        declared = [link["serviceChannel"]["id"] for link in service["serviceChannels"]]
        named = [item["id"] for item in channels if _leads_to(item, service["id"])]
        linked = [by_id[one] for one in dict.fromkeys(declared + named)]
        service["serviceChannels"] = [
            _connection("serviceChannel", channel["id"], channel["serviceChannelNames"]) for channel in linked
        ]
        for channel in linked:
            if not _leads_to(channel, service["id"]):
                channel["services"].append({"service": {"id": service["id"]}})
    by_id = {item["id"]: item for item in services}
    for channel in channels:
        linked = [by_id[link["service"]["id"]] for link in channel["services"]]
        channel["services"] = [_connection("service", one["id"], one["serviceNames"]) for one in linked]


def _leads_to(channel: Mapping[str, Any], service_id: str) -> bool:
    return any(link["service"]["id"] == service_id for link in channel["services"])


def _connection(target: str, target_id: str, target_names: list[Json]) -> Json:
    return {
        target: {"id": target_id, "name": target_names[0]["value"]},
        "serviceChargeType": None,
        "description": [],
        "extraTypes": [],
        "serviceHours": [],
        "contactDetails": {"emails": [], "phoneNumbers": [], "webPages": [], "addresses": []},
        "digitalAuthorizations": [],
        "modified": "2026-11-02T07:00:00.000Z",
    }


def _county() -> Json:
    county = load("county.json")
    typed = [{**name, "type": "Name"} for name in names(county["name"])]
    return {
        "id": county["id"],
        "sourceId": county["sourceId"],
        "oid": None,
        "parentOrganizationId": None,
        "organizationType": "RegionalOrganization",
        "businessCode": _BUSINESS_CODE,
        "businessName": county["name"]["fi"],
        "organizationNames": typed,
        "displayNameType": [{"type": "Name", "language": name["language"]} for name in typed],
        "areaType": "LimitedType",
        "areas": [{"type": "WellbeingServicesCounty", "code": county["code"], "name": names(county["name"])}],
        "organizationDescriptions": [],
        "emails": [],
        "phoneNumbers": [],
        "webPages": [],
        "addresses": [],
        "electronicInvoicings": [],
        "publishingStatus": "Published",
        "modified": "2026-11-02T07:00:00.000Z",
    }


def names(texts: Mapping[str, str]) -> list[Json]:
    """A text in the interface's list of languages."""
    return [{"value": value, "language": language} for language, value in texts.items()]
