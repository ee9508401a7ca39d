"""Opening what a provider has encrypted for us: a signed token inside a JWE (RFC 7519, 11.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey

# The algorithms of Traficom's recommendation 213. Compression is not among them: it would let a short message grow.
ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "A128CBC-HS256", "A128GCM")
_SEALED_PARTS = 5  # a JWE has five parts, a JWS three (RFC 7516, 9)


class CannotOpen(Exception):
    """Encrypted for somebody else, by an algorithm that we don't take, damaged, or open where it must not be."""


class SealedTokens:
    """Opens tokens with any of `keys` (JWKs); `required` says that no token may come open."""

    def __init__(self, keys: Sequence[Mapping[str, Any]], *, required: bool) -> None:
        self._keys = [RSAKey.import_key(dict(key)) for key in keys]
        self._required = required

    def open(self, token: str) -> str:
        """The signed token inside; one that was not encrypted comes back as it is. Raises CannotOpen."""
        if token.count(".") + 1 == _SEALED_PARTS:
            return self._decrypt(token)
        if self._required:
            raise CannotOpen
        return token

    def _decrypt(self, token: str) -> str:
        # Providers repeat claims (iss, aud) in the header; the strict check would refuse them.
        registry = JWERegistry(algorithms=ALGORITHMS, strict_check_header=False)
        for key in self._keys:
            try:
                opened = jwe.decrypt_compact(token, key, registry=registry)
                return (opened.plaintext or b"").decode("ascii")
            except (JoseError, ValueError, TypeError):
                continue  # during a change of keys, or without a kid, another one fits
        raise CannotOpen
