"""What comes in: media types, bodies, and resources that are valid FHIR."""

import json
from typing import Any
from urllib.parse import parse_qsl

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError
from starlette.requests import Request

from app.simulators.fhir_server.description import Resource, ServerDescription
from app.simulators.fhir_server.refusal import refuse
from app.simulators.incoming import BadInput, parse_json, read_body

FHIR_JSON = "application/fhir+json"
_JSON = frozenset({FHIR_JSON, "application/json", "text/json"})
_ACCEPTED = _JSON | {"*/*", "application/*", ""}
_FORM = "application/x-www-form-urlencoded"
_REPORTED_ERRORS = 5
Pairs = list[tuple[str, str]]


def check_accept(request: Request) -> None:
    """Raises Refused (406) where the client takes no JSON. `_format` goes before the header (R4, 3.1.0.1.11)."""
    wanted = request.query_params.get("_format") or request.headers.get("accept", "")
    if wanted == "json":
        return
    if not any(_media_type(part) in _ACCEPTED for part in wanted.split(",")):
        raise refuse(406, "not-supported", f"only {FHIR_JSON} is spoken here")


async def read_resource(request: Request) -> Resource:
    """The body as a JSON object. Raises Refused (415, 400)."""
    if _media_type(request.headers.get("content-type", "")) not in _JSON:
        raise refuse(415, "not-supported", f"the body must be {FHIR_JSON}")
    try:
        parsed = parse_json(await read_body(request))
        # Numbers that are none and halves of characters are no JSON, though Python's parser takes them.
        json.dumps(parsed, allow_nan=False, ensure_ascii=False).encode()
    except BadInput as bad:
        raise refuse(400, "structure", bad.reason) from bad
    except ValueError as error:
        raise refuse(400, "structure", "the body is not JSON") from error
    if not isinstance(parsed, dict):
        raise refuse(400, "structure", "the body is no resource")
    return parsed


async def read_search_form(request: Request) -> Pairs:
    """The parameters of `POST Type/_search`, with those of its address. Raises Refused (415, 400)."""
    if _media_type(request.headers.get("content-type", "")) != _FORM:
        raise refuse(415, "not-supported", f"the body must be {_FORM}")
    try:
        body = (await read_body(request)).decode("ascii")
        return [*request.query_params.multi_items(), *parse_qsl(body, max_num_fields=100, errors="strict")]
    except (BadInput, ValueError) as error:
        raise refuse(400, "structure", "the body is no form") from error


def read_query(text: str) -> Pairs:
    """The pairs of a query that stands in a header or in an entry's address. Raises Refused (400)."""
    try:
        return parse_qsl(text.lstrip("?"), max_num_fields=100, errors="strict")
    except ValueError as error:
        raise refuse(400, "structure", "a query is malformed") from error


def check_valid(resource: Any, resource_type: str, server: ServerDescription) -> None:
    """Raises Refused where this is no valid FHIR R4 resource of the type; says where, never what was sent."""
    if not isinstance(resource, dict) or resource.get("resourceType") != resource_type:
        raise refuse(400, "structure", f"the resource must be of type {resource_type}")
    try:
        get_fhir_model_class(resource_type).model_validate(resource)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        code = "required" if all(one["type"] == "missing" for one in found) else "structure"
        raise refuse(server.invalid_status, code, "; ".join(map(_told, found[:_REPORTED_ERRORS]))) from error
    except RecursionError as error:
        raise refuse(400, "structure", "the resource is nested too deep") from error


def _told(error: Any) -> str:
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"[:200]


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()
