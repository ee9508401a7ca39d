"""A booking in somebody else's booking system: a saga of steps, each its own transaction."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, During, Id


class ExternalBooking(Base):
    """Our side of it. `id` is the client identifier by which the other system knows the booking, whatever becomes of
    the call: requested → booked | refused; booked → cancelling → cancelled. Requested ones are never forgotten: a job
    asks the other side by the identifier until it answers.
    """

    __tablename__ = "external_booking"
    __table_args__ = (
        CheckConstraint("state in ('requested', 'booked', 'refused', 'cancelling', 'cancelled')", name="state"),
        Index("ix_external_booking_person", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str]
    slot_id: Mapped[str]
    during: Mapped[During]
    state: Mapped[str] = mapped_column(String(10), default="requested")
    reason: Mapped[str] = mapped_column(default="")
    receiver_id: Mapped[str | None]
    receiver_version: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    settled_at: Mapped[datetime | None]
