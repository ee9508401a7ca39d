"""What an OpenID Provider publishes about itself: its addresses and keys, fetched once and kept for a while."""

import time
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.integrations.http import OutsideClient, Unavailable

KEPT_SECONDS = 3600.0
# Whoever sends us tokens with made-up key names must not make us ask the provider each time.
ASKED_AGAIN_SECONDS = 5.0


class ProviderMetadata:
    """Every method may ask the provider, and raises Unavailable or Rejected like `OutsideClient`."""

    def __init__(self, outside: OutsideClient, issuer: str) -> None:
        self._outside = outside
        self._issuer = issuer
        self._document: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._asked_again = float("-inf")

    async def ask(self) -> None:
        """Ask anew; what is known stays where there is no answer."""
        kept, self._document = self._document, None
        try:
            await self._read()
        finally:
            self._document = self._document or kept

    async def endpoint(self, name: str) -> str:
        """The address that the discovery document gives under `name`."""
        found = (await self._read()).get(name)
        if not isinstance(found, str):
            raise Unavailable(self._outside.system, f"no {name}")
        return found

    async def names_issuer(self) -> bool:
        """True where every authorization answer must carry `iss` (RFC 9207)."""
        return (await self._read()).get("authorization_response_iss_parameter_supported") is True

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The provider's public keys; `fresh` asks again, for a token signed by a key that we don't know."""
        if self._keys is None or (fresh and self._may_ask_again()):
            raw = await self._outside.call_json("GET", await self.endpoint("jwks_uri"))
            try:
                self._keys = KeySet.import_key_set(raw)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise Unavailable(self._outside.system, "malformed keys") from error
        return self._keys

    def _may_ask_again(self) -> bool:
        now = time.monotonic()
        if now - self._asked_again < ASKED_AGAIN_SECONDS:
            return False
        self._asked_again = now
        return True

    async def _read(self) -> dict[str, Any]:
        if self._document is None or time.monotonic() - self._fetched > KEPT_SECONDS:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            answer = await self._outside.call("GET", address)
            document = self._outside.json(answer)
            # OpenID Connect Discovery 1.0, 4.3: otherwise another provider could speak for this one.
            if not isinstance(document, dict) or document.get("issuer") != self._issuer:
                raise self._outside.odd(answer, "malformed discovery document")
            self._document, self._keys, self._fetched = document, None, time.monotonic()
        return self._document
