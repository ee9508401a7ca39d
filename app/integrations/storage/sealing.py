"""A chunk of a file, encrypted with AES-256-GCM so that it opens only in its own place.

A sealed chunk is `version (1 byte) | name of the key (6) | number of chunks (4) | nonce (12) | ciphertext and tag`.
Each file has a key of its own, derived (HKDF, RFC 5869) from one of the settings' by the file's id. That id, the number
of the chunk and how many there are, are authenticated with it: a chunk moved within its file or to another one, or one
of a file that has been cut, does not open.
"""

import hmac
import os
import struct
import uuid
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.integrations.storage.port import Unreadable

VERSION = 1
_HEADER = struct.Struct(">B6sI12s")
_PLACE = struct.Struct(">16sII")


class Opened(NamedTuple):
    """A chunk's content, and of how many chunks its file is made."""

    content: bytes
    total: int


class ChunkKeys:
    """The secrets by which files are sealed, newest first: that one seals, the others still open what they sealed."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = {_name(secret.encode()): secret.encode() for secret in secrets}
        if not self._secrets or b"" in self._secrets.values():
            raise ValueError("files need a key: set ASIOINTI_ATTACHMENT_KEYS")
        self._newest = next(iter(self._secrets))

    def seal(self, file_id: uuid.UUID, number: int, total: int, content: bytes) -> bytes:
        """Chunk `number` (from 0) of `total`, encrypted by the newest key."""
        nonce = os.urandom(12)
        header = _HEADER.pack(VERSION, self._newest, total, nonce)
        return header + self._cipher(self._newest, file_id).encrypt(nonce, content, _place(file_id, number, total))

    def open(self, file_id: uuid.UUID, number: int, sealed: bytes) -> Opened:
        """The chunk in clear. Raises Unreadable where it is not what was sealed for this place."""
        if len(sealed) < _HEADER.size:
            raise Unreadable("a piece is too short")
        version, key, total, nonce = _HEADER.unpack_from(sealed)
        if version != VERSION or key not in self._secrets:
            raise Unreadable("a piece is sealed by a key that is not known here")
        try:
            content = self._cipher(key, file_id).decrypt(nonce, sealed[_HEADER.size :], _place(file_id, number, total))
        except InvalidTag:
            raise Unreadable("a piece has been changed, or is another one") from None
        return Opened(content, total)

    def _cipher(self, key: bytes, file_id: uuid.UUID) -> AESGCM:
        derived = HKDF(SHA256(), 32, salt=file_id.bytes, info=b"content of a file").derive(self._secrets[key])
        return AESGCM(derived)


def _name(secret: bytes) -> bytes:
    """A key's name: it tells nothing of the key and is the same on every node."""
    return hmac.digest(secret, b"name of this key of files", "sha256")[:6]


def _place(file_id: uuid.UUID, number: int, total: int) -> bytes:
    return _PLACE.pack(file_id.bytes, number, total)
