"""People who use the window, and the staff who answer them."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id


class Person(Base):
    """Somebody with an identity here: the one who acts, or the one whose matter it is.

    The identity code is never stored in clear: `identity_lookup` is a keyed hash to find the person by,
    `identity_sealed` the encrypted code, opened only to address an outside system. `identity_kind`: a Finnish code,
    the identifier by which somebody comes from another country (eIDAS), or a temporary one that a unit has given.
    `merged_into_id`: the same person was registered twice, and everything is with the other row.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("identity_kind in ('finnish', 'eidas', 'temporary')", name="identity_kind"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
    )

    id: Mapped[Id]
    identity_lookup: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    identity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_kind: Mapped[str] = mapped_column(String(9), default="finnish", server_default=text("'finnish'"))
    given_name: Mapped[str]
    family_name: Mapped[str]
    chosen_name: Mapped[str] = mapped_column(default="", server_default=text("''"))
    birth_date: Mapped[date | None]
    municipality_code: Mapped[str | None] = mapped_column(String(3))
    non_disclosure: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="fi")
    deceased_on: Mapped[date | None]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    @property
    def name(self) -> str:
        """The name in the population register, by which professionals know the person."""
        return f"{self.given_name} {self.family_name}"

    @property
    def called(self) -> str:
        """The name that the person wants to be called by here."""
        return self.chosen_name or self.name


class FormerIdentity(Base):
    """An identifier that was somebody's before: a changed code, or the code of a row that was merged into theirs."""

    __tablename__ = "former_identity"

    lookup: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    why: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime]


class PersonMerge(Base):
    """Somebody was registered twice: `staff_id` joined `merged_id` to `kept_id`, and says why they are the same."""

    __tablename__ = "person_merge"

    id: Mapped[Id]
    kept_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    merged_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str]
    at: Mapped[datetime]


class StaffMember(Base):
    """A professional as the staff issuer names them; roles and units are claims of the last sign-in."""

    __tablename__ = "staff_member"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    profession: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(String))
    units: Mapped[list[str]] = mapped_column(ARRAY(String))
    tasks: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    signed_in_at: Mapped[datetime]
