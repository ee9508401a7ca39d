"""Applications in social welfare: pending from their arrival, until a decision with reasons and how to appeal."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class Application(Base):
    """An application: a case that has been pending (vireillä) since `pending_since` and ends with a decision, or by the
    applicant's wish."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'more_asked', 'in_handling', 'decided', 'withdrawn')", name="state"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    pending_since: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(11), default="pending")
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class InformationRequest(Base):
    """A professional asks the applicant for more (hallintolaki 434/2003, 33 §: by a date, or the application is decided
    on what there is). The answer is text; files come with a correction of the form that was sent."""

    __tablename__ = "information_request"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.case_id"), index=True)
    asked_at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    question: Mapped[str]
    answer_by: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(default="")


class Decision(Base):
    """The decision on an application: `outcome` is a key of content/applications.json; what is not granted as applied
    for is reasoned (hallintolaki 434/2003, 45 §). `document` is the whole decision in its own language, as
    services/applications/document.py wrote it. A trigger keeps it as it was made; only `read_at`, when the applicant
    or whoever acts for them first opened it, is filled in once."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint(
            "outcome in ('granted', 'partly_granted', 'refused', 'not_examined', 'lapsed')", name="outcome"
        ),
        CheckConstraint("outcome = 'granted' or reasons <> ''", name="reasoned"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.case_id"), unique=True)
    at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    profession: Mapped[str]
    outcome: Mapped[str] = mapped_column(String(14))
    decided: Mapped[str]
    reasons: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    document: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(2))
    read_at: Mapped[datetime | None]
