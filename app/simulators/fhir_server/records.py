"""The server's memory: every version of every resource, changed in units that happen whole or not at all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.simulators.fhir_server.description import Resource, ServerDescription
from app.simulators.store import Store

Guard = Callable[[], AbstractContextManager[None]]
_PAGE = 1000


@dataclass(frozen=True)
class Version:
    """One state of a resource; `resource` is None in the version that deletes it."""

    type: str
    id: str
    number: int
    method: str
    at: str
    resource: Resource | None


class Unit:
    """What one request changes. Nothing is kept before the unit ends well."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store = store
        self._prefix = prefix
        self._changed: dict[tuple[str, str], list[Version]] = {}
        self.now = datetime.now(UTC)

    def newest(self, resource_type: str, resource_id: str) -> Version | None:
        """The newest version, also where that is a deletion."""
        changed = self._changed.get((resource_type, resource_id))
        if changed:
            return changed[-1]
        kept = self._store.get(self._kind(resource_type), resource_id)
        return Version(**kept) if kept else None

    def read(self, resource_type: str, resource_id: str) -> Resource | None:
        """The resource as it stands, or None where it never was or was deleted."""
        newest = self.newest(resource_type, resource_id)
        return newest.resource if newest else None

    def version(self, resource_type: str, resource_id: str, number: int) -> Version | None:
        kept = self._store.get(self._kind(resource_type) + "-version", f"{resource_id}/{number}")
        return Version(**kept) if kept else None

    def every(self, resource_type: str) -> Iterator[Resource]:
        """All living resources of a type, in the order of their creation."""
        seen = set()
        for kept in self._kept(resource_type):
            seen.add(kept["id"])
            newest = self._changed.get((resource_type, kept["id"]))
            resource = newest[-1].resource if newest else kept["resource"]
            if resource is not None:
                yield resource
        for (changed_type, changed_id), versions in list(self._changed.items()):
            if changed_type == resource_type and changed_id not in seen and versions[-1].resource is not None:
                yield versions[-1].resource

    def put(self, resource: Resource, *, method: str = "PUT") -> Resource:
        """A new version of the resource, or a new resource; it comes back with its id and meta."""
        resource_type, resource_id = resource["resourceType"], resource.get("id") or str(uuid4())
        number = self._next_number(resource_type, resource_id)
        at = self.now.isoformat(timespec="milliseconds")
        meta = {**resource.get("meta", {}), "versionId": str(number), "lastUpdated": at}
        kept = {**resource, "id": resource_id, "meta": meta}
        self._stage(Version(resource_type, resource_id, number, method, at, kept))
        return kept

    def delete(self, resource_type: str, resource_id: str) -> None:
        at = self.now.isoformat(timespec="milliseconds")
        number = self._next_number(resource_type, resource_id)
        self._stage(Version(resource_type, resource_id, number, "DELETE", at, None))

    def keep(self) -> None:
        """Write everything. Called once, at the end of the unit."""
        for (resource_type, resource_id), versions in self._changed.items():
            kind = self._kind(resource_type)
            for version in versions:
                self._store.put(kind + "-version", f"{resource_id}/{version.number}", asdict(version))
            self._store.put(kind, resource_id, asdict(versions[-1]))
        self._changed.clear()

    def _stage(self, version: Version) -> None:
        self._changed.setdefault((version.type, version.id), []).append(version)

    def _next_number(self, resource_type: str, resource_id: str) -> int:
        newest = self.newest(resource_type, resource_id)
        return newest.number + 1 if newest else 1

    def _kept(self, resource_type: str) -> Iterator[dict[str, Any]]:
        after = 0
        while page := self._store.records(self._kind(resource_type), after=after, limit=_PAGE):
            yield from (record.body for record in page)
            after = page[-1].id

    def _kind(self, resource_type: str) -> str:
        return f"{self._prefix}/{resource_type.lower()}"


class Records:
    """Gives out units, one at a time: between a check and its write nobody else writes.

    What rules write into the store beside the unit is kept or forgotten with it.
    """

    def __init__(self, store: Store, server: ServerDescription, guard: Guard | None = None) -> None:
        self._store = store
        self._prefix = server.kind_prefix
        self._guard = guard or store.together

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """A unit that is kept where the block ends well, and forgotten where it raises."""
        with self._guard():
            unit = Unit(self._store, self._prefix)
            yield unit
            unit.keep()
