"""The simulators' memory: one SQLite file with records that may expire.

An outside system must not fall together with our database, so it has none of ours. What is written here (codes,
tokens, messages, faults, signing keys) survives a restart.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

_SCHEMA = """
create table if not exists record (
    id integer primary key autoincrement,
    kind text not null,
    key text not null,
    body text not null,
    expires_at real,
    unique (kind, key)
);
create index if not exists record_expiry on record (expires_at) where expires_at is not null;
"""


@dataclass(frozen=True)
class Record:
    """A kept record; `id` grows with time over all kinds."""

    id: int
    key: str
    body: Any


class Store:
    """Records by kind and key; bodies are JSON. Lifetimes are in seconds; an expired record does not exist."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def add(self, kind: str, key: str, body: Any, *, seconds: float | None = None) -> int | None:
        """Keep a new record and return its id, or None where the key is taken: the first one wins."""
        rows = self._run(
            "insert into record (kind, key, body, expires_at) values (?, ?, ?, ?) on conflict do nothing returning id",
            (kind, key, json.dumps(body), _expiry(seconds)),
        )
        return int(rows[0][0]) if rows else None

    def put(self, kind: str, key: str, body: Any) -> None:
        """Keep a record without end, in the place of an earlier one with the same key."""
        self._run(
            "insert into record (kind, key, body) values (?, ?, ?)"
            " on conflict (kind, key) do update set body = excluded.body, expires_at = null returning id",
            (kind, key, json.dumps(body)),
        )

    def get(self, kind: str, key: str) -> Any | None:
        rows = self._run("select body from record where kind = ? and key = ?", (kind, key))
        return json.loads(rows[0][0]) if rows else None

    def find(self, kind: str, record_id: int) -> Record | None:
        rows = self._run("select id, key, body from record where kind = ? and id = ?", (kind, record_id))
        return _record(rows[0]) if rows else None

    def take(self, kind: str, key: str) -> Any | None:
        """The record's body, and it is gone: single use also where two ask at once."""
        rows = self._run("delete from record where kind = ? and key = ? returning body", (kind, key))
        return json.loads(rows[0][0]) if rows else None

    def records(self, kind: str, *, after: int = 0, limit: int = 1000) -> list[Record]:
        """Records of a kind with an id above `after`, oldest first."""
        rows = self._run(
            "select id, key, body from record where kind = ? and id > ? order by id limit ?", (kind, after, limit)
        )
        return [_record(row) for row in rows]

    def _run(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            self._db.execute("delete from record where expires_at <= ?", (time.time(),))
            return self._db.execute(sql, values).fetchall()


def _expiry(seconds: float | None) -> float | None:
    return None if seconds is None else time.time() + seconds


def _record(row: tuple[Any, ...]) -> Record:
    return Record(row[0], row[1], json.loads(row[2]))
