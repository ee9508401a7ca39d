"""Identity codes at rest: found by a keyed hash, opened only to address an outside system."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Self

from cryptography.fernet import Fernet, MultiFernet

from app.settings import Settings


class IdentityVault:
    """Seals and finds identity codes.

    `lookup_key` keys the hash by which a person is found. `encryption_keys` are Fernet keys, the newest first: new
    codes are sealed with the first, old ones can still be opened with the others (rotation).
    """

    def __init__(self, lookup_key: str, encryption_keys: Sequence[str]) -> None:
        self._lookup_key = lookup_key.encode()
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The vault with the keys of the settings."""
        keys = [key.get_secret_value() for key in settings.identity_encryption_keys]
        return cls(settings.identity_lookup_key.get_secret_value(), keys)

    def lookup(self, identity_code: str) -> bytes:
        """The keyed hash of a code; the century sign is part of the identity and is kept as it is."""
        return hmac.new(self._lookup_key, identity_code.encode(), hashlib.sha256).digest()

    def lookup_return_code(self, code: str) -> bytes:
        """The keyed hash of the code by which an anonymous sender comes back (app/domain/return_code.py). Its key is
        its own, made from the lookup key: what one hash finds, the other never does."""
        own_key = hmac.digest(self._lookup_key, b"return codes", hashlib.sha256)
        return hmac.digest(own_key, code.encode(), hashlib.sha256)

    def seal(self, identity_code: str) -> bytes:
        """The encrypted code."""
        return self._fernet.encrypt(identity_code.encode())

    def seal_bytes(self, content: bytes) -> bytes:
        """Anything else that must not lie about in clear (odd answers, links that open a room), encrypted."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The content in clear. Raises cryptography.fernet.InvalidToken where no key fits."""
        return self._fernet.decrypt(sealed)

    def open(self, sealed: bytes) -> str:
        """The code in clear. Raises cryptography.fernet.InvalidToken where no key fits."""
        return self._fernet.decrypt(sealed).decode()
