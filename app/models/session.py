"""Browser sessions and sign-ins under way."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id


class BrowserSession(Base):
    """One browser's session. The cookie holds a random token; only its hash is here.

    An anonymous session exists as soon as there is something to keep (answers to an assessment). A new row (new id,
    new cookie) begins at signing in, which takes that work along, at stepping up, and at every change of whom one acts
    for: `sign_in_id` is the same in all rows that come from one sign-in, and `created_at` stays its moment, from which
    the longest time counts. `issuer` is the identification service; `provider_session` and `provider_subject` are its
    names of the session (`sid`) and of the person in it (`sub`), by which it may end ours. The id_token (needed to
    sign out at the provider) holds the identity code, so it is kept encrypted.
    """

    __tablename__ = "browser_session"
    __table_args__ = (CheckConstraint("num_nonnulls(person_id, staff_id) <= 1", name="one_identity"),)

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    sign_in_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    acr: Mapped[str | None]
    assurance: Mapped[str] = mapped_column(String(11), default="", server_default=text("''"))
    device: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    issuer: Mapped[str | None]
    provider_session: Mapped[str | None] = mapped_column(index=True)
    provider_subject: Mapped[str | None] = mapped_column(index=True)
    id_token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))


class SignInAttempt(Base):
    """What must be remembered between leaving for the identification service and coming back; used once."""

    __tablename__ = "sign_in_attempt"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    audience: Mapped[str] = mapped_column(String(8))
    binding_hash: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str]
    code_verifier: Mapped[str]
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    # Set where the person was asked to identify anew (step-up): an older identification does not count.
    forced_at: Mapped[datetime | None]


class SetAside(Base):
    """What was typed into a form whose sending had to wait (the session had ended): it is offered again afterwards.

    Encrypted, because it may be about health. `subject_id`: whose matter it was about; nobody else's form gets it.
    `session_id`: that of the browser in which it was typed before signing in; both people are unknown until then.
    """

    __tablename__ = "set_aside"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(person_id, subject_id) = 0"
            " or (num_nonnulls(person_id, subject_id) = 0 and session_id is not null)",
            name="whose",
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    path: Mapped[str]
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class UsedLogoutToken(Base):
    """A logout token of an identification service that has been acted on; the same one again is refused."""

    __tablename__ = "used_logout_token"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(String(255), primary_key=True)
    used_at: Mapped[datetime]
