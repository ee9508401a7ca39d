"""Forms: their versions and who made them, what residents fill in, and who has been asked to."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.text import Text
from app.models.base import Base, Id, TextColumn


class Questionnaire(Base):
    """One version of a form. Versions of the same form share its `code`, which names it in addresses.

    `content` is the FHIR Questionnaire as it came, `notes` what the reader said of it, `digest` (SHA-256 of the
    content) finds it read already. `who`: anybody, or only whoever has signed in. A `clinical` one is published by a
    second person. Of the published versions the one that took effect last is filled in.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("state in ('draft', 'in_review', 'published', 'retired')", name="state"),
        CheckConstraint("kind in ('pre_visit', 'concern', 'application', 'outcome', 'other')", name="kind"),
        CheckConstraint("register in ('patient', 'social', 'rescue')", name="register"),
        CheckConstraint("who in ('anyone', 'signed_in')", name="who"),
        Index("ix_questionnaire_published", "code", "effective_from", postgresql_where=text("state = 'published'")),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(60))
    url: Mapped[str]
    state: Mapped[str] = mapped_column(String(9), default="draft")
    kind: Mapped[str] = mapped_column(String(11))
    titles: Mapped[Text] = mapped_column(TextColumn)
    summaries: Mapped[Text] = mapped_column(TextColumn)
    register: Mapped[str] = mapped_column(String(8))
    service_task: Mapped[str | None]
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    who: Mapped[str] = mapped_column(String(9))
    # Ids of content/time_limits.json that begin to run when a response arrives.
    limit_rules: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    clinical: Mapped[bool] = mapped_column(default=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True, deferred_raiseload=True)
    notes: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    digest: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date | None]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class QuestionnaireEvent(Base):
    """Who did what to a version of a form; by nobody where it came with the installation."""

    __tablename__ = "questionnaire_event"

    id: Mapped[Id]
    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    event: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class FormResponse(Base):
    """One filling of a form: a draft, then what was sent, which a trigger keeps as it is.

    `answers` (app/domain/forms/answers.py) and `memo` (what its expressions came to) are the draft's, and `standing` is
    the name of what these two say: another one at each writing. `response` is the FHIR QuestionnaireResponse that was
    sent, and `shown` that of an earlier version's answers which are shown beside. `page`: where the resident was last.
    A draft belongs to its browser session, and once somebody has signed in to whoever fills it (`actor_id`) for the
    subject; a correction of what was sent is a response of its own (`amends_id`). A notice of concern has neither
    subject, actor nor session: only the case leads to it.
    """

    __tablename__ = "form_response"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'sent')", name="state"),
        CheckConstraint("register in ('patient', 'social', 'rescue')", name="register"),
        CheckConstraint("(state = 'sent') = (sent_at is not null and response is not null)", name="sent_whole"),
        # What is about nobody has nobody behind it either.
        CheckConstraint(
            "subject_id is not null or num_nonnulls(actor_id, basis, task_id, amends_id) = 0", name="nobodys"
        ),
        Index("ix_form_response_drafts", "subject_id", "changed_at", postgresql_where=text("state = 'draft'")),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    titles: Mapped[Text] = mapped_column(TextColumn)
    register: Mapped[str] = mapped_column(String(8))
    service_task: Mapped[str | None]
    session_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    basis: Mapped[str | None] = mapped_column(String(13))
    state: Mapped[str] = mapped_column(String(5), default="draft")
    language: Mapped[str] = mapped_column(String(2))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    memo: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    standing: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, server_default=text("gen_random_uuid()"))
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    page: Mapped[str] = mapped_column(default="")
    alarmed: Mapped[bool] = mapped_column(default=False)
    response: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("form_task.id"))
    amends_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("form_response.id", onupdate="cascade"))
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class FormTask(Base):
    """Somebody is asked to fill a form by a time: for a booked visit, or by a professional for a case."""

    __tablename__ = "form_task"
    __table_args__ = (
        CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
        CheckConstraint("register in ('patient', 'social')", name="register"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    register: Mapped[str] = mapped_column(String(8))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(9), default="open")
    done_at: Mapped[datetime | None]


class Attachment(Base):
    """A file that a resident added to an answer. Its content lies encrypted in chunks (`AttachmentChunk`); `digest` is
    the SHA-256 of the content, `scanned_at` when the malware scanner found nothing in it."""

    __tablename__ = "attachment"

    id: Mapped[Id]
    response_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("form_response.id", onupdate="cascade", ondelete="cascade"), index=True
    )
    title: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[bytes]
    created_at: Mapped[datetime]
    scanned_at: Mapped[datetime]


class AttachmentChunk(Base):
    """A piece of an attachment's content, encrypted."""

    __tablename__ = "attachment_chunk"

    attachment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attachment.id", ondelete="cascade"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
