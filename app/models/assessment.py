"""Self-assessments: those on offer, the answers as they grow, and the result as it was given."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.text import Text
from app.models.base import Base, CreatedAt, Id, TextColumn


class Assessment(Base):
    """An assessment that the assessment service offers, kept so that lists and search work while it is away."""

    __tablename__ = "assessment"

    id: Mapped[str] = mapped_column(primary_key=True)
    titles: Mapped[Text] = mapped_column(TextColumn)
    descriptions: Mapped[Text] = mapped_column(TextColumn)
    minutes: Mapped[int]
    topics: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")


class AssessmentRun(Base):
    """One filling of an assessment, kept for the browser session that began it, or for the person whose matter it is
    (`subject_id`) and who was signed in as `actor_id`.

    `road` is the list of pages in the order asked; `answers` are by linkId and may hold answers of pages that are
    not on the road any more, so that going back and forth loses nothing; `asked` keeps the questions as they were
    worded, for the professional who reads them. A self-assessment is never the statutory assessment of need.
    """

    __tablename__ = "assessment_run"
    __table_args__ = (
        CheckConstraint("not trying or num_nonnulls(subject_id, case_id) = 0", name="trial_of_nobody"),
        CheckConstraint("register in ('patient', 'social')", name="register"),
    )

    id: Mapped[Id]
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("browser_session.id"), index=True)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    register: Mapped[str] = mapped_column(String(8), default="patient", server_default=text("'patient'"))
    assessment_id: Mapped[str]
    titles: Mapped[Text] = mapped_column(TextColumn)
    language: Mapped[str] = mapped_column(String(2))
    road: Mapped[list[str]] = mapped_column(JSONB, default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # ”I am only trying this”: nothing is booked, sent or kept with a person on its ground.
    trying: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"))
