"""How far something outside has been read."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class SyncPoint(Base):
    """What `name` tells has been read up to `until`, by the clock of who tells it; the next reading begins there."""

    __tablename__ = "sync_point"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[datetime]
