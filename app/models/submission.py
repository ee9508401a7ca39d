"""Forms that have been sent: the same form sent twice gives the first result."""

import uuid

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt


class Submission(Base):
    """A used submission token and the page that showed its result."""

    __tablename__ = "submission"

    token: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    result_path: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[CreatedAt]
