"""Batch and transaction: several interactions in one request (R4, section 3.1.0.11)."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from app.simulators.fhir_server.description import Action, Interaction, Resource
from app.simulators.fhir_server.incoming import check_valid, read_query
from app.simulators.fhir_server.interactions import Interactions
from app.simulators.fhir_server.refusal import Refusal, Refused, insist, outcome, refuse
from app.simulators.fhir_server.rules import Answer, Context
from app.simulators.fhir_server.searching import search

_ORDER = ("DELETE", "POST", "PUT", "GET")
_ACTIONS: Mapping[str, Action] = {"DELETE": "delete", "POST": "create", "PUT": "update"}
_INTERACTIONS: Mapping[Action, Interaction] = {
    "delete": "delete",
    "create": "create",
    "update": "update",
    "read": "read",
    "search": "search-type",
}
Entry = dict[str, Any]


def check_bundle(bundle: Resource, interactions: Interactions) -> None:
    """Raises Refused where this is neither a batch nor a transaction, or an entry cannot be understood."""
    # The resources are checked one by one: in a batch one that is invalid fails alone.
    entries = [{k: v for k, v in entry.items() if k != "resource"} for entry in _entries(bundle)]
    check_valid({**bundle, "entry": entries} if entries else bundle, "Bundle", interactions.server)
    if bundle.get("type") not in ("batch", "transaction"):
        raise refuse(400, "invalid", "the bundle must be a batch or a transaction")
    for entry in bundle.get("entry", []):
        if entry.get("request", {}).get("method") not in _ORDER:
            raise refuse(400, "invalid", "an entry has no request, or one of an unknown method")


def _entries(bundle: Resource) -> list[Entry]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise refuse(400, "structure", "the bundle's entries are malformed")
    return entries


def transaction(bundle: Resource, context: Context, interactions: Interactions) -> Answer:
    """All entries or none. Raises Refused with the number of the entry that failed."""
    entries = bundle.get("entry", [])
    known = _new_places(entries, context, interactions)
    answers: dict[int, Entry] = {}
    for number in sorted(range(len(entries)), key=lambda i: _ORDER.index(entries[i]["request"]["method"])):
        entry = _with_references(entries[number], known)
        try:
            answers[number] = _told(_perform(entry, context, interactions, known.get(entry.get("fullUrl", ""), "")))
        except Refused as refused:
            raise _at(refused.refusal, number) from refused
    return _response("transaction-response", [answers[number] for number in range(len(entries))])


def batch(
    bundle: Resource, in_unit: Callable[[Callable[[Context], Answer]], Answer], interactions: Interactions
) -> Answer:
    """Each entry for itself; what fails is told in its place."""
    answers = []
    for entry in bundle.get("entry", []):
        try:
            answers.append(_told(in_unit(lambda context, e=entry: _perform(e, context, interactions, ""))))  # type: ignore[misc]
        except Refused as refused:
            told = outcome(refused.refusal, interactions.server)
            answers.append({"response": {"status": _status(refused.refusal.status), "outcome": told}})
    return _response("batch-response", answers)


def _perform(entry: Entry, context: Context, interactions: Interactions, place: str) -> Answer:
    asked, resource = entry["request"], entry.get("resource", {})
    path, _, query = str(asked["url"]).removeprefix(f"{interactions.base_url}/").partition("?")
    resource_type, _, resource_id = path.strip("/").partition("/")
    action = _ACTIONS.get(asked["method"]) or ("read" if resource_id else "search")
    if _INTERACTIONS[action] not in interactions.described(resource_type).interactions:
        raise refuse(405, "not-supported", f"{action} is not offered for {resource_type}")
    insist(interactions.rules.authorise(context.request, resource_type, action))
    if action == "create":
        wanted = asked.get("ifNoneExist", "")
        return interactions.create(
            resource_type, resource, context, if_none_exist=wanted, as_id=place.partition("/")[2]
        )
    if action == "update":
        return interactions.update(resource_type, resource_id, resource, context, if_match=asked.get("ifMatch", ""))
    if action == "delete":
        return interactions.delete(resource_type, resource_id, context, if_match=asked.get("ifMatch", ""))
    if action == "read":
        return interactions.read(resource_type, resource_id, context)
    return search(interactions, resource_type, read_query(query), context)


def _new_places(entries: list[Entry], context: Context, interactions: Interactions) -> dict[str, str]:
    """Where each new resource will stand: by its `fullUrl`, "Type/id"."""
    places = {}
    for entry in entries:
        asked, url = entry["request"], entry.get("fullUrl", "")
        if asked["method"] != "POST" or not url:
            continue
        described = interactions.described(str(asked["url"]).partition("?")[0])
        wanted = asked.get("ifNoneExist", "")
        existing = interactions.match(described, wanted, context) if wanted else None
        places[url] = f"{described.type}/{existing['id'] if existing else uuid4()}"
    return places


def _with_references(node: Any, places: Mapping[str, str]) -> Any:
    """The same with references to new resources pointing to where these will stand."""
    if isinstance(node, list):
        return [_with_references(item, places) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: places.get(value, value)
        if name == "reference" and isinstance(value, str)
        else _with_references(value, places)
        for name, value in node.items()
    }


def _told(answer: Answer) -> Entry:
    response = {"status": _status(answer.status)}
    for header, name in (("Location", "location"), ("ETag", "etag")):
        if header in answer.headers:
            response[name] = answer.headers[header]
    if answer.resource and "meta" in answer.resource:
        response["lastModified"] = answer.resource["meta"]["lastUpdated"]
    return {"resource": answer.resource, "response": response} if answer.resource else {"response": response}


def _at(refusal: Refusal, number: int) -> Refused:
    return refuse(refusal.status, refusal.code, f"entry[{number}]: {refusal.diagnostics}", refusal.detail)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _response(bundle_type: str, entries: list[Entry]) -> Answer:
    bundle = {"resourceType": "Bundle", "type": bundle_type}
    return Answer(200, {**bundle, "entry": entries} if entries else bundle)
