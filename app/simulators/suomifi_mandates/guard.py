"""Who comes in: only signed requests of registered services, and refusals that never say why."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.settings import MandatesClient
from app.simulators.suomifi_mandates.checksum import signing_client

Handler = Callable[[Request, MandatesClient], Awaitable[Response]]


class Refused(Exception):
    """The interface's error answer."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.answer = JSONResponse({"error": error}, status_code=status)


def guarded(
    handler: Handler, clients: Sequence[MandatesClient], key: Callable[[MandatesClient], str]
) -> Callable[[Request], Awaitable[Response]]:
    """`handler` for requests signed with their client's `key`: 401 for others, 403 where the path names a service
    that is not the one who signs."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request, _admitted(request, clients, key))
        except Refused as refused:
            return refused.answer

    return answered


def _admitted(
    request: Request, clients: Sequence[MandatesClient], key: Callable[[MandatesClient], str]
) -> MandatesClient:
    named = request.path_params.get("client_id")
    if named is not None and named not in {client.client_id for client in clients}:
        raise Refused(403, "forbidden")
    client = signing_client(request, clients, key)
    if client is None:
        raise Refused(401, "unauthorized")
    if named not in (None, client.client_id):
        raise Refused(403, "forbidden")
    return client
