"""How the county's catalogue follows the national one."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class CatalogueSync(Base):
    """One row for each catalogue that is followed, and what the latest run did.

    `changed_until` is by that catalogue's own clock: what changed before it has been read. `compared_at` is when the
    whole was last compared. A run that would have taken too much away is `stopped`: it changed nothing. `broken` names
    items that could not be read: `[{id, reason}]`.
    """

    __tablename__ = "catalogue_sync"

    source: Mapped[str] = mapped_column(String(24), primary_key=True)
    changed_until: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    stopped: Mapped[bool]
    stored: Mapped[int]
    withdrawn: Mapped[int]
    broken: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
