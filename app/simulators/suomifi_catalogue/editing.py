"""The simulator's own door: tests and people change the catalogue through /_edit, which the real one doesn't have.

`PUT /_edit/Service/{id}` with fields to change (`{"publishingStatus": "Withdrawn"}`) or a whole new item; nothing in
them is checked. `PUT /_edit/paging` with `{"ids": 20, "objects": 10}`. `DELETE /_edit` takes every change back.
"""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.incoming import BadInput, read_json
from app.simulators.suomifi_catalogue import query
from app.simulators.suomifi_catalogue.query import Refused
from app.simulators.suomifi_catalogue.shelf import KINDS, PAGING, Json, Shelf


class Editing:
    """Handlers that change the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def edit(self, request: Request) -> Response:
        kind = next((one for one in KINDS if one == request.path_params["kind"]), None)
        if kind is None:
            raise query.unknown("kind")
        return JSONResponse(self._shelf.edit(kind, query.guid(request.path_params["id"]), await _fields(request)))

    async def set_paging(self, request: Request) -> Response:
        sizes = await _fields(request)
        if not all(name in PAGING and type(size) is int and 0 < size <= 1000 for name, size in sizes.items()):
            raise Refused("paging", "Only ids and objects, 1 to 1000.")
        self._shelf.set_paging(sizes)
        return JSONResponse(dict(self._shelf.paging))

    async def restore(self, _request: Request) -> Response:
        self._shelf.restore()
        return Response(status_code=204)


async def _fields(request: Request) -> Json:
    try:
        fields = await read_json(request)
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except BadInput as bad:
        raise Refused("body", bad.reason) from bad
    except ValueError as error:  # half characters and NaN can be read, but not answered
        raise Refused("body", "The body has something that JSON can't carry.") from error
    if not isinstance(fields, dict):
        raise Refused("body", "The body should be an object.")
    return fields
