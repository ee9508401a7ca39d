"""The service catalogue in the database: import it, list it, show one service or place."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain import catalogue as domain
from app.domain.catalogue import CatalogueService, Skipped
from app.domain.ptv import objects
from app.domain.text import Language
from app.models import BookableService, Service, ServiceLocation
from app.services import outbox
from app.services.errors import NotFound


@dataclass(frozen=True)
class Imported:
    """What an import did: how many items were stored, and what was left out and why."""

    stored: int
    skipped: Sequence[Skipped]


@dataclass(frozen=True)
class ServicePage:
    """A service with where it is given and what of it can be booked."""

    service: CatalogueService
    places: Sequence[domain.ServiceLocation]
    bookable: Sequence[BookableService]


async def import_services(session: AsyncSession, data: Any) -> Imported:
    """Store the services of a parsed PTV v11 file: new ones are added, known ones (by id) brought up to date.

    The search index is built anew by a job once this is committed. Raises ptv.Broken where the file is no catalogue.
    """
    reading = domain.read_services(data)
    documents = _documents(data)
    for service in reading.found:
        row = {
            "source_id": service.source_id,
            "names": service.names,
            "summaries": service.summaries,
            "document": documents[service.id],
            "status": service.status,
            "modified": service.modified,
        }
        statement = insert(Service).values(id=service.id, **row)
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
    await outbox.defer(session, "rebuild_search_index")
    return Imported(len(reading.found), reading.skipped)


async def import_locations(session: AsyncSession, data: Any) -> Imported:
    """Store the service locations of a parsed PTV v11 file, in the same way."""
    reading = domain.read_locations(data)
    documents = _documents(data)
    for place in reading.found:
        row = {
            "source_id": str(documents[place.id].get("sourceId") or place.id),
            "names": place.names,
            "municipality_code": next((a.municipality_code for a in place.addresses if a.municipality_code), ""),
            "document": documents[place.id],
        }
        statement = insert(ServiceLocation).values(id=place.id, **row)
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
    return Imported(len(reading.found), reading.skipped)


def _documents(data: Any) -> dict[uuid.UUID, dict[str, Any]]:
    """The items of a file by id, the first where one id comes twice (as the reader takes them)."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for item in objects(data):
        if isinstance(item, Mapping) and isinstance(item.get("id"), str):
            try:
                found.setdefault(uuid.UUID(item["id"]), dict(item))
            except ValueError:
                continue
    return found


async def list_services(session: AsyncSession, language: Language) -> list[tuple[uuid.UUID, str, str]]:
    """Id, name and summary of every published service, in the order of the language's alphabet."""
    rows = await session.execute(
        select(Service.id, Service.names, Service.summaries).where(Service.status == "Published")
    )
    named = [(row[0], row[1].to(language), row[2].to(language)) for row in rows]
    return sorted(named, key=lambda row: alphabetical(row[1]))


def alphabetical(name: str) -> str:
    """A key that sorts the Finnish way: å ä ö come last, in this order; other accents do not matter."""
    return name.casefold().translate(_FINNISH_ORDER)


# The characters after z, in Finnish and Swedish order.
_FINNISH_ORDER = str.maketrans({"å": "{", "ä": "|", "ö": "}", "é": "e", "è": "e", "ü": "y", "š": "s", "ž": "z"})


async def find_service(session: AsyncSession, service_id: uuid.UUID) -> ServicePage:
    """One service. Raises NotFound, also for one that is not published."""
    row = await session.get(Service, service_id)
    if row is None or row.status != "Published":
        raise NotFound
    service = domain.read_service(row.document)
    places = await session.scalars(select(ServiceLocation).where(ServiceLocation.id.in_(service.channel_ids)))
    query = select(BookableService).where(BookableService.source_ids.contains([row.source_id or ""]))
    bookable = (await session.scalars(query.order_by(BookableService.code))).all()
    shown = [place for row in places if (place := read_place(row)).status == "Published"]
    return ServicePage(service, shown, bookable)


async def all_services(session: AsyncSession) -> list[CatalogueService]:
    """Every published service, for the search index."""
    rows = await session.scalars(select(Service).where(Service.status == "Published").order_by(Service.id))
    return [domain.read_service(row.document) for row in rows]


def read_place(row: ServiceLocation) -> domain.ServiceLocation:
    """The place that a row keeps."""
    return domain.read_location(row.document)
