"""What one FHIR server is: its resource types, what may be done with them, and how they are searched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Resource = dict[str, Any]
Interaction = Literal["create", "read", "vread", "update", "delete", "history-instance", "search-type"]
Action = Literal["create", "read", "update", "delete", "history", "search", "operation", "transaction", "metadata"]
SearchKind = Literal["token", "reference", "date", "string"]

READ_ONLY: frozenset[Interaction] = frozenset({"read", "vread", "history-instance", "search-type"})
CHANGEABLE: frozenset[Interaction] = READ_ONLY | {"create", "update"}
EVERYTHING: frozenset[Interaction] = CHANGEABLE | {"delete"}


@dataclass(frozen=True)
class SearchParameter:
    """A search parameter and where its values stand.

    `paths` are element names joined by dots ("participant.actor"), walked through lists; several are alternatives.
    """

    name: str
    kind: SearchKind
    paths: tuple[str, ...]


@dataclass(frozen=True)
class VersionGuard:
    """How `If-Match` is treated.

    FHIR answers a stale version by 412; some servers choose 409. A missing header counts only where it is required.
    """

    required: bool = False
    stale_status: int = 412
    missing_status: int = 412


@dataclass(frozen=True)
class ResourceDescription:
    """One resource type. `includes` names the reference parameters that `_include` may follow.

    `conditional_create`: `If-None-Exist` is understood. `chosen_ids`: a PUT to an unknown id creates it; without
    that, it is 405.
    """

    type: str
    interactions: frozenset[Interaction] = CHANGEABLE
    parameters: tuple[SearchParameter, ...] = ()
    includes: tuple[str, ...] = ()
    guard: VersionGuard = VersionGuard()
    conditional_create: bool = True
    chosen_ids: bool = False
    profiles: tuple[str, ...] = ()

    def parameter(self, name: str) -> SearchParameter | None:
        everywhere = (_ID, _LAST_UPDATED, _PROFILE)
        return next((known for known in (*self.parameters, *everywhere) if known.name == name), None)


@dataclass(frozen=True)
class ServerDescription:
    """One server.

    `kind_prefix` begins the names of its records in the store. `detail_codes` are the server's own codes by HTTP
    status, in `detail_system`, for refusals that bring no code of their own. `invalid_status` answers a resource that
    is no valid FHIR. `strict_search`: unknown parameters are refused also where the client does not ask for that.
    """

    title: str
    kind_prefix: str
    resources: tuple[ResourceDescription, ...]
    detail_system: str | None = None
    detail_codes: Mapping[int, str] = field(default_factory=dict)
    invalid_status: int = 422
    strict_search: bool = False
    page_size: int = 50
    largest_page: int = 500
    bundles: bool = True
    security: Mapping[str, Any] | None = None

    def resource(self, resource_type: str) -> ResourceDescription | None:
        return next((known for known in self.resources if known.type == resource_type), None)


_ID = SearchParameter("_id", "token", ("id",))
_LAST_UPDATED = SearchParameter("_lastUpdated", "date", ("meta.lastUpdated",))
_PROFILE = SearchParameter("_profile", "token", ("meta.profile",))
