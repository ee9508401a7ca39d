"""Rows put into the database and looked at as the worker's role, in one connection that commits at once."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

# What may change though a request was refused: sightings, counters, the trail, spent tokens, how the outside is.
UNTOLD: Mapping[str, frozenset[str]] = {
    "alembic_version": frozenset({"*"}),
    "audit_event": frozenset({"*"}),
    "audit_unsealed": frozenset({"*"}),
    "rate_limit": frozenset({"*"}),
    "submission": frozenset({"*"}),
    "outside_fault": frozenset({"*"}),
    "browser_session": frozenset({"seen_at"}),
    "representation": frozenset({"asked_at"}),
    "outside_system": frozenset({"ok_at", "failed_at", "failing_since", "reason", "correlation_id"}),
}
# A right that is lost ends the session and the acting in it; nothing else.
LOST = frozenset({"browser_session", "representation"})


class Rows:
    """`add` and `one` for preparing; `digest` to see whether anything has changed."""

    def __init__(self, url: str) -> None:
        options = "-c search_path=public,jobs -c synchronous_commit=off"
        self._connection = psycopg.connect(url, autocommit=True, row_factory=dict_row, options=options)
        self._tables = self._columns()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, table: str, **values: Any) -> None:
        """One row; dictionaries become JSON."""
        names = [sql.Identifier(name) for name in values]
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(names), sql.SQL(", ").join([sql.Placeholder()] * len(names))
        )
        self._connection.execute(statement, [Jsonb(one) if isinstance(one, dict) else one for one in values.values()])

    def run(self, statement: str, *values: Any) -> None:
        self._connection.execute(statement.encode(), values)

    def one(self, query: str, *values: Any) -> dict[str, Any]:
        """The first row that is found."""
        found = self._connection.execute(query.encode(), values).fetchone()
        assert found is not None, query
        return found

    def digest(self) -> Mapping[str, str]:
        """A word for the rows of each table."""
        words = sql.SQL(", ").join(_digest(table, columns) for table, columns in self._tables.items())
        return self.one(sql.SQL("select {}").format(words).as_string(self._connection))

    def changed_since(self, before: Mapping[str, str]) -> frozenset[str]:
        """The tables whose rows are others than they were."""
        return frozenset(table for table, word in self.digest().items() if before[table] != word)

    def _columns(self) -> dict[str, list[str]]:
        """The columns of each table that tell of a change."""
        query = (
            "select table_name, column_name from information_schema.columns join information_schema.tables"
            " using (table_schema, table_name) where table_type = 'BASE TABLE'"
            " and (table_schema = 'public' or table_name = 'procrastinate_jobs') order by 1, 2"
        )
        tables: dict[str, list[str]] = {}
        for row in self._connection.execute(query.encode()).fetchall():
            untold = UNTOLD.get(row["table_name"], frozenset())
            if not untold & {"*", row["column_name"]}:
                tables.setdefault(row["table_name"], []).append(row["column_name"])
        assert len(tables) > 40
        return tables


def _digest(table: str, columns: list[str]) -> sql.Composed:
    row = sql.SQL(", ").join(sql.Identifier("t", column) for column in columns)
    summed = sql.SQL("select count(*) || ':' || coalesce(sum(hashtextextended(row({})::text, 0)), 0) from {} t")
    return sql.SQL("({}) as {}").format(summed.format(row, sql.Identifier(table)), sql.Identifier(table))
