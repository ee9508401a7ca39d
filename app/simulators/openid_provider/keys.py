"""The keys by which a provider signs."""

import secrets
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from app.simulators.openid_provider.provider import Provider
from app.simulators.store import Store


class SigningKeys:
    """Kept in the store: the newest one signs, all are published, so that a change of keys breaks no sign-in."""

    def __init__(self, provider: Provider, store: Store) -> None:
        self._kind = provider.kind("key")
        self._store = store
        self._imported: dict[str, RSAKey] = {}

    def public(self) -> dict[str, Any]:
        """The JWK Set."""
        return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "RS256"} for key in self._all()]}

    def rotate(self) -> None:
        """From now on a new key signs."""
        key = RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(8)}, private=True)
        self._store.add(self._kind, str(key.kid), key.as_dict(private=True))

    def sign(self, claims: Mapping[str, Any], *, typ: str = "JWT") -> str:
        """A signed token of this type."""
        key = self._all()[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": typ}, dict(claims), key, algorithms=["RS256"])

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that we signed, however old it is; None where we did not."""
        try:
            return jwt.decode(token, KeySet(list(self._all())), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None

    def _all(self) -> list[RSAKey]:
        kept = self._store.records(self._kind)
        if not kept:
            self.rotate()
            kept = self._store.records(self._kind)
        for record in kept:
            if record.key not in self._imported:
                self._imported[record.key] = RSAKey.import_key(record.body)
        return [self._imported[record.key] for record in kept]
