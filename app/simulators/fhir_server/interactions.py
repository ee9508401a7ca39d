"""The interactions of the FHIR REST interface (R4, section 3.1), each inside one unit."""

import re
from datetime import datetime
from email.utils import format_datetime
from uuid import uuid4

from app.simulators.fhir_server.description import Resource, ResourceDescription, ServerDescription, VersionGuard
from app.simulators.fhir_server.incoming import check_valid, read_query
from app.simulators.fhir_server.records import Version
from app.simulators.fhir_server.refusal import insist, refuse
from app.simulators.fhir_server.rules import Answer, Context, Rules
from app.simulators.fhir_server.search import known_and_unknown

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


class Interactions:
    """What can be done with one resource at a time. All methods raise Refused."""

    def __init__(self, server: ServerDescription, base_url: str, rules: Rules) -> None:
        self.server = server
        self.base_url = base_url
        self.rules = rules

    def create(
        self, resource_type: str, resource: Resource, context: Context, *, if_none_exist: str = "", as_id: str = ""
    ) -> Answer:
        """201 with the new resource; 200 with the one that `if_none_exist` matches, 412 where it matches several."""
        described = self.described(resource_type)
        if if_none_exist and described.conditional_create:
            existing = self.match(described, if_none_exist, context)
            if existing:
                return self.answer(200, existing, context)
        check_valid(resource, resource_type, self.server)
        fresh = {**resource, "id": as_id or str(uuid4())}
        insist(self.rules.before_create(fresh, context))
        return self.answer(201, context.unit.put(fresh, method="POST"), context)

    def read(self, resource_type: str, resource_id: str, context: Context, *, if_none_match: str = "") -> Answer:
        current = self.current(resource_type, resource_id, context)
        known = _ETAG.fullmatch(if_none_match)
        if current["meta"]["versionId"] in (known[1] if known else None, if_none_match):
            return Answer(304, None, self.answer(304, current, context).headers)
        return self.answer(200, current, context)

    def vread(self, resource_type: str, resource_id: str, number: str, context: Context) -> Answer:
        version = context.unit.version(resource_type, resource_id, int(number)) if _is_number(number) else None
        if version is None or (version.resource and not self.rules.may_see(version.resource, context)):
            raise refuse(404, "not-found", "there is no such version")
        if version.resource is None:
            raise refuse(410, "deleted", "this version is a deletion")
        return self.answer(200, version.resource, context)

    def update(
        self, resource_type: str, resource_id: str, resource: Resource, context: Context, *, if_match: str = ""
    ) -> Answer:
        described = self.described(resource_type)
        newest = context.unit.newest(resource_type, resource_id)
        if (newest is None or newest.resource is None) and described.chosen_ids:
            return self.create(resource_type, resource, context, as_id=resource_id)
        if newest is None:
            raise refuse(405, "not-supported", "the server chooses the ids of new resources")
        current = self.current(resource_type, resource_id, context)
        _check_version(described.guard, if_match, newest)
        check_valid(resource, resource_type, self.server)
        if resource.get("id") != resource_id:
            raise refuse(400, "invalid", "the resource's id and that of the address differ")
        changed = dict(resource)
        insist(self.rules.before_update(changed, current, context))
        return self.answer(200, context.unit.put(changed), context)

    def delete(self, resource_type: str, resource_id: str, context: Context, *, if_match: str = "") -> Answer:
        """204, also where it was deleted before."""
        newest = context.unit.newest(resource_type, resource_id)
        if newest and newest.resource is None:
            return Answer(204)
        current = self.current(resource_type, resource_id, context)
        if newest:
            _check_version(self.described(resource_type).guard, if_match, newest)
        insist(self.rules.before_delete(current, context))
        context.unit.delete(resource_type, resource_id)
        return Answer(204)

    def current(self, resource_type: str, resource_id: str, context: Context) -> Resource:
        """The resource as it stands. Raises Refused: 404, also for what the client may not see; 410 deleted."""
        newest = context.unit.newest(resource_type, resource_id)
        if newest and newest.resource is None:
            raise refuse(410, "deleted", "the resource has been deleted")
        if newest is None or newest.resource is None or not self.rules.may_see(newest.resource, context):
            raise refuse(404, "not-found", "there is no such resource")
        return newest.resource

    def match(self, described: ResourceDescription, query: str, context: Context) -> Resource | None:
        """The only resource that fulfils the query of `If-None-Exist`, None where there is none."""
        pairs, unknown = known_and_unknown(described, read_query(query))
        if unknown or not pairs:
            raise refuse(412, "not-supported", "If-None-Exist names no or an unknown parameter")
        found = [one for one in context.search(described.type, pairs) if self.rules.may_see(one, context)]
        if len(found) > 1:
            raise refuse(412, "multiple-matches", "If-None-Exist matches several resources")
        return found[0] if found else None

    def described(self, resource_type: str) -> ResourceDescription:
        described = self.server.resource(resource_type)
        if described is None:
            raise refuse(404, "not-supported", "the resource type is not known here")
        return described

    def answer(self, status: int, resource: Resource, context: Context) -> Answer:
        """The resource with its version headers."""
        meta = resource["meta"]
        headers = {
            "ETag": f'W/"{meta["versionId"]}"',
            "Last-Modified": format_datetime(datetime.fromisoformat(meta["lastUpdated"]), usegmt=True),
            **self.rules.answer_headers(resource, context),
        }
        if status == 201:
            path = f"{resource['resourceType']}/{resource['id']}/_history/{meta['versionId']}"
            headers["Location"] = f"{self.base_url}/{path}"
        return Answer(status, resource, headers)


def _check_version(guard: VersionGuard, if_match: str, newest: Version) -> None:
    if not if_match:
        if guard.required:
            raise refuse(guard.missing_status, "required", "If-Match is required")
        return
    known = _ETAG.fullmatch(if_match.strip())
    if known is None:
        raise refuse(400, "value", 'If-Match must look like W/"1"')
    if int(known[1]) != newest.number:
        raise refuse(guard.stale_status, "conflict", "the resource has changed since that version")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
