"""Acting for another: by Suomi.fi (a child, an adult's mandate), by a paper mandate that is valid only here, and the
people who help somebody."""

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, ExcludeConstraint
from sqlalchemy.dialects.postgresql import Range as PgRange
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id

Validity = Annotated[PgRange[date], mapped_column(DATERANGE)]


class Representation(Base):
    """Somebody (`actor_id`) acts for somebody (`subject_id`) in one browser session.

    `registers`: where they may act; `readable`: where they may also read what others have written. Both are as the
    source of the right said at `asked_at`. `access_sealed` is what Suomi.fi gave for asking again, encrypted;
    `request_id` names the acting in Suomi.fi's log as in ours.
    """

    __tablename__ = "representation"
    __table_args__ = (
        CheckConstraint("basis in ('guardian', 'mandate', 'local_mandate', 'foster_carer')", name="basis"),
        CheckConstraint("subject_id <> actor_id", name="another"),
        Index("uq_representation_session", "session_id", unique=True, postgresql_where=text("ended_at is null")),
    )

    id: Mapped[Id]
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("browser_session.id", ondelete="cascade"))
    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    basis: Mapped[str] = mapped_column(String(13))
    registers: Mapped[list[str]] = mapped_column(ARRAY(String))
    readable: Mapped[list[str]] = mapped_column(ARRAY(String))
    asked_at: Mapped[datetime]
    access_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_id: Mapped[str] = mapped_column(String(36))
    local_mandate_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("local_mandate.id"))
    care_role_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("care_role.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(String(12), default="")


class RepresentationAttempt(Base):
    """What is remembered between leaving for Suomi.fi to choose for whom to act, and coming back; used once."""

    __tablename__ = "representation_attempt"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("browser_session.id", ondelete="cascade"))
    pending_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LocalMandate(Base):
    """A paper mandate that a clerk has taken; valid only here, from the second clerk's check until its end.

    `competence`: how the first clerk saw that the principal understands what they give (a key of
    content/local_mandates.json); `document_type`: what was signed (a key of the same); `document`: where the paper is
    kept.
    """

    __tablename__ = "local_mandate"
    __table_args__ = (
        CheckConstraint("principal_id <> mandatee_id", name="another"),
        CheckConstraint("checked_by is distinct from recorded_by", name="second_clerk"),
        ExcludeConstraint(
            ("principal_id", "="),
            ("mandatee_id", "="),
            ("during", "&&"),
            name="ex_local_mandate_overlap",
            where=text("revoked_at is null"),
        ),
    )

    id: Mapped[Id]
    principal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    mandatee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    registers: Mapped[list[str]] = mapped_column(ARRAY(String))
    during: Mapped[Validity]
    competence: Mapped[str] = mapped_column(String(24))
    document_type: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    document: Mapped[str]
    signed_on: Mapped[date | None]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    recorded_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    checked_at: Mapped[datetime | None]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str] = mapped_column(default="")


class CareRole(Base):
    """Somebody who helps a person for a time: a supporter, an interpreter, a foster carer (content/care_roles.json).

    `helper_id` is known where they have been identified; the name is always.
    """

    __tablename__ = "care_role"
    __table_args__ = (
        ExcludeConstraint(
            ("subject_id", "="),
            ("role", "="),
            ("helper_name", "="),
            ("during", "&&"),
            name="ex_care_role_overlap",
            where=text("ended_at is null"),
        ),
    )

    id: Mapped[Id]
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    helper_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    helper_name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(String(16))
    during: Mapped[Validity]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
