"""Answers that are no: the interface's error bodies, and reading a body into its shape."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.incoming import BadInput, read_json
from app.simulators.suomifi_messages.bodies import validation_errors

BodyType = TypeVar("BodyType", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]
_LONGEST_ID = 18  # digits that surely fit SQLite's integers


class Refused(Exception):
    """The interface's error answer."""

    def __init__(self, status: int, reason: str, **more: Any) -> None:
        super().__init__(reason)
        self.answer = JSONResponse({"reason": reason, **more}, status_code=status)


def invalid(error: str, code: str) -> Refused:
    """A message that is well formed and still can't be sent."""
    return Refused(400, "Validation failed", validationErrors=[{"error": error, "errorCode": code}])


def answering(handler: Handler) -> Handler:
    """`handler`, with refusals as answers."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return refused.answer

    return answered


async def body_as(request: Request, shape: type[BodyType]) -> BodyType:
    """The body as `shape`. Raises Refused."""
    try:
        return shape.model_validate(await read_json(request))
    except BadInput as bad:
        raise Refused(400, bad.reason, validationErrors=[]) from bad
    except ValidationError as error:
        raise Refused(400, "Validation failed", validationErrors=validation_errors(error)) from error


def record_id(text: str) -> int | None:
    """The id that `text` is, None where it is none."""
    fits = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID
    return int(text) if fits else None
