"""A row for every table: values by the columns' types, references followed, checked columns from a small list."""

import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, Connection, Date, DateTime, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, Range

from app.domain.text import Text
from app.models import Base
from app.models.base import TextColumn

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
VALIDITY = Range(date(2026, 1, 1), date(2027, 1, 1))
_numbers = itertools.count(1)

# References that may stay empty are followed to these only: what else may be empty (who ended, who decided) stays so.
FOLLOWED = frozenset({"appointment", "browser_session", "case", "person"})
# Columns whose values are checked, or lead to an exclusion of other rows.
OVERRIDES: Mapping[str, Mapping[str, object]] = {
    "allocation": {"state": "booked"},
    "appointment": {"status": "booked", "register": "patient", "language": "fi"},
    "audit_event": {"actor_kind": "resident"},
    "case": {"register": "patient"},
    "contact_point": {"kind": "phone"},
    "correction_request": {"register": "patient"},
    "decision": {"outcome": "granted", "language": "fi"},
    "delivery": {"state": "waiting"},
    "form_response": {"register": "patient", "language": "fi"},
    "form_task": {"register": "patient"},
    "permit": {"kind": "consent"},
    "questionnaire": {"kind": "other", "register": "patient", "who": "anyone"},
    "representation": {"basis": "guardian"},
    "special_access": {"register": "patient"},
}


def a_time() -> Range[datetime]:
    """Half an hour that overlaps no other that was made here."""
    start = NOW + timedelta(hours=next(_numbers))
    return Range(start, start + timedelta(minutes=30))


def _text(column: Column[Any]) -> str:
    assert isinstance(column.type, String)
    return uuid.uuid4().hex[: column.type.length or 12]


# The first type that fits makes the value; the order matters where one type is a kind of another.
VALUES: Mapping[type, Callable[[Column[Any]], object]] = {
    Uuid: lambda _: uuid.uuid4(),
    String: _text,
    Boolean: lambda _: False,
    Integer: lambda _: next(_numbers),
    DateTime: lambda _: NOW,
    Date: lambda _: NOW.date(),
    LargeBinary: lambda _: uuid.uuid4().bytes,
    TSTZRANGE: lambda _: a_time(),
    DATERANGE: lambda _: VALIDITY,
    ARRAY: lambda _: [],
    TextColumn: lambda _: Text({"fi": "Rivi", "sv": "Rad", "en": "Row"}),
    JSONB: lambda _: {},
}


def value_for(column: Column[Any]) -> object:
    """Any value that `column` takes. Raises LookupError for a type that nothing is known of."""
    for kind, make in VALUES.items():
        if isinstance(column.type, kind):
            return make(column)
    raise LookupError(f"no value is known for {column.table.name}.{column.name}: {column.type!r}")


def is_left_out(column: Column[Any]) -> bool:
    """Whether the row is whole without a value for the column."""
    if column.primary_key:
        return column.identity is not None
    return bool(column.nullable or column.server_default or column.default or column.identity)


@dataclass
class Filler:
    """Adds rows. `ties`: table → the key of the row to which the next rows refer; what is missing is made."""

    connection: Connection
    ties: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, **known: object) -> tuple[Any, ...]:
        """One more row of table `name`, with the values in `known`; its primary key. Raises LookupError, and
        IntegrityError where the table asks for what OVERRIDES doesn't know."""
        table = Base.metadata.tables[name]
        result = self.connection.execute(table.insert().values(self.values(table, known)).returning(*table.primary_key))
        return tuple(result.one())

    def values(self, table: Table, known: Mapping[str, object]) -> dict[str, object]:
        """Values for a new row of `table`; rows that it needs and that nobody has tied are made."""
        values = {**OVERRIDES.get(table.name, {}), **known}
        for column in table.columns:
            if column.name in values:
                continue
            if column.foreign_keys:
                values |= self._reference(column)
            elif not is_left_out(column):
                values[column.name] = value_for(column)
        return values

    def _reference(self, column: Column[Any]) -> dict[str, object]:
        target = next(iter(column.foreign_keys)).column.table
        if target is column.table or (column.nullable and target.name not in FOLLOWED):
            return {}
        if target.name not in self.ties:
            if column.nullable:
                return {}
            self.ties[target.name] = self.add(target.name)[0]
        return {column.name: self.ties[target.name]}
