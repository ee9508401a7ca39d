"""Cases: one matter of one subject. Everything that arrives joins a case; open until answered."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.text import Text
from app.models.base import Base, Id, TextColumn


class Unit(Base):
    """A team that answers: its queue holds the cases that are routed to it."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[Text] = mapped_column(TextColumn)


class Case(Base):
    """A matter in one register (patient register, social welfare client register, where the task bounds access, or that
    of the rescue services' supervision).

    `subject_id` is empty for anonymous contacts. `urgency_rank` orders the queue; `due_at` is the earliest running
    time limit. `version` guards edits.
    """

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("register in ('patient', 'social', 'rescue')", name="register"),
        CheckConstraint("state in ('open', 'closed')", name="state"),
        CheckConstraint("guardian_access in ('open', 'closed', 'default')", name="guardian_access"),
        Index("ix_case_queue", "unit_code", "urgency_rank", "due_at", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    register: Mapped[str] = mapped_column(String(8))
    service_task: Mapped[str | None]
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    kind: Mapped[str] = mapped_column(String(16))
    titles: Mapped[Text] = mapped_column(TextColumn)
    language: Mapped[str] = mapped_column(String(2))
    # The browser session that sent it; only there the receipt of an anonymous contact can be read.
    session_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    # By which right the actor acted for the subject (a basis of Representation); None where they are the same.
    basis: Mapped[str | None] = mapped_column(String(13))
    # open · closed · default: what a guardian may read of it, by the professional's verdict on a minor's capacity.
    guardian_access: Mapped[str] = mapped_column(String(7), default="default", server_default=text("'default'"))
    urgency: Mapped[str] = mapped_column(String(12))
    urgency_rank: Mapped[int]
    arrived_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="open")
    # A keyed hash of the code by which whoever sent it without signing in comes back to it.
    return_code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CaseEvent(Base):
    """One thing that happened in a case; together they are its timeline."""

    __tablename__ = "case_event"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(24))
    by_kind: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[uuid.UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ContactRequest(Base):
    """A wish to be contacted; may come without sign-in. It does not make anybody a client."""

    __tablename__ = "contact_request"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), unique=True)
    # Who wrote it, which is not always who opened the case; None where nobody had signed in.
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    phone: Mapped[str]
    reachable: Mapped[str]
    message: Mapped[str]
    # How they want to be answered: by phone, in writing, by video.
    way: Mapped[str] = mapped_column(String(7), default="phone", server_default=text("'phone'"))
    # What they need to be served well, as it was told with this request.
    interpreter: Mapped[str] = mapped_column(default="", server_default=text("''"))
    accessibility: Mapped[str] = mapped_column(default="", server_default=text("''"))
    # Who it is about, in the sender's words, where the sender has no right to act for them.
    about: Mapped[str] = mapped_column(default="", server_default=text("''"))


class NeedAssessment(Base):
    """The professional's assessment of need (terveydenhuoltolaki 51 §, sosiaalihuoltolaki 36 §) for a case."""

    __tablename__ = "need_assessment"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    profession: Mapped[str]
    urgency: Mapped[str] = mapped_column(String(12))
    result: Mapped[str]


class CapacityVerdict(Base):
    """A professional's verdict, for one case, on whether a minor is capable of deciding on it (potilaslaki 785/1992,
    7 and 9 §), and with that on what the guardians may read. `code`: a key of content/capacity_verdicts.json."""

    __tablename__ = "capacity_verdict"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    profession: Mapped[str]
    code: Mapped[str] = mapped_column(String(2))
    grounds: Mapped[str]


class TimeLimit(Base):
    """A limit running on a case: `rule` names a row of content/time_limits.json, `kind` is statutory or county."""

    __tablename__ = "time_limit"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    rule: Mapped[str]
    kind: Mapped[str] = mapped_column(String(9))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
