"""What the stand-ins of our own design share: JSON in and out, one key per client, one shape of refusal.

{"error": {"code": "invalid_request", "message": "…", "fields": ["to"]}}
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.incoming import BadInput, parse_json, read_body

BodyType = TypeVar("BodyType", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class Body(BaseModel):
    """A request's body: names in camelCase, no guessing of types; what isn't known is passed over."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True)


class Refused(Exception):
    """The interface's error answer; `message` is for the client's developer and repeats nothing that was sent."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        error = {"code": code, "message": message, "fields": list(fields)}
        self.answer = JSONResponse({"error": error}, status_code=status, headers=dict(headers or {}))


def guarded(key: str, handler: Handler) -> Handler:
    """`handler` for clients that show the key, as `Authorization: Bearer …` or `X-Api-Key: …`."""

    async def answered(request: Request) -> Response:
        try:
            _insist_on(key, request)
            return await handler(request)
        except Refused as refused:
            return refused.answer

    return answered


async def read_as(request: Request, shape: type[BodyType]) -> BodyType:
    """The body as `shape`. Raises Refused: 400 where it is no JSON, 422 where it doesn't fit, naming the fields."""
    try:
        body = await read_body(request)
        parse_json(body)
        return shape.model_validate_json(body)
    except BadInput as bad:
        raise Refused(400, "malformed", bad.reason) from None
    except ValidationError as error:
        named = (".".join(map(str, found["loc"])) for found in error.errors(include_input=False))
        fields = tuple(name for name in named if name)
        raise Refused(422, "invalid_request", "the body does not fit", fields=fields) from None


async def no_such_address(_request: Request, error: Exception) -> Response:
    """For Starlette's `exception_handlers`: its own refusals (404, 405) in our shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Refused(status, "no_such_address", "there is nothing at this address, or not by this method").answer


def _insist_on(key: str, request: Request) -> None:
    if not shows(request, key):
        headers = {"WWW-Authenticate": "Bearer"}
        raise Refused(401, "unauthorized", "the key is missing or wrong", headers=headers)


def shows(request: Request, key: str) -> bool:
    """Whether the client has shown this key."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    shown = request.headers.get("x-api-key", "") or bearer
    return hmac.compare_digest(shown.encode(), key.encode())
