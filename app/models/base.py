"""What all tables share: naming of constraints, keys, and the column types of our own words."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Dialect, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlalchemy.dialects.postgresql import Range as PgRange
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.text import Text


class Base(DeclarativeBase):
    """Constraint names are part of the design: services turn `ex_allocation_resource_overlap` into `SlotTaken`."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012


class TextColumn(TypeDecorator[Text]):
    """A `Text` kept as JSON: language → wording."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Text | None, _dialect: Dialect) -> Mapping[str, str] | None:
        return dict(value.values) if value is not None else None

    def process_result_value(self, value: Mapping[str, str] | None, _dialect: Dialect) -> Text | None:
        return Text(value) if value is not None else None


Id = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
During = Annotated[PgRange[datetime], mapped_column(TSTZRANGE)]
CreatedAt = Annotated[datetime, mapped_column(server_default=func.transaction_timestamp())]
