"""People who use the window, and the staff who answer them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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
    """Somebody was registered twice: `staff_id` joins `merged_id` to `kept_id`, and says why they are the same.

    waiting → done, or refused where the two turn out to be two people. `set_aside`: rows of the merged one that could
    not stand beside the kept one's, each as a mapping with its `table` and what became of it.
    """

    __tablename__ = "person_merge"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'done', 'refused')", name="state"),
        Index("uq_person_merge_stands", "merged_id", unique=True, postgresql_where=text("state <> 'refused'")),
    )

    id: Mapped[Id]
    kept_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    merged_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(7), default="waiting", server_default=text("'waiting'"))
    settled_at: Mapped[datetime | None]
    set_aside: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))


class FoundPerson(Base):
    """`staff_id` has found somebody by the identity code that they showed, and sees their row until `until`."""

    __tablename__ = "found_person"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    until: Mapped[datetime]


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
