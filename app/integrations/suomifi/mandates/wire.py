"""What goes over the wire: the header that proves who asks, addresses, and the shapes of answers."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.domain.clock import HELSINKI

CHECKSUM_HEADER = "X-AsiointivaltuudetAuthorization"

Secret = Annotated[str, Field(min_length=1, max_length=4000)]


def checksum(client_id: str, api_key: str, path_and_query: str, at: datetime) -> str:
    """The value of CHECKSUM_HEADER for one request.

    `path_and_query` is exactly what is sent, from /service on, without the host. The time is sent with the offset of
    Finland, to the second; Suomi.fi accepts five minutes on either side.
    """
    timestamp = at.astimezone(HELSINKI).isoformat(timespec="seconds")
    digest = hmac.new(api_key.encode(), f"{path_and_query} {timestamp}".encode(), hashlib.sha256).digest()
    return f"{client_id} {timestamp} {base64.b64encode(digest).decode()}"


def address(*parts: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """Path and query below /service/hpa, in the very form in which they are signed and sent."""
    path = "/".join(quote(part, safe="") for part in parts)
    text = urlencode(list(query), quote_via=quote, safe="")
    return f"/service/hpa/{path}{'?' if text else ''}{text}"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)


class Session(_Answer):
    """Answer of register."""

    session_id: Secret = Field(alias="sessionId")
    user_id: Secret = Field(alias="userId")


class Token(_Answer):
    """Answer of /oauth/token; its refresh token is of no use to us."""

    access_token: Secret
    token_type: Annotated[str, Field(pattern="(?i)^bearer$")]


class Person(_Answer):
    """One element of the answer of delegate."""

    person_id: Annotated[str, Field(alias="personId", min_length=11, max_length=11)]
    name: str


class Decision(_Answer):
    """Answer of authorization. Its reasons are not read: they must not come further."""

    result: Literal["ALLOWED", "DISALLOWED"]


class RoleList(_Answer):
    """Answer of authorizationlist."""

    roles: list[str]
