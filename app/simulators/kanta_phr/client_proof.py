"""How a client proves itself at the token endpoint: Basic, secret in the body (RFC 6749, 2.3.1), or signed JWT."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request

from app.simulators.openid_provider.client_assertion import TokenRefused, authenticate_client
from app.simulators.openid_provider.provider import Provider
from app.simulators.settings import ClientRegistration, PhrClient
from app.simulators.store import Store


class ClientProof:
    """Knows the one registered client."""

    def __init__(self, client: PhrClient, store: Store, *, base: str) -> None:
        self._client = client
        self._store = store
        registration = ClientRegistration(client.redirect_uris, (), client.jwks or {"keys": []})
        self._signers = Provider(
            name="kanta-phr", issuer=base, clients={client.client_id: registration}, logins=(), acr_values=()
        )

    def check(self, request: Request, form: Mapping[str, str]) -> str:
        """The id of the client. Raises TokenRefused (`invalid_client`)."""
        if "client_assertion" in form:
            if not self._client.jwks:
                raise refused("this client has no keys")
            return authenticate_client(self._signers, self._store, form)
        client_id, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        known = client_id == self._client.client_id and form.get("client_id", client_id) == client_id
        # A client with keys proves itself by them alone.
        right = not self._client.jwks and hmac.compare_digest(secret.encode(), self._client.client_secret.encode())
        if not (known and right):
            raise refused("unknown client or wrong secret")
        return client_id


def refused(description: str) -> TokenRefused:
    return TokenRefused("invalid_client", description, status=401)


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise refused("the Authorization header is malformed") from None
    return unquote_plus(client_id), unquote_plus(secret)
