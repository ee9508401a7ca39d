"""Search and history as bundles: pages, links, included resources."""

from collections.abc import Iterator
from urllib.parse import urlencode

from app.simulators.fhir_server.description import Resource, ResourceDescription
from app.simulators.fhir_server.interactions import Interactions
from app.simulators.fhir_server.matching import values_at
from app.simulators.fhir_server.refusal import insist, refuse
from app.simulators.fhir_server.rules import Answer, Context
from app.simulators.fhir_server.search import Query, known_and_unknown

_ITERATING = ("_include:iterate", "_include:recurse")  # R4's name, and STU3's that clients still send
_DEEPEST = 5


def search(interactions: Interactions, resource_type: str, query: Query, context: Context) -> Answer:
    """One page of what matches, oldest first, with what `_include` follows. Raises Refused."""
    described = interactions.described(resource_type)
    known, unknown = known_and_unknown(described, query)
    if unknown and _is_strict(interactions, context):
        raise refuse(400, "not-supported", f"unknown search parameter: {', '.join(unknown)[:200]}")
    insist(interactions.rules.before_search(resource_type, known, context))
    found = [one for one in context.search(resource_type, known) if interactions.rules.may_see(one, context)]
    size, offset = _page(interactions, dict(known))
    page = found[offset : offset + size]
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "link": list(_links(interactions, resource_type, known, size, offset, len(found))),
    }
    entries = [_entry(interactions, one, "match") for one in page]
    entries += [
        _entry(interactions, one, "include") for one in _included(interactions, described, page, known, context)
    ]
    # An empty list is no valid FHIR.
    return Answer(200, {**bundle, "entry": entries} if entries else bundle)


def history(interactions: Interactions, resource_type: str, resource_id: str, context: Context) -> Answer:
    """All versions of one resource, newest first. Raises Refused."""
    newest = context.unit.newest(resource_type, resource_id)
    if newest is None or (newest.resource and not interactions.rules.may_see(newest.resource, context)):
        raise refuse(404, "not-found", "there is no such resource")
    numbers = range(newest.number, 0, -1)
    versions = [found for number in numbers if (found := context.unit.version(resource_type, resource_id, number))]
    path = f"{resource_type}/{resource_id}"
    entries = [
        {
            "fullUrl": f"{interactions.base_url}/{path}",
            **({"resource": version.resource} if version.resource else {}),
            "request": {"method": version.method, "url": resource_type if version.method == "POST" else path},
            "response": {
                "status": _STATUS[version.method],
                "etag": f'W/"{version.number}"',
                "lastModified": version.at,
            },
        }
        for version in versions
    ]
    return Answer(200, {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries})


_STATUS = {"POST": "201", "PUT": "200", "DELETE": "204"}


def _is_strict(interactions: Interactions, context: Context) -> bool:
    prefer = context.request.headers.get("prefer", "")
    return "handling=strict" in prefer or (interactions.server.strict_search and "handling=lenient" not in prefer)


def _page(interactions: Interactions, query: dict[str, str]) -> tuple[int, int]:
    size = _number(query.get("_count", str(interactions.server.page_size)), "_count")
    return min(size, interactions.server.largest_page), _number(query.get("_offset", "0"), "_offset")


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise refuse(400, "value", f"{name} must be a number")
    return int(text)


def _links(
    interactions: Interactions, resource_type: str, query: Query, size: int, offset: int, total: int
) -> Iterator[dict[str, str]]:
    """`self` tells which parameters were understood."""
    kept = [pair for pair in query if pair[0] not in ("_count", "_offset")]
    offsets = {"self": offset}
    if size and offset + size < total:
        offsets["next"] = offset + size
    if size and offset:
        offsets["previous"] = max(0, offset - size)
    for relation, start in offsets.items():
        asked = urlencode([*kept, ("_count", str(size)), ("_offset", str(start))])
        yield {"relation": relation, "url": f"{interactions.base_url}/{resource_type}?{asked}"}


def _entry(interactions: Interactions, resource: Resource, mode: str) -> Resource:
    url = f"{interactions.base_url}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def _included(
    interactions: Interactions, described: ResourceDescription, page: list[Resource], query: Query, context: Context
) -> list[Resource]:
    seen = {(one["resourceType"], one["id"]) for one in page}
    found: list[Resource] = []
    direct = [value for name, value in query if name == "_include"]
    iterating = [value for name, value in query if name in _ITERATING]
    for value in direct:
        _check_include(described, value)
    layer, paths = page, [*direct, *iterating]
    for _ in range(_DEEPEST):
        layer = [one for resource in layer for one in _targets(interactions, resource, paths, seen, context)]
        found += layer
        paths = iterating
    return found


def _check_include(described: ResourceDescription, value: str) -> None:
    source, _, rest = value.partition(":")
    if source == described.type and rest.partition(":")[0] not in described.includes:
        raise refuse(400, "not-supported", "_include names a reference that cannot be followed")


def _targets(
    interactions: Interactions, resource: Resource, paths: list[str], seen: set[tuple[str, str]], context: Context
) -> Iterator[Resource]:
    described = interactions.server.resource(resource["resourceType"])
    for path in paths:
        source, name, wanted = (*path.split(":"), "", "")[:3]
        parameter = described.parameter(name) if described and name in described.includes else None
        if source != resource["resourceType"] or parameter is None:
            continue
        for place in parameter.paths:
            for reference in values_at(resource, f"{place}.reference"):
                key = _key(reference)
                target = None if key in seen or wanted not in ("", key[0]) else context.read(*key)
                if target and interactions.rules.may_see(target, context):
                    seen.add(key)
                    yield target


def _key(reference: str) -> tuple[str, str]:
    resource_type, _, resource_id = "/".join(reference.split("/")[-2:]).partition("/")
    return resource_type, resource_id
