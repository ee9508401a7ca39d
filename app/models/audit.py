"""The audit trail: who read or changed whose data, when, and for what purpose. Rows are only ever added."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class AuditEvent(Base):
    """One reading or change of personal data; a trigger refuses update and delete.

    No foreign keys: the trail outlives what it tells of (12 years, asiakastietolaki 703/2023).
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[uuid.UUID | None]
    subject_id: Mapped[uuid.UUID | None]
    mandate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    register: Mapped[str | None] = mapped_column(String(8))
    service_task: Mapped[str | None]
    purpose: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[str]
    request_id: Mapped[str]
