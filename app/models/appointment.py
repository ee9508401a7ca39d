"""Appointments: a person's side of a taken time, and the rows that tell its history."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, During, Id


class Appointment(Base):
    """A held or booked time of one person (`subject`), taken by the one who acted (`actor`).

    `held` becomes `booked`, or `expired` when somebody else takes the time after `held_until`, or `released` when
    the resident leaves it; `booked` may become `cancelled`. Rows never go back.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        ExcludeConstraint(
            ("subject_id", "="),
            ("during", "&&"),
            name="ex_appointment_subject_overlap",
            where=text("status in ('held', 'booked') and not double_booked"),
        ),
        CheckConstraint("status in ('held', 'booked', 'cancelled', 'expired', 'released')", name="status"),
        CheckConstraint("register in ('patient', 'social')", name="register"),
        Index("ix_appointment_held_until", "held_until", postgresql_where=text("status = 'held'")),
    )

    id: Mapped[Id]
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    # By which right the actor acted for the subject (a basis of Representation); None where they are the same.
    basis: Mapped[str | None] = mapped_column(String(13))
    register: Mapped[str] = mapped_column(String(8))
    service_code: Mapped[str] = mapped_column(ForeignKey("bookable_service.code"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_location.id"))
    professional_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("professional.id"))
    during: Mapped[During]
    status: Mapped[str] = mapped_column(String(10))
    held_at: Mapped[datetime]
    held_until: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(2))
    assessment_run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessment_run.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    booked_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    # Somebody registered twice had another appointment at the same time; staff settle it with them.
    double_booked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class AppointmentEvent(Base):
    """One change of an appointment: what, when, by whom and why."""

    __tablename__ = "appointment_event"

    id: Mapped[Id]
    appointment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointment.id"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(16))
    by_kind: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[uuid.UUID | None]
    why: Mapped[str] = mapped_column(default="")
