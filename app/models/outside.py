"""How the outside systems are, as all processes of the window together have seen it."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class OutsideSystem(Base):
    """One system. `failing_since` is set while its latest call failed; `paused_at` while somebody holds back what we
    would write to it."""

    __tablename__ = "outside_system"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    ok_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    correlation_id: Mapped[str] = mapped_column(String(64), default="")
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    pause_reason: Mapped[str] = mapped_column(default="")


class OutsideFault(Base):
    """A call that failed, or an answer that doesn't validate; its body is kept encrypted, for those who mend it."""

    __tablename__ = "outside_fault"
    __table_args__ = (Index("ix_outside_fault_system_at", "system", "at"),)

    id: Mapped[Id]
    system: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str]
    correlation_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
