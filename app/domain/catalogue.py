"""The service catalogue: what the county offers, read from PTV Open API v11 `Service` and `ServiceLocation` JSON.

Nothing is invented: what an item doesn't say stays empty. An item that can't be read is skipped and named, the rest
is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from app.domain import ptv
from app.domain.channels import Address, Phone, ServiceLocation, read_location
from app.domain.organisations import Area, AreaScope, Role, read_areas, read_roles, read_scope
from app.domain.ptv import Broken, Code, Words
from app.domain.text import Text

__all__ = [
    "Address",
    "CatalogueService",
    "Phone",
    "Reading",
    "ServiceLocation",
    "Skipped",
    "as_withdrawn",
    "read_location",
    "read_locations",
    "read_service",
    "read_services",
]


@dataclass(frozen=True)
class Skipped:
    """An item that was not read: its place in the file (from 0), the name its source gives it, and why."""

    index: int
    source_id: str | None
    reason: str


@dataclass(frozen=True)
class CatalogueService:
    """One service. Texts have the languages that the source has; `charge` is Chargeable, FreeOfCharge or None."""

    id: UUID
    source_id: str | None
    names: Text
    alternative_names: Words
    summaries: Text
    descriptions: Text
    user_instructions: Text
    requirements: Text
    charge: str | None
    charge_info: Text
    processing_time: Text
    languages: tuple[str, ...]
    service_classes: tuple[Code, ...]
    ontology_terms: tuple[Code, ...]
    target_groups: tuple[Code, ...]
    life_events: tuple[Code, ...]
    keywords: Words
    channel_ids: tuple[UUID, ...]
    organisations: tuple[Role, ...]
    area_scope: AreaScope | None
    areas: tuple[Area, ...]
    status: str
    modified: datetime | None


class _Identified(Protocol):
    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=_Identified)


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What a file had: the items in order, each id once, and what was left out."""

    found: tuple[T, ...]
    skipped: tuple[Skipped, ...]


def read_services(data: Any) -> Reading[CatalogueService]:
    """Services of a parsed JSON file (one, a list, a page). Raises Broken where it is no catalogue at all."""
    return _read(data, read_service)


def read_locations(data: Any) -> Reading[ServiceLocation]:
    """Service locations of a parsed JSON file. Raises Broken where it is no catalogue at all."""
    return _read(data, read_location)


def read_service(item: Mapping[str, Any]) -> CatalogueService:
    """One service. Raises Broken where it has no id or name, or a field is of the wrong type."""
    return CatalogueService(
        id=ptv.uuid(item, "id"),
        source_id=ptv.string(item, "sourceId"),
        names=ptv.required_names(item, "serviceNames"),
        alternative_names=ptv.words(item, "serviceNames", "AlternativeName", "AlternateName"),
        summaries=_description(item, "Summary"),
        descriptions=_description(item, "Description"),
        user_instructions=_description(item, "UserInstruction"),
        requirements=ptv.joined(ptv.words(item, "requirements")),
        charge=_charge(item),
        charge_info=_description(item, "ChargeTypeAdditionalInfo"),
        processing_time=_description(item, "ProcessingTime"),
        languages=ptv.strings(item, "languages"),
        service_classes=ptv.codes(item, "serviceClasses"),
        ontology_terms=ptv.codes(item, "ontologyTerms"),
        target_groups=ptv.codes(item, "targetGroups"),
        life_events=ptv.codes(item, "lifeEvents"),
        keywords=ptv.words(item, "keywords"),
        channel_ids=ptv.linked(item, "serviceChannels", "serviceChannel"),
        organisations=read_roles(item),
        area_scope=read_scope(item),
        areas=read_areas(item),
        status=ptv.string(item, "publishingStatus") or "Published",
        modified=ptv.moment(item, "modified"),
    )


def as_withdrawn(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an item that is not offered any more: kept for what refers to it, shown nowhere."""
    return {**document, "publishingStatus": "Withdrawn"}


def _read(data: Any, read_one: Callable[[Mapping[str, Any]], T]) -> Reading[T]:
    found: dict[UUID, T] = {}
    skipped: list[Skipped] = []
    for index, item in enumerate(ptv.objects(data)):
        try:
            if not isinstance(item, Mapping):
                raise Broken("not an object")
            read = read_one(item)
            if read.id in found:
                raise Broken("the same id is earlier in the file")
            found[read.id] = read
        except Broken as error:
            skipped.append(Skipped(index, _source_id(item), str(error)))
    return Reading(tuple(found.values()), tuple(skipped))


def _source_id(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return None
    known = (item.get(field) for field in ("sourceId", "id"))
    return next((value[:100] for value in known if isinstance(value, str) and value), None)


def _description(item: Mapping[str, Any], kind: str) -> Text:
    return ptv.joined(ptv.words(item, "serviceDescriptions", kind))


def _charge(item: Mapping[str, Any]) -> str | None:
    charge = ptv.string(item, "serviceChargeType")
    if charge not in (None, "Chargeable", "FreeOfCharge", "Other"):
        raise Broken(f"serviceChargeType is {charge[:40]!r}")
    return charge
