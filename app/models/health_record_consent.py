"""A resident's consent that the window may write to and read from their own Kanta record (Omatietovaranto)."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class HealthRecordConsent(Base):
    """One consent, from giving to withdrawing. At most one of a person holds at a time.

    `refresh_sealed` is the refresh token, encrypted; it changes at each use, and until `used_until` somebody is at it.
    Once the consent has ended it is kept only until Kanta has taken the consent back by it. `ended_by`: resident
    (withdrawn here), kanta (withdrawn there, or run out) or refused (never used: Kanta did not say that the record was
    the person's own; the row is for revoking it).
    """

    __tablename__ = "health_record_consent"
    __table_args__ = (
        Index("uq_health_record_consent_holds", "person_id", unique=True, postgresql_where=text("ended_at is null")),
    )

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    patient_id: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    refresh_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    used_until: Mapped[datetime | None]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(8), default="")


class ConsentAttempt(Base):
    """What is remembered between leaving for Kanta's consent page and coming back; used once."""

    __tablename__ = "consent_attempt"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("browser_session.id", ondelete="cascade"))
    code_verifier: Mapped[str]
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
