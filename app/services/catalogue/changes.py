"""What is new in the national catalogue for this county: read whole before anything is written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.catalogue import CatalogueService
from app.domain.channels import Channel, ServiceLocation
from app.integrations.suomifi.catalogue.port import Answer, Broken, Catalogue, Item

# A change may become visible some time after the moment that it carries; what is read twice is stored once.
OVERLAP = timedelta(hours=2)


@dataclass(frozen=True)
class Known:
    """What the window offers now: published services of the `organisations`, all published places, and among these the
    organisations' own (others may have come from elsewhere than the national catalogue)."""

    organisations: frozenset[UUID]
    services: frozenset[UUID]
    places: frozenset[UUID]
    own_places: frozenset[UUID]


def owned_by(organisations: Collection[UUID], service: CatalogueService) -> bool:
    """True where one of the organisations has a role in the service."""
    return any(role.organisation_id in organisations for role in service.organisations)


@dataclass(frozen=True)
class Changes:
    """`services` and `places` to store, identifiers that are gone, what could not be read, and the catalogue's clock
    when it was asked."""

    services: tuple[Item[CatalogueService], ...]
    places: tuple[Item[ServiceLocation], ...]
    gone_services: frozenset[UUID]
    gone_places: frozenset[UUID]
    broken: tuple[Broken, ...]
    as_of: datetime | None


async def compare_whole(catalogue: Catalogue, known: Known) -> Changes:
    """Everything that the organisations offer, and what of the known is not offered any more.

    What is missing from the lists is asked for by its identifier before it counts as gone: a list that changes while
    its pages are read can lose an item. Something broken is not gone. Raises Unavailable, Rejected.
    """
    listed = [await catalogue.services_of(organisation) for organisation in sorted(known.organisations)]
    missing = known.services - {item.value.id for answer in listed for item in answer.found}
    read = (*listed, await catalogue.services(sorted(missing)))
    services = _owned(read, known)
    channels = await _channels(catalogue, services, known.places)
    broken = _broken((*read, channels))
    places = _places(channels)
    return Changes(
        services,
        places,
        known.services - {item.value.id for item in services} - _ids(broken),
        known.own_places - {item.value.id for item in places} - _ids(broken),
        broken,
        min((answer.as_of for answer in listed if answer.as_of), default=None),
    )


async def read_changes(catalogue: Catalogue, known: Known, since: datetime) -> Changes:
    """What has changed since, of the organisations' services and of the known places. Raises Unavailable, Rejected.

    The list of changes is the whole country's, so of its broken items only the known ones are told.
    """
    after = since - OVERLAP
    changed = await catalogue.changed_services(after)
    read = await catalogue.services(changed.found)
    services = _owned((read,), known)
    moved_away = {item.value.id for item in read.found} - {item.value.id for item in services}
    withdrawn = {*(await catalogue.withdrawn_services(after)).found, *moved_away}
    touched = known.places & set((await catalogue.changed_channels(after)).found)
    channels = await _channels(catalogue, services, touched)
    gone_places = known.places & set((await catalogue.withdrawn_channels(after)).found)
    places = _places(channels)
    return Changes(
        services,
        places,
        (known.services & withdrawn) - {item.value.id for item in services},
        gone_places - {item.value.id for item in places},
        tuple(one for one in _broken((read, channels)) if _ids([one]) & (known.services | known.places)),
        changed.as_of,
    )


async def _channels(
    catalogue: Catalogue, services: Sequence[Item[CatalogueService]], more: Collection[UUID]
) -> Answer[Item[Channel]]:
    linked = {channel for item in services for channel in item.value.channel_ids}
    return await catalogue.channels(sorted(linked | set(more)))


def _owned(answers: Sequence[Answer[Item[CatalogueService]]], known: Known) -> tuple[Item[CatalogueService], ...]:
    found = {
        item.value.id: item for answer in answers for item in answer.found if owned_by(known.organisations, item.value)
    }
    return tuple(found.values())


def _places(channels: Answer[Item[Channel]]) -> tuple[Item[ServiceLocation], ...]:
    """The places among the channels; pages don't show the other kinds yet."""
    return tuple(Item(item.value, item.document) for item in channels.found if isinstance(item.value, ServiceLocation))


def _broken(answers: Sequence[Answer[Item[CatalogueService]] | Answer[Item[Channel]]]) -> tuple[Broken, ...]:
    return tuple(dict.fromkeys(one for answer in answers for one in answer.broken))


def _ids(broken: Sequence[Broken]) -> set[UUID]:
    found = set()
    for one in broken:
        try:
            found.add(UUID(one.id))
        except ValueError:
            continue
    return found
