"""Reading what a stranger sends: every malformed request becomes one exception with one reason."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

BODY_BYTES = 1_000_000
FIELD_LENGTH = 4000


class BadInput(Exception):
    """The request cannot be read; `reason` is for the developer of the client, in English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def read_body(request: Request) -> bytes:
    """The whole body. Raises BadInput where it is larger than BODY_BYTES."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise BadInput("the body is too large")
    return body


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded body, each at most once. Raises BadInput."""
    body = await read_body(request)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError as error:
        raise BadInput("the body is not application/x-www-form-urlencoded") from error
    return single(pairs)


def read_query(request: Request) -> dict[str, str]:
    """The query's parameters, each at most once. Raises BadInput."""
    return single(request.query_params.multi_items())


async def read_upload(request: Request) -> dict[str, str | bytes]:
    """The fields of a multipart body: text as text, a file as its content, empty ones left out. Raises BadInput."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or len(length) > len(str(BODY_BYTES)) or int(length) > BODY_BYTES:
        raise BadInput("the body is too large, or its size is not told")
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            read = {name: value if isinstance(value, str) else await value.read() for name, value in form.items()}
    except HTTPException as error:
        raise BadInput("the body is not multipart/form-data") from error
    return {name: value for name, value in read.items() if value}


async def read_json(request: Request) -> Any:
    """The body as JSON. Raises BadInput."""
    return parse_json(await read_body(request))


def parse_json(body: bytes) -> Any:
    """JSON. Raises BadInput, also for what is nested so deep that the parser gives up."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("the body is not JSON") from error


def wants_page(request: Request) -> bool:
    """True for a browser, which asks for HTML by name; everybody else gets JSON."""
    return "text/html" in request.headers.get("accept", "")


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`pairs` as a dictionary; an empty value counts as absent (RFC 6749, 3.1).

    Raises BadInput on a repeated or over-long parameter.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput("a parameter is repeated")
        if len(value) > FIELD_LENGTH:
            raise BadInput("a parameter is too long")
        if value:
            found[name] = value
    return found
