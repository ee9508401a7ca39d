"""People who use the window, and the staff who answer them."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id


class Person(Base):
    """Somebody with an identity here: the one who acts, or the one whose matter it is.

    The identity code is never stored in clear: `identity_lookup` is a keyed hash to find the person by,
    `identity_sealed` the encrypted code, opened only to address an outside system.
    """

    __tablename__ = "person"

    id: Mapped[Id]
    identity_lookup: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    identity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    given_name: Mapped[str]
    family_name: Mapped[str]
    birth_date: Mapped[date | None]
    municipality_code: Mapped[str | None] = mapped_column(String(3))
    non_disclosure: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="fi")
    created_at: Mapped[CreatedAt]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


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
    signed_in_at: Mapped[datetime]
