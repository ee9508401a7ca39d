"""What a resident decides about their own data: ways to be reached, permissions, requests for correction."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class ContactPoint(Base):
    """A phone number or an e-mail address that a resident gave. It is used once they have typed the code sent to it.

    `code_hash` is a keyed hash of the code on its way; it is good until `code_until` and for a few tries.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("person_id", "kind"),
        CheckConstraint("kind in ('phone', 'email')", name="kind"),
    )

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(5))
    value: Mapped[str]
    verified_at: Mapped[datetime | None]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class NotificationChoice(Base):
    """How a resident wants to hear that something waits, beside Suomi.fi Messages. No row: the defaults."""

    __tablename__ = "notification_choice"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sms: Mapped[bool] = mapped_column(default=True)
    email: Mapped[bool] = mapped_column(default=False)
    reminders: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]


class PersonNeeds(Base):
    """What somebody needs to be served well, asked once and carried along: an interpreter, and what else matters
    (hearing, moving, seeing, understanding) in their own words."""

    __tablename__ = "person_needs"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    interpreter: Mapped[str] = mapped_column(String(60), default="")
    accessibility: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]


class Permit(Base):
    """A permission to disclose (luovutuslupa), a prohibition (kielto) or a consent (suostumus), from giving to ending.

    `scope`: what it is about (a key of content/permits.json). At most one of a kind and scope holds at a time.
    """

    __tablename__ = "permit"
    __table_args__ = (
        CheckConstraint("kind in ('permission', 'prohibition', 'consent')", name="kind"),
        Index("uq_permit_holds", "person_id", "kind", "scope", unique=True, postgresql_where=text("ended_at is null")),
    )

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(11))
    scope: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CorrectionRequest(Base):
    """A resident says that something in their data is wrong (GDPR, article 16). It gets a decision; a refusal is
    reasoned and tells how to complain (client data act 703/2023; data protection act 1050/2018)."""

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint("register in ('patient', 'social')", name="register"),
        CheckConstraint("state in ('open', 'corrected', 'refused')", name="state"),
        CheckConstraint("state <> 'refused' or reasons <> ''", name="refusal_reasoned"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    register: Mapped[str] = mapped_column(String(8))
    # That of the case which the request names: only who works in it decides. None: anybody who decides in the register.
    service_task: Mapped[str | None]
    target_kind: Mapped[str] = mapped_column(String(24), default="")
    target_id: Mapped[uuid.UUID | None]
    wrong: Mapped[str]
    right: Mapped[str]
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(9), default="open")
    reasons: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
