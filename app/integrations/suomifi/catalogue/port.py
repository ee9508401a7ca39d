"""The port of the Finnish Service Catalogue.

What comes through it are the domain's own types; nobody behind it knows which version of the catalogue's interface is
spoken. Only `Item.document` has a shape of its own: the form in which the window keeps catalogue items and
`app.domain.catalogue` and `app.domain.channels` read them again. Today that is the catalogue's version 11, unchanged; a
client of version 12 writes the same form or brings a reader of its own for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from app.domain.catalogue import CatalogueService
from app.domain.channels import (
    Channel,
    ElectronicService,
    Link,
    Phone,
    PhoneService,
    PrintableForm,
    ServiceLocation,
    WebPage,
)
from app.domain.organisations import Coded, Organisation
from app.integrations.http import OutsideError, Rejected, Unavailable

__all__ = [
    "Answer",
    "Broken",
    "Catalogue",
    "CatalogueService",
    "Channel",
    "CodeList",
    "Coded",
    "ElectronicService",
    "Item",
    "Link",
    "NotInCatalogue",
    "Organisation",
    "Phone",
    "PhoneService",
    "PrintableForm",
    "Rejected",
    "ServiceLocation",
    "Unavailable",
    "WebPage",
]

T = TypeVar("T")
CodeList = Literal["municipalities", "languages", "countries", "hospital_districts", "regions"]


class NotInCatalogue(OutsideError):
    """The catalogue knows no published item of this identifier; it may have been withdrawn."""


@dataclass(frozen=True)
class Broken:
    """An item that can't be read and was left out: its identifier ("" where even that is missing) and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What could be read, in the catalogue's order and each thing once, and what could not: one broken item never
    spoils the rest.

    `as_of` is when the catalogue began to answer, by its own clock; None where it didn't tell. Whoever asks next for
    what has changed since then misses nothing, however wrong our clock is.
    """

    found: tuple[T, ...] = ()
    broken: tuple[Broken, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True)
class Item(Generic[T]):
    """One thing of the catalogue, and the same as a document to keep (see the module's text)."""

    value: T
    document: Mapping[str, Any] = field(repr=False)


class Catalogue(Protocol):
    """The national catalogue, only read. Every method raises Unavailable and Rejected.

    `since` is an instant of the catalogue's own clock; None means everything. Identifiers that the catalogue doesn't
    have (any more) are missing from the answer.
    """

    async def changed_services(self, since: datetime | None) -> Answer[UUID]:
        """The published services of the whole country that have changed since."""

    async def withdrawn_services(self, since: datetime | None) -> Answer[UUID]:
        """The services that have been withdrawn or archived since."""

    async def services_of(self, organisation: UUID) -> Answer[Item[CatalogueService]]:
        """All published services of an organisation."""

    async def services(self, ids: Sequence[UUID]) -> Answer[Item[CatalogueService]]:
        """The published ones of these services."""

    async def service(self, service_id: UUID) -> Item[CatalogueService]:
        """One published service. Raises NotInCatalogue; Unavailable where the item can't be read."""

    async def changed_channels(self, since: datetime | None) -> Answer[UUID]:
        """The published channels of the whole country that have changed since."""

    async def withdrawn_channels(self, since: datetime | None) -> Answer[UUID]:
        """The channels that have been withdrawn or archived since."""

    async def channels(self, ids: Sequence[UUID]) -> Answer[Item[Channel]]:
        """The published ones of these channels, each as the class of its kind."""

    async def organisations(self, ids: Sequence[UUID]) -> Answer[Organisation]:
        """The published ones of these organisations."""

    async def code_list(self, name: CodeList) -> Answer[Coded]:
        """Codes and names in the languages that they have."""
