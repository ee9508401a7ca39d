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
from app.domain.ptv import Broken, Code, Words
from app.domain.service_hours import ServiceHours, UnreadableHours
from app.domain.text import Language, Text


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
    status: str
    modified: datetime | None


@dataclass(frozen=True)
class Address:
    """A visiting address. Coordinates are EPSG:3067 (ETRS-TM35FIN) metres, None where PTV has none."""

    street: Text
    number: str | None
    postal_code: str | None
    post_office: Text
    municipality_code: str | None
    northing: float | None
    easting: float | None

    def line(self, language: Language) -> str:
        """The address on one line, "Porrassalmenkatu 35, 50100 Mikkeli"; parts that are missing are left out."""
        street = " ".join(part for part in (self.street.to(language), self.number) if part)
        town = " ".join(part for part in (self.postal_code, self.post_office.to(language)) if part)
        return ", ".join(part for part in (street, town) if part)


@dataclass(frozen=True)
class Phone:
    """A number as PTV writes it: prefix and number apart; service numbers such as 116117 have no prefix."""

    prefix: str | None
    number: str
    language: str | None
    info: str | None


@dataclass(frozen=True)
class ServiceLocation:
    """A place that people visit."""

    id: UUID
    names: Text
    descriptions: Text
    addresses: tuple[Address, ...]
    phones: tuple[Phone, ...]
    hours: ServiceHours
    service_ids: tuple[UUID, ...]
    status: str
    modified: datetime | None

    def address_line(self, language: Language) -> str:
        """The first visiting address on one line; empty where there is none."""
        return next((address.line(language) for address in self.addresses), "")


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
        names=_required_names(item, "serviceNames"),
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
        channel_ids=tuple(_linked_id(link, "serviceChannel") for link in ptv.items(item, "serviceChannels")),
        status=ptv.string(item, "publishingStatus") or "Published",
        modified=ptv.moment(item, "modified"),
    )


def read_location(item: Mapping[str, Any]) -> ServiceLocation:
    """One service location. Raises Broken where it is another channel, has no id or name, or a field is broken."""
    if ptv.string(item, "serviceChannelType") not in (None, "ServiceLocation"):
        raise Broken("serviceChannelType is not ServiceLocation")
    try:
        hours = ServiceHours.from_ptv(list(ptv.items(item, "serviceHours")))
    except UnreadableHours as error:
        raise Broken(str(error)) from error
    return ServiceLocation(
        id=ptv.uuid(item, "id"),
        names=_required_names(item, "serviceChannelNames"),
        descriptions=ptv.joined(ptv.words(item, "serviceChannelDescriptions", "Description")),
        addresses=tuple(_addresses(item)),
        phones=tuple(phone for part in ptv.items(item, "phoneNumbers") if (phone := _phone(part))),
        hours=hours,
        service_ids=tuple(_linked_id(link, "service") for link in ptv.items(item, "services")),
        status=ptv.string(item, "publishingStatus") or "Published",
        modified=ptv.moment(item, "modified"),
    )


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


def _required_names(item: Mapping[str, Any], field: str) -> Text:
    names = ptv.first(ptv.words(item, field, "Name", ""))
    if not names.values:
        raise Broken(f"{field} has no name")
    return names


def _description(item: Mapping[str, Any], kind: str) -> Text:
    return ptv.joined(ptv.words(item, "serviceDescriptions", kind))


def _charge(item: Mapping[str, Any]) -> str | None:
    charge = ptv.string(item, "serviceChargeType")
    if charge not in (None, "Chargeable", "FreeOfCharge", "Other"):
        raise Broken(f"serviceChargeType is {charge[:40]!r}")
    return charge


def _linked_id(link: Mapping[str, Any], field: str) -> UUID:
    target = link.get(field)
    if not isinstance(target, Mapping):
        raise Broken(f"{field} is not an object")
    return ptv.uuid(target, "id")


def _addresses(item: Mapping[str, Any]) -> list[Address]:
    """Visiting addresses; postal boxes and addresses abroad are no places to come to."""
    parts = (part for part in ptv.items(item, "addresses") if ptv.string(part, "type") in (None, "Location"))
    streets = (part.get("streetAddress") for part in parts)
    return [_address(street) for street in streets if isinstance(street, Mapping)]


def _address(street: Mapping[str, Any]) -> Address:
    municipality = street.get("municipality")
    return Address(
        street=ptv.first(ptv.words(street, "street")),
        number=ptv.string(street, "streetNumber"),
        postal_code=ptv.string(street, "postalCode"),
        post_office=ptv.first(ptv.words(street, "postOffice")),
        municipality_code=ptv.string(municipality, "code") if isinstance(municipality, Mapping) else None,
        northing=_coordinate(street, "latitude"),
        easting=_coordinate(street, "longitude"),
    )


def _coordinate(street: Mapping[str, Any], field: str) -> float | None:
    value = ptv.string(street, field)
    if value is None:
        return None
    try:
        metres = float(value)
    except ValueError:
        raise Broken(f"{field} is not a number") from None
    if not 0 < metres < 10_000_000:  # also refuses nan; the grid ends long before
        raise Broken(f"{field} lies outside the grid")
    return metres


def _phone(part: Mapping[str, Any]) -> Phone | None:
    number = ptv.string(part, "number")
    if number is None:
        return None
    return Phone(
        ptv.string(part, "prefixNumber"),
        number,
        ptv.string(part, "language"),
        ptv.string(part, "additionalInformation"),
    )
