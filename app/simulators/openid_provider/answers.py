"""How the provider reads requests and shapes answers."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.simulators.incoming import read_form, read_query


async def parameters(request: Request) -> dict[str, str]:
    """The parameters of a GET or a POST. Raises BadInput."""
    return await read_form(request) if request.method == "POST" else read_query(request)


def with_query(uri: str, values: Mapping[str, str]) -> str:
    if not values:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(values)}"


def see_other(uri: str) -> Response:
    return RedirectResponse(uri, status_code=303)


def uncached(body: Mapping[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def oauth_error(error: str, description: str, status: int) -> Response:
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
