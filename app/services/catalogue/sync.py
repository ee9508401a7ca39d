"""The county's catalogue follows the national one: every hour what has changed, once a day the whole.

A service that is withdrawn there vanishes from lists and search here; its row stays for the bookings and cases that
refer to it. An item that can't be read stays as it was and is reported. Where more than a third would vanish at once,
nothing is changed: that is a fault somewhere, not a decision of the county's.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.catalogue import CatalogueService, as_withdrawn
from app.domain.channels import ServiceLocation
from app.domain.clock import Clock
from app.integrations.suomifi.catalogue.port import Broken, Catalogue, Item
from app.models import CatalogueSync, Service
from app.models import ServiceLocation as PlaceRow
from app.services import outbox
from app.services.catalogue.changes import Changes, Known, compare_whole, owned_by, read_changes
from app.services.catalogue.entries import all_services, import_locations, import_services, read_place
from app.services.clock import read_clock
from app.services.outside import before_outside_call

log = structlog.get_logger(__name__)

SOURCE = "suomifi-catalogue"
WHOLE_EVERY = timedelta(hours=24)
MOST_VANISHING = 1 / 3
MOST_NAMED = 200  # broken items that a report names; the numbers tell of the rest

Document = Mapping[str, Any]
T = TypeVar("T", CatalogueService, ServiceLocation)


@dataclass(frozen=True)
class SyncReport:
    """What a run did: items stored because they are new or changed, items withdrawn, and those left as they were
    because they can't be read. A `stopped` run changed nothing; `withdrawn` is then what would have vanished."""

    stored: int
    withdrawn: int
    broken: tuple[Broken, ...]
    stopped: bool = False


def own_organisations() -> frozenset[UUID]:
    """The organisations whose services the window offers: the county of content/county.json."""
    return frozenset({UUID(load("county.json")["id"])})


async def sync_catalogue(
    session: AsyncSession,
    catalogue: Catalogue,
    organisations: Collection[UUID],
    *,
    may_vanish: bool = False,
) -> SyncReport:
    """Bring services and places up to date. Everything is read before the first row is written.

    `may_vanish` is somebody's word that it is right if much goes at once. Raises Unavailable and Rejected with nothing
    changed, and WriteBeforeOutsideCall where the session has written already.
    """
    state = await session.get(CatalogueSync, SOURCE)
    known = await _known(session, frozenset(organisations))
    whole = _is_due(state, await read_clock(session))
    await before_outside_call(session)
    if state is None or state.changed_until is None or whole:
        changes = await compare_whole(catalogue, known)
    else:
        changes = await read_changes(catalogue, known, state.changed_until)
    report = await _apply(session, changes, known, may_vanish=may_vanish)
    await _note(session, report, changes, whole=whole)
    return report


def _is_due(state: CatalogueSync | None, clock: Clock) -> bool:
    """True where the whole has to be compared: the first time, and a day after the last."""
    if state is None or state.compared_at is None or state.changed_until is None:
        return True
    return clock.now - state.compared_at >= WHOLE_EVERY


async def _known(session: AsyncSession, organisations: frozenset[UUID]) -> Known:
    services = [one for one in await all_services(session) if owned_by(organisations, one)]
    rows = await session.scalars(select(PlaceRow))
    places = [place for row in rows if (place := read_place(row)).status == "Published"]
    return Known(
        organisations,
        frozenset(one.id for one in services),
        frozenset(one.id for one in places),
        frozenset(one.id for one in places if one.organisation_id in organisations),
    )


async def _apply(session: AsyncSession, changes: Changes, known: Known, *, may_vanish: bool) -> SyncReport:
    gone = len(changes.gone_services) + len(changes.gone_places)
    too_many = _too_many(changes.gone_services, known.services) or _too_many(changes.gone_places, known.places)
    if too_many and not may_vanish:
        log.error("catalogue_sync_stopped", would_vanish=gone, known=len(known.services) + len(known.places))
        return SyncReport(0, gone, changes.broken, stopped=True)
    places = _without_clashes(await _place_keys(session), changes.places)
    changed_places = await _changed(session, PlaceRow, places)
    changed_services = await _changed(session, Service, {one.value.id: one.document for one in changes.services})
    await import_locations(session, changed_places)
    if changed_services:
        await import_services(session, changed_services)
    await _withdraw(session, changes)
    return SyncReport(len(changed_places) + len(changed_services), gone, changes.broken)


def _too_many(gone: Set[UUID], known: Set[UUID]) -> bool:
    return len(gone) > len(known) * MOST_VANISHING


async def _changed(
    session: AsyncSession, model: type[Service | PlaceRow], documents: Mapping[UUID, Document]
) -> list[Document]:
    """The documents that differ from what is kept: an unchanged catalogue costs no write and no new search index."""
    query = select(model.id, model.document).where(model.id.in_(list(documents)))
    kept = {row[0]: row[1] for row in await session.execute(query)}
    return [document for key, document in documents.items() if kept.get(key) != document]


async def _place_keys(session: AsyncSession) -> dict[str, UUID]:
    rows = await session.execute(select(PlaceRow.source_id, PlaceRow.id))
    return {row[0]: row[1] for row in rows}


def _without_clashes(taken: dict[str, UUID], places: Sequence[Item[ServiceLocation]]) -> dict[UUID, Document]:
    """The places' documents by id. Two organisations may use the same key of their own: the second goes without."""
    documents: dict[UUID, Document] = {}
    for item in places:
        key = str(item.document.get("sourceId") or item.value.id)
        free = taken.setdefault(key, item.value.id) == item.value.id
        documents[item.value.id] = item.document if free else {**item.document, "sourceId": None}
    return documents


async def _withdraw(session: AsyncSession, changes: Changes) -> None:
    for service in await session.scalars(select(Service).where(Service.id.in_(changes.gone_services))):
        service.document = as_withdrawn(service.document)
        service.status = "Withdrawn"
    for place in await session.scalars(select(PlaceRow).where(PlaceRow.id.in_(changes.gone_places))):
        place.document = as_withdrawn(place.document)
    await session.flush()
    if changes.gone_services:
        await outbox.defer(session, "rebuild_search_index")


async def _note(session: AsyncSession, report: SyncReport, changes: Changes, *, whole: bool) -> None:
    """Keep what the run did, and, where it was carried out, from where the next one goes on."""
    now = (await read_clock(session)).now
    values: dict[str, Any] = {
        "tried_at": now,
        "stopped": report.stopped,
        "stored": report.stored,
        "withdrawn": report.withdrawn,
        "broken": [asdict(one) for one in report.broken[:MOST_NAMED]],
    }
    if not report.stopped:
        values["changed_until"] = changes.as_of
    if not report.stopped and whole:
        values["compared_at"] = now
    statement = insert(CatalogueSync).values(source=SOURCE, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))
    log.info(
        "catalogue_synced", whole=whole, stored=report.stored, withdrawn=report.withdrawn, broken=len(report.broken)
    )


async def last_sync(session: AsyncSession) -> CatalogueSync | None:
    """What the latest run did; None before the first."""
    return await session.get(CatalogueSync, SOURCE)
