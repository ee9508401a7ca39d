"""The room of a video appointment, one link for each side."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class VideoRoom(Base):
    """The links open the room to whoever holds them, so they are kept encrypted. They work around the visit only."""

    __tablename__ = "video_room"

    appointment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    room_id: Mapped[str]
    resident_link_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    professional_link_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    closed_at: Mapped[datetime | None]
