"""Writes to outside systems, on their way: wanted in the transaction of the change they report."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id

OPEN = "state in ('waiting', 'sending')"


class Delivery(Base):
    """One write to one system. Jobs only wake it up: this row is the truth about it.

    `kind` names what is sent (services/deliveries/all_kinds.py), `about_id` the row that it is about. Deliveries of one
    `lane` to one system go in the order of their numbers. States:

        waiting ──▶ sending ──▶ done        the receiver has it; `receiver_id` is its name there
           ▲           ├──────▶ refused     the receiver said no: somebody must look
           └───────────┤                    (away: waiting again, until `next_at`)
                       ├──────▶ unknown     may or may not have arrived, and must not be sent twice
                       ├──────▶ given_up    away for days
                       └──────▶ dropped     nothing to send any more, or settled by a person

    `lease_until`: whoever is at it just now has until then; a worker that was killed lets it run out.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'sending', 'done', 'refused', 'unknown', 'given_up', 'dropped')", name="state"
        ),
        Index("ix_delivery_open", "system", "next_at", postgresql_where=text(OPEN)),
        Index("ix_delivery_lane", "lane", "number"),
        Index("ix_delivery_about", "about_id", "kind"),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    system: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(32))
    about_id: Mapped[uuid.UUID]
    lane: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    receiver_id: Mapped[str | None]
    receiver_version: Mapped[str | None]
    correlation_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[CreatedAt]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
