"""Organisations and areas of the service catalogue, read from PTV Open API v11 JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.domain import ptv
from app.domain.channels import Phone, read_emails, read_phones
from app.domain.text import Text

AreaScope = Literal["nationwide", "nationwide_without_aland", "limited"]
_SCOPES: Mapping[str, AreaScope] = {
    "Nationwide": "nationwide",
    "NationwideExceptAlandIslands": "nationwide_without_aland",
    "LimitedType": "limited",
}


@dataclass(frozen=True)
class Coded:
    """An entry of a code list: a municipality, an area, a language."""

    code: str
    names: Text


@dataclass(frozen=True)
class Area:
    """An area where a service is given; `kind` is the catalogue's word (Municipality, Region …).

    `municipalities` are the three-digit codes of the municipalities in it, where the catalogue tells them.
    """

    kind: str
    code: str
    names: Text
    municipalities: tuple[str, ...]


@dataclass(frozen=True)
class Organisation:
    """Who gives a service. `parent_id` is the organisation that it is a part of."""

    id: UUID
    parent_id: UUID | None
    business_code: str | None
    names: Text
    descriptions: Text
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]
    status: str
    modified: datetime | None


@dataclass(frozen=True)
class Role:
    """What an organisation is to a service: Responsible, OtherResponsible or Producer."""

    organisation_id: UUID
    name: str | None
    kind: str


def read_organisation(item: Mapping[str, Any]) -> Organisation:
    """One organisation. Raises Broken where it has no id or name, or a field is broken."""
    return Organisation(
        id=ptv.uuid(item, "id"),
        parent_id=ptv.optional_uuid(item, "parentOrganizationId"),
        business_code=ptv.string(item, "businessCode"),
        names=ptv.required_names(item, "organizationNames"),
        descriptions=ptv.joined(ptv.words(item, "organizationDescriptions", "Description")),
        phones=read_phones(item, "phoneNumbers"),
        emails=read_emails(item, "emails"),
        status=ptv.string(item, "publishingStatus") or "Published",
        modified=ptv.moment(item, "modified"),
    )


def read_roles(item: Mapping[str, Any]) -> tuple[Role, ...]:
    """The organisations of a service. Producers may be written without an identifier; these are left out."""
    found = []
    for entry in ptv.items(item, "organizations"):
        organisation = ptv.part(entry, "organization")
        if organisation and ptv.string(organisation, "id"):
            role = ptv.string(entry, "roleType") or "Responsible"
            found.append(Role(ptv.uuid(organisation, "id"), ptv.string(organisation, "name"), role))
    return tuple(found)


def read_scope(item: Mapping[str, Any]) -> AreaScope | None:
    """How far `areas` bounds a service; None where the catalogue doesn't say or has a new word for it."""
    return _SCOPES.get(ptv.string(item, "areaType") or "")


def read_areas(item: Mapping[str, Any]) -> tuple[Area, ...]:
    """The areas of a service or channel; entries without a code are left out."""
    return tuple(
        Area(
            kind=ptv.string(area, "type") or "",
            code=code,
            names=ptv.first(ptv.words(area, "name")),
            municipalities=tuple(c for part in ptv.items(area, "municipalities") if (c := ptv.string(part, "code"))),
        )
        for area in ptv.items(item, "areas")
        if (code := ptv.string(area, "code"))
    )


def read_coded(item: Mapping[str, Any]) -> Coded:
    """An entry of a code list. Raises Broken where it has no code or no name in any of our languages."""
    code = ptv.string(item, "code")
    if code is None:
        raise ptv.Broken("code is missing")
    return Coded(code, ptv.required_names(item, "names" if "names" in item else "name"))
