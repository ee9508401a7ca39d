"""The arithmetic of the tamper-evident audit trail: what a row's MAC is made of, and how rows are chained.

A MAC (HMAC-SHA256, RFC 2104) shows that somebody who has the key wrote a row as it stands; the chain (each link is the
SHA-256 of the one before it and the next row) shows that no row has been taken away. docs/audit.md tells what follows.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

NOTHING_BEFORE = bytes(32)  # what the first link of the chain is joined to

Values = Mapping[str, Any]


def canonical(values: Values) -> bytes:
    """The one way to write a row down: JSON with sorted names, moments in UTC to the microsecond, ids as text.

    Two rows have the same form only where all their columns are equal. A column that is None is left out, so that the
    table can grow by a column without a new MAC for every old row. Raises TypeError for what a database could give
    back in another form than it got (numbers that are not whole, moments without a zone).
    """
    known = {name: value for name, value in values.items() if value is not None}
    return json.dumps(_plain(known), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case uuid.UUID():
            return str(value)
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict() if all(isinstance(name, str) for name in value):
            return {name: _plain(one) for name, one in value.items()}
    raise TypeError(f"no canonical form: {type(value).__name__}")


def mac_of(secret: bytes, kind: str, values: Values) -> bytes:
    """The keyed MAC of a row; `kind` keeps a row of one table from passing for one of another."""
    return hmac.digest(secret, kind.encode() + b"\0" + canonical(values), "sha256")


def key_name(secret: bytes) -> str:
    """A key's name, kept beside each MAC; it tells nothing of the key and is the same on every node."""
    return hmac.digest(secret, b"name of this key", "sha256")[:6].hex()


def chained(before: bytes, rows: Iterable[tuple[int, bytes]]) -> bytes:
    """The chain's end after `rows` (id and MAC of each, in their order), where it was `before`."""
    link = before
    for row_id, mac in rows:
        link = hashlib.sha256(
            link + row_id.to_bytes(8, "big", signed=True) + len(mac).to_bytes(4, "big") + mac
        ).digest()
    return link
