"""The header by which an e-service proves who asks."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from starlette.requests import Request

from app.simulators.settings import MandatesClient

HEADER = "X-AsiointivaltuudetAuthorization"
SKEW = timedelta(minutes=5)


def signing_client(
    request: Request, clients: Sequence[MandatesClient], key: Callable[[MandatesClient], str]
) -> MandatesClient | None:
    """The client that has signed `request` with its `key` within SKEW of now; None where nobody has."""
    client_id, _, rest = request.headers.get(HEADER, "").partition(" ")
    timestamp, _, signature = rest.partition(" ")
    client = next((client for client in clients if client.client_id == client_id), None)
    if client is None or not _is_fresh(timestamp):
        return None
    expected = (_signature(key(client), path, timestamp) for path in _paths(request))
    return client if any(hmac.compare_digest(signature.encode(), known) for known in expected) else None


def _is_fresh(timestamp: str) -> bool:
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    return at.tzinfo is not None and abs(datetime.now(UTC) - at) <= SKEW


def _paths(request: Request) -> tuple[bytes, ...]:
    """Path and query as they came. The real service stands at the root of its host, we below a path of ours: both
    the whole and what follows our own path are taken."""
    query = request.scope["query_string"]
    whole = request.scope["raw_path"] + (b"?" + query if query else b"")
    return whole, whole.removeprefix(request.scope.get("root_path", "").encode())


def _signature(key: str, path_and_query: bytes, timestamp: str) -> bytes:
    digest = hmac.new(key.encode(), path_and_query + b" " + timestamp.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest)
