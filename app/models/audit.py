"""The audit trail: who read or changed whose data, when, by what right and for what purpose; and the seals over it.

Rows are only ever added. docs/audit.md tells how that is proved.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class AuditEvent(Base):
    """One reading or change of personal data; a trigger refuses update and delete.

    No foreign keys: the trail outlives what it tells of (12 years, asiakastietolaki 703/2023).
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("at > '2000-01-01' and at < '9999-01-01'", name="at"),  # Python can read no other moments
        Index("ix_audit_event_subject_id_at", "subject_id", "at"),
        Index("ix_audit_event_actor_id_at", "actor_id", "at"),
        Index("ix_audit_event_at", "at", postgresql_using="brin"),  # rows come in the order of time
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[uuid.UUID | None]
    subject_id: Mapped[uuid.UUID | None]
    mandate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    register: Mapped[str | None] = mapped_column(String(8))
    service_task: Mapped[str | None]
    reason: Mapped[str | None]
    purpose: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[str]
    request_id: Mapped[str]
    mac_key: Mapped[str] = mapped_column(String(12))
    mac: Mapped[bytes]

    def signed(self) -> Mapping[str, Any]:
        """What the MAC is made of: every column but itself, the id too, so that a copied row is seen."""
        return {column.key: getattr(self, column.key) for column in self.__table__.columns if column.key != "mac"}


class AuditUnsealed(Base):
    """A row that is in no seal yet; a trigger adds it with the event, sealing takes it away."""

    __tablename__ = "audit_unsealed"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditSeal(Base):
    """The chain up to here: `hash` follows from `previous`, the seal before, and this seal's rows in their order.

    Ids have no gaps, so that a seal that is taken away is missed; `mac` signs the seal itself.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("previous"),)  # two seals on top of one would be a fork

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    first_event: Mapped[int] = mapped_column(BigInteger)
    last_event: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int]
    previous: Mapped[bytes]
    hash: Mapped[bytes]
    mac_key: Mapped[str] = mapped_column(String(12))
    mac: Mapped[bytes]

    def signed(self) -> Mapping[str, Any]:
        """What the MAC is made of: every column but itself."""
        values = {column.key: getattr(self, column.key) for column in self.__table__.columns if column.key != "mac"}
        return values | {"previous": self.previous.hex(), "hash": self.hash.hex()}


class AuditSealed(Base):
    """One row's place in a seal, with its MAC as it was then: a row that is missing or exchanged is known by its id."""

    __tablename__ = "audit_sealed"
    __table_args__ = (Index("ix_audit_sealed_seal_id_position", "seal_id", "position", unique=True),)

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(ForeignKey("audit_seal.id"))
    position: Mapped[int]
    mac: Mapped[bytes]
