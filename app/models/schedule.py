"""Who can be booked, when they are there, and which of it is taken.

Free time is availability minus allocations. An allocation names no person, so that looking for free times needs no
right to see anybody's booking.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.text import Text
from app.models.base import Base, During, Id, TextColumn

TAKEN = "state in ('held', 'booked', 'blocked')"


class BookableService(Base):
    """A kind of appointment and the rule by which it is booked (rows come from content/bookable_services.json)."""

    __tablename__ = "bookable_service"

    code: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[Text] = mapped_column(TextColumn)
    descriptions: Mapped[Text] = mapped_column(TextColumn)
    minutes: Mapped[int]
    register: Mapped[str] = mapped_column(String(8))
    way: Mapped[str] = mapped_column(String(8))
    rule: Mapped[str] = mapped_column(String(12))
    prices: Mapped[Text] = mapped_column(TextColumn)
    what_to_bring: Mapped[Text] = mapped_column(TextColumn)
    cancel_limit_hours: Mapped[int]
    lead_minutes: Mapped[int]
    horizon_days: Mapped[int]
    permit_urgencies: Mapped[list[str]] = mapped_column(ARRAY(String))
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    source_ids: Mapped[list[str]] = mapped_column(ARRAY(String))
    # Codes of the forms that whoever books is asked to fill in before the visit.
    forms: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))


class Resource(Base):
    """Whatever can be in one place only at a time: a professional now; rooms, vehicles and devices join later."""

    __tablename__ = "resource"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))


class Professional(Base):
    """A professional who can be booked; their time is the resource of the same id."""

    __tablename__ = "professional"

    id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    titles: Mapped[Text] = mapped_column(TextColumn)


class Availability(Base):
    """A stretch of time in which a resource can be booked for some services at one place."""

    __tablename__ = "availability"
    __table_args__ = (
        ExcludeConstraint(("resource_id", "="), ("during", "&&"), name="ex_availability_overlap"),
        Index("ix_availability_services", "services", postgresql_using="gin"),
    )

    id: Mapped[Id]
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_location.id"), index=True)
    services: Mapped[list[str]] = mapped_column(ARRAY(String))
    during: Mapped[During]


class Allocation(Base):
    """A taken range of a resource. The exclusion constraint is what makes a double booking impossible.

    A `held` row whose `held_until` has passed counts as free; whoever takes the time changes its state first.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="), ("during", "&&"), name="ex_allocation_resource_overlap", where=text(TAKEN)
        ),
        CheckConstraint("state in ('held', 'booked', 'blocked', 'released')", name="state"),
    )

    id: Mapped[Id]
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id"))
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    during: Mapped[During]
    held_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(8))
