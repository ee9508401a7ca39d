"""The window's own keys, by which identification services know it and encrypt for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey


class BadKeys(ValueError):
    """The key file holds no key that can sign, a key that is not RSA, or two keys of one name."""


@dataclass(frozen=True)
class OwnKeys:
    """Private RSA keys, each for one use (`sig` or `enc`), the ones in use first.

    The first signing key signs; every encryption key opens what was encrypted for it; the public halves of all are
    published. So a change of keys is: add the new key after the old one, wait until the services have fetched it, put
    it first, and take the old one away a day later.
    """

    signing: tuple[RSAKey, ...] = field(repr=False)
    decryption: tuple[RSAKey, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a JWK Set or a single JWK (RFC 7517); a key that names no use signs. Raises BadKeys."""
        try:
            raw = json.loads(text)
            keys = [RSAKey.import_key(one) for one in raw.get("keys", [raw])]
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise BadKeys(f"not a set of RSA keys: {type(error).__name__}") from None
        names = [key.kid for key in keys]
        signing = tuple(key for key in keys if key.get("use", "sig") == "sig")
        if not signing or None in names or len(set(names)) < len(names) or not all(key.is_private for key in keys):
            raise BadKeys("each key needs a name (kid) of its own and its private half, and one must sign")
        return cls(signing, tuple(key for key in keys if key.get("use") == "enc"))

    @property
    def private_key(self) -> Mapping[str, Any]:
        """The key that signs, as `ClientConfig.private_key` takes it."""
        return self.signing[0].as_dict(private=True)

    @property
    def kid(self) -> str:
        """The name of the key that signs."""
        return str(self.signing[0].kid)

    @property
    def decryption_keys(self) -> tuple[Mapping[str, Any], ...]:
        """The keys that open, as `ClientConfig.decryption_keys` takes them."""
        return tuple(key.as_dict(private=True) for key in self.decryption)

    def public(self) -> dict[str, Any]:
        """The JWK Set to publish. Which algorithm an encryption key is used with, the service chooses."""
        signing = [{**key.as_dict(private=False), "use": "sig", "alg": "RS256"} for key in self.signing]
        return {"keys": [*signing, *({**key.as_dict(private=False), "use": "enc"} for key in self.decryption)]}


@lru_cache(maxsize=1)
def published_keys(text: str) -> Mapping[str, Any]:
    """The JWK Set to publish, from the text of the key file. Kept: reading private keys takes a twentieth of a second,
    and anybody may ask. Raises BadKeys."""
    return OwnKeys.parse(text).public()
