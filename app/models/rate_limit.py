"""How often somebody has asked for something lately, for limits that hold in all processes together."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RateLimit(Base):
    """`count` requests since `window_start`. `key` is a keyed hash of what is asked for and by whom: neither an
    address nor a person can be read from it."""

    __tablename__ = "rate_limit"
    __table_args__ = (Index(None, "window_start"),)  # the sweep goes by it

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
