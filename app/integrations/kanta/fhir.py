"""What both Kanta adapters need of FHIR: checking what we send, and what may be kept of a refusal."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from app.integrations.http import Rejected

_OTHER_BLANK = re.compile(r"[^\S \r\n\t]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Issue(BaseModel):
    """One issue of an OperationOutcome without its words: these may repeat personal data."""

    code: str = ""
    expression: list[str] = []


class _Outcome(BaseModel):
    issue: list[Issue] = []


def spoken(**texts: str) -> dict[str, str]:
    """The texts as members of a resource; those without a word are left out, as FHIR has no empty strings.

    FHIR's strings know no blanks but the plain ones, and our typography has others, as before a unit.
    """
    tidy = {name: _CONTROL.sub("", _OTHER_BLANK.sub(" ", text)) for name, text in texts.items()}
    return {name: text for name, text in tidy.items() if text.strip()}


def checked(system: str, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource, which is valid FHIR R4. Raises Rejected: sending it would fail, now and later."""
    try:
        for part in _with_contained(resource):
            get_fhir_model_class(part["resourceType"]).model_validate(part)
    except ValidationError as error:
        places = {".".join(map(str, found["loc"])) for found in error.errors(include_url=False, include_input=False)}
        raise Rejected(system, "not valid FHIR", status=422, body={"places": sorted(places)}) from None
    return resource


def discreet(refusal: Rejected) -> Mapping[str, Any]:
    """What of the answer's OperationOutcome may be kept: issue types and places."""
    try:
        issues = _Outcome.model_validate(refusal.body).issue
    except ValidationError:
        issues = []
    return {"issues": [issue.model_dump() for issue in issues]}


def _with_contained(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The strict models do not look into contained resources by themselves."""
    yield resource
    yield from resource.get("contained", [])
