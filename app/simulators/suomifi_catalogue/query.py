"""Reading requests as the interface reads them: what it can't read is a 400 with the property's name and messages."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

STATUSES = ("Published", "Archived", "Withdrawn")
AREAS = ("Municipality", "Region", "Province", "BusinessSubRegion", "HospitalDistrict", "WellbeingServicesCounty")
GUIDS = 100  # identifiers in one request
Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """The interface's error answer: `{"property": ["message"]}`."""

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = JSONResponse({field: [message]}, status_code=status)


def unknown(field: str) -> Refused:
    """There is no such thing: 404."""
    return Refused(field, "No item with this value was found.", 404)


def answering(handler: Handler) -> Handler:
    """The handler with what it refuses as an answer."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return refused.answer

    return answered


def guid(value: str, field: str = "id") -> str:
    """An identifier in its usual writing. Raises Refused."""
    try:
        read = str(UUID(value))
    except ValueError:
        read = ""
    if read != value.lower():  # UUID also takes braces and no dashes
        raise Refused(field, "Guid should contain 32 digits with 4 dashes.")
    return read


def guids(request: Request) -> list[str]:
    """The identifiers of `guids`, at most GUIDS. Raises Refused."""
    asked = [one.strip() for one in request.query_params.get("guids", "").split(",") if one.strip()]
    if not asked:
        raise Refused("guids", "The guids field is required.")
    if len(asked) > GUIDS:
        raise Refused("guids", f"At most {GUIDS} items can be asked for in one request.")
    return [guid(one, "guids") for one in dict.fromkeys(asked)]


def page_number(request: Request) -> int:
    """`page`, which begins from 1. Raises Refused."""
    value = request.query_params.get("page") or "1"
    if not (value.isascii() and value.isdecimal() and len(value) < 7 and int(value) > 0):
        raise Refused("page", "The page should be a number from 1.")
    return int(value)


def choice(value: str, field: str, allowed: tuple[str, ...]) -> str:
    """`value` where it is among the `allowed`. Raises Refused."""
    if value not in allowed:
        raise Refused(field, f"The value should be one of: {', '.join(allowed)}.")
    return value


def moment(request: Request, field: str) -> datetime | None:
    """The time of a filter, UTC where it says no zone; None without the filter. Raises Refused."""
    value = request.query_params.get(field)
    if not value:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise Refused(field, "The value is not a valid date.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def flag(request: Request, field: str) -> bool:
    """A truth value; absent is false. Raises Refused."""
    return choice(request.query_params.get(field, "false").lower(), field, ("true", "false")) == "true"
