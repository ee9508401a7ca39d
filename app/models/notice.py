"""Notices to residents. A notice says only that something waits; never what it is about."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id


class Notice(Base):
    """One notice on its way; its id is the `externalId` by which Suomi.fi Messages recognises a repeat."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint("state in ('waiting', 'sent', 'refused')", name="state"),)

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appointment.id"))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    message_id: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None]
