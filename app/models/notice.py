"""Notices to residents. A notice says only that something waits; never what it is about."""

import uuid

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id


class Notice(Base):
    """One notice, about an appointment, about a case, or about neither. Its id is the key by which Suomi.fi Messages
    recognises a repeat; how it goes out is told by its deliveries."""

    __tablename__ = "notice"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    created_at: Mapped[CreatedAt]
