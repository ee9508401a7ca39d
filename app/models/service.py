"""The service catalogue: what the county offers and where."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.text import Text
from app.models.base import Base, CreatedAt, TextColumn


class Service(Base):
    """One service of the Finnish Service Catalogue (PTV) or of the county's own catalogue of the same shape.

    `document` is the item as it came; pages read it through `app.domain.catalogue`.
    """

    __tablename__ = "service"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[str | None] = mapped_column(index=True)
    names: Mapped[Text] = mapped_column(TextColumn)
    summaries: Mapped[Text] = mapped_column(TextColumn)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    modified: Mapped[datetime | None]
    imported_at: Mapped[CreatedAt]


class ServiceLocation(Base):
    """A place where services are given, with address and opening hours; `document` as for services."""

    __tablename__ = "service_location"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(unique=True)
    names: Mapped[Text] = mapped_column(TextColumn)
    municipality_code: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
