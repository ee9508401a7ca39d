"""Where a FHIR server says that a resource stands."""

import re

import httpx
from pydantic import BaseModel

from app.integrations.http import OutsideClient

_ID = r"[A-Za-z0-9.\-]{1,64}"


class _Named(BaseModel):
    resourceType: str  # noqa: N815 - FHIR's name
    id: str


def created_id(outside: OutsideClient, answer: httpx.Response, resource_type: str) -> str:
    """The id of a created or matched resource, from the body or, where none came, from `Location`.

    Raises Unavailable where neither tells.
    """
    if answer.content:
        named = outside.check(answer, _Named)
        if named.resourceType == resource_type and re.fullmatch(_ID, named.id):
            return named.id
    found = re.search(rf"(?:^|/){resource_type}/({_ID})(?:/_history/[^/]+)?$", answer.headers.get("Location", ""))
    if found is None:
        raise outside.odd(answer, "no id")
    return found[1]
