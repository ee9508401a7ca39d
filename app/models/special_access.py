"""Opening a person's matters without a care or customer relation, for a coded special reason."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class SpecialAccess(Base):
    """`staff_id` may see `subject_id`'s matters in `register` until `until`, for a reason that the supervisor of
    their unit goes through afterwards (client data act 703/2023; `reason`: a key of content/special_reasons.json)."""

    __tablename__ = "special_access"
    __table_args__ = (Index("ix_special_access_holds", "staff_id", "subject_id", "until"),)

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"))
    register: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(24))
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    until: Mapped[datetime]
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    reviewed_at: Mapped[datetime | None]
    review: Mapped[str] = mapped_column(default="")
