"""The simulators' memory: one SQLite file with records that may expire.

An outside system must not fall together with our database, so it has none of ours. What is written here (codes,
tokens, messages, faults, signing keys) survives a restart.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
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

_ABOVE_ALL = 2**62  # higher than any id


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
        self._lock = RLock()
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

    def newest(self, kinds: str, *, before: int | None = None, limit: int = 1000) -> list[Record]:
        """Records of the kinds that begin with `kinds`, with an id below `before`, newest first."""
        rows = self._run(
            "select id, key, body from record where substr(kind, 1, length(?1)) = ?1 and id < ?2"
            " order by id desc limit ?3",
            (kinds, before or _ABOVE_ALL, limit),
        )
        return [_record(row) for row in rows]

    def holds(self, kinds: str) -> bool:
        """True where there is a record of a kind that begins with `kinds`, other than a key."""
        sql = "select 1 from record where kind between ?1 and ?1 || char(1114111) and kind not like '%/key' limit 1"
        return bool(self._run(sql, (kinds,)))

    def forget(self, kinds: str) -> None:
        """Remove every record of the kinds that begin with `kinds`; kinds that end in `/key` stay.

        A signing key is known to the other side, like a registration: emptying a system does not change it.
        """
        self._run(
            "delete from record where kind between ?1 and ?1 || char(1114111) and kind not like '%/key'", (kinds,)
        )

    def shorten(self, kinds: str, seconds: float) -> None:
        """Let no record of the kinds that begin with `kinds` live longer than `seconds` from now."""
        self._run(
            "update record set expires_at = ?2 where kind between ?1 and ?1 || char(1114111)"
            " and (expires_at is null or expires_at > ?2)",
            (kinds, time.time() + seconds),
        )

    def trim(self, kind: str, keep: int) -> None:
        """Remove all but the newest `keep` records of exactly this kind."""
        self._run(
            "delete from record where kind = ? and id <= "
            "(select id from record where kind = ? order by id desc limit 1 offset ?)",
            (kind, kind, keep),
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is kept as a whole, or, where an error leaves it, not at all. No waiting inside.

        Inside another one it is a part of that, and can fail alone.
        """
        with self._lock:
            self._db.execute("savepoint part")
            try:
                yield
            except BaseException:
                self._db.execute("rollback to part")
                raise
            finally:
                self._db.execute("release part")

    def _run(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            self._db.execute("delete from record where expires_at <= ?", (time.time(),))
            return self._db.execute(sql, values).fetchall()


def _expiry(seconds: float | None) -> float | None:
    return None if seconds is None else time.time() + seconds


def _record(row: tuple[Any, ...]) -> Record:
    return Record(row[0], row[1], json.loads(row[2]))
