"""Channels of the service catalogue: the five ways in which a resident reaches a service.

Read from PTV Open API v11 `ServiceChannel` JSON. Nothing is invented: what an item doesn't say stays empty; what can't
be read raises Broken with the name of the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain import ptv
from app.domain.ptv import Broken
from app.domain.service_hours import ServiceHours, UnreadableHours
from app.domain.text import Language, Text

_WEB = ("https://", "http://")


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
    """A number as PTV writes it: prefix and number apart; service numbers such as 116117 have no prefix.

    `charge` is Chargeable, FreeOfCharge, Other or None; `charge_info` says what a call costs.
    """

    prefix: str | None
    number: str
    language: str | None
    info: str | None
    is_service_number: bool = False
    charge: str | None = None
    charge_info: str | None = None


@dataclass(frozen=True)
class Link:
    """A web address that is safe to follow (http or https), with its language and name where these are told."""

    url: str
    language: str | None
    name: str | None


@dataclass(frozen=True)
class Channel:
    """What all channels have. `service_ids` are the services that are reached by it."""

    id: UUID
    organisation_id: UUID | None
    names: Text
    summaries: Text
    descriptions: Text
    languages: tuple[str, ...]
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]
    links: tuple[Link, ...]
    hours: ServiceHours
    service_ids: tuple[UUID, ...]
    status: str
    modified: datetime | None


@dataclass(frozen=True)
class ElectronicService(Channel):
    """A service on the web in which the matter itself is handled."""

    requires_authentication: bool
    requires_signature: bool


@dataclass(frozen=True)
class WebPage(Channel):
    """A page that tells about a service."""


@dataclass(frozen=True)
class PrintableForm(Channel):
    """A form to print: its identifiers, its files, and where to send it."""

    identifiers: Text
    files: tuple[Link, ...]
    delivery: Text
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class PhoneService(Channel):
    """A service that is given by phone."""


@dataclass(frozen=True)
class ServiceLocation(Channel):
    """A place that people visit."""

    addresses: tuple[Address, ...]

    def address_line(self, language: Language) -> str:
        """The first visiting address on one line; empty where there is none."""
        return next((address.line(language) for address in self.addresses), "")


def read_channel(item: Mapping[str, Any]) -> Channel:
    """One channel, as the class of its kind. Raises Broken where its kind is unknown or a field is broken."""
    kind = ptv.string(item, "serviceChannelType") or ""
    reader = _READERS.get(kind)
    if reader is None:
        raise Broken(f"serviceChannelType is {kind[:40]!r}")
    return reader(item)


def read_location(item: Mapping[str, Any]) -> ServiceLocation:
    """One service location. Raises Broken where it is another channel, has no id or name, or a field is broken."""
    if ptv.string(item, "serviceChannelType") not in (None, "ServiceLocation"):
        raise Broken("serviceChannelType is not ServiceLocation")
    return ServiceLocation(**_common(item), addresses=_addresses(item, "addresses"))


def _electronic_service(item: Mapping[str, Any]) -> ElectronicService:
    return ElectronicService(
        **_common(item),
        requires_authentication=ptv.flag(item, "requiresAuthentication"),
        requires_signature=ptv.flag(item, "requiresSignature"),
    )


def _web_page(item: Mapping[str, Any]) -> WebPage:
    return WebPage(**_common(item))


def _phone_service(item: Mapping[str, Any]) -> PhoneService:
    return PhoneService(**_common(item))


def _printable_form(item: Mapping[str, Any]) -> PrintableForm:
    texts = [
        ptv.joined(ptv.words(address, "deliveryAddressInText")) for address in ptv.items(item, "deliveryAddresses")
    ]
    return PrintableForm(
        **_common(item),
        identifiers=ptv.first(ptv.words(item, "formIdentifier")),
        files=_links(item, "channelUrls"),
        delivery=next((text for text in texts if text.values), Text()),
        addresses=_addresses(item, "deliveryAddresses"),
    )


_READERS = {
    "EChannel": _electronic_service,
    "WebPage": _web_page,
    "PrintableForm": _printable_form,
    "Phone": _phone_service,
    "ServiceLocation": read_location,
}


def _common(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that all kinds share. Phones and e-mail stand under two names, by the kind."""
    return {
        "id": ptv.uuid(item, "id"),
        "organisation_id": ptv.optional_uuid(item, "organizationId"),
        "names": ptv.required_names(item, "serviceChannelNames"),
        "summaries": ptv.first(ptv.words(item, "serviceChannelDescriptions", "Summary")),
        "descriptions": ptv.joined(ptv.words(item, "serviceChannelDescriptions", "Description")),
        "languages": ptv.strings(item, "languages"),
        "phones": read_phones(item, "phoneNumbers", "supportPhones"),
        "emails": read_emails(item, "emails", "supportEmails"),
        "links": _links(item, "webPages"),
        "hours": _hours(item),
        "service_ids": ptv.linked(item, "services", "service"),
        "status": ptv.string(item, "publishingStatus") or "Published",
        "modified": ptv.moment(item, "modified"),
    }


def _hours(item: Mapping[str, Any]) -> ServiceHours:
    try:
        return ServiceHours.from_ptv(list(ptv.items(item, "serviceHours")))
    except UnreadableHours as error:
        raise Broken(str(error)) from error


def read_phones(item: Mapping[str, Any], *fields: str) -> tuple[Phone, ...]:
    """The phone numbers of the lists `fields`; entries without a number are left out."""
    parts = (part for field in fields for part in ptv.items(item, field))
    return tuple(phone for part in parts if (phone := _phone(part)))


def _phone(part: Mapping[str, Any]) -> Phone | None:
    number = ptv.string(part, "number")
    if number is None:
        return None
    return Phone(
        ptv.string(part, "prefixNumber"),
        number,
        ptv.string(part, "language"),
        ptv.string(part, "additionalInformation"),
        ptv.flag(part, "isFinnishServiceNumber"),
        ptv.string(part, "serviceChargeType"),
        ptv.string(part, "chargeDescription"),
    )


def read_emails(item: Mapping[str, Any], *fields: str) -> tuple[str, ...]:
    """The e-mail addresses of the lists `fields`, each once."""
    parts = (part for field in fields for part in ptv.items(item, field))
    return tuple(dict.fromkeys(value for part in parts if (value := ptv.string(part, "value"))))


def _links(item: Mapping[str, Any], field: str) -> tuple[Link, ...]:
    """Addresses that a page may link to: another scheme than http(s) could run in the reader's browser."""
    return tuple(
        Link(url, ptv.string(part, "language"), ptv.string(part, "value"))
        for part in ptv.items(item, field)
        if (url := ptv.string(part, "url")) and url.lower().startswith(_WEB)
    )


def _addresses(item: Mapping[str, Any], field: str) -> tuple[Address, ...]:
    """Visiting addresses; postal boxes and addresses abroad are no places to come to."""
    parts = (part for part in ptv.items(item, field) if ptv.string(part, "type") in (None, "Location"))
    streets = (part.get("streetAddress") for part in parts)
    return tuple(_address(street) for street in streets if isinstance(street, Mapping))


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
