"""Booked and cancelled times to Kanta, so that they show in OmaKanta. Both are of one lane: the appointment's."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import as_language
from app.integrations.kanta.appointments.port import (
    AlreadyChanged,
    AppointmentUnknown,
    KantaAppointments,
    Registered,
    RegisteredAppointment,
)
from app.models import Appointment, BookableService, Delivery, Person, ServiceLocation
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt
from app.services.deliveries.queue import was_tried
from app.services.identity.finnish_code import finnish_code, needed_code
from app.services.identity.vault import IdentityVault

SYSTEM = "kanta-appointments"


@cache
def codes() -> dict[str, Any]:
    """The county's identifiers and codes (content/kanta_appointments.json)."""
    found: dict[str, Any] = load("kanta_appointments.json")
    return found


def is_told_to_kanta(service: BookableService) -> bool:
    """Only the patient register's times, and only of services that have a national code."""
    return service.register == "patient" and service.code in codes()["service_types"]


@dataclass(frozen=True)
class _Registration:
    identifier: uuid.UUID
    appointment: RegisteredAppointment


class RegisterAppointment(PlainKind):
    """A booked time; its key at Kanta is the appointment's id."""

    system = SYSTEM
    name = "appointment_register"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> _Registration | None:
        # One that was cancelled before Kanta heard of it needs no telling.
        return await _read(session, delivery.about_id, "booked", vault)

    async def send(self, carrier: Carrier, prepared: _Registration) -> Receipt:
        found = await carrier.ports.kanta_appointments.register(prepared.appointment, prepared.identifier)
        return Receipt(found.id, found.version)


@dataclass(frozen=True)
class _Cancelling:
    """`registration`: one that was tried and never confirmed. It may still be on its way, and arrive after we asked."""

    identifier: uuid.UUID
    registration: RegisteredAppointment | None


class CancelAppointment(PlainKind):
    """A cancelled time. What Kanta never heard of needs no cancelling; what it may yet hear of is registered by its
    key, so that a late arrival finds it there, and cancelled."""

    system = SYSTEM
    name = "appointment_cancel"

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> _Cancelling | None:
        found = await _read(session, delivery.about_id, "cancelled", vault)
        if found is None:
            return None
        unsure = await was_tried(session, delivery.about_id, RegisterAppointment.name)
        return _Cancelling(found.identifier, found.appointment if unsure else None)

    async def send(self, carrier: Carrier, prepared: _Cancelling) -> Receipt:
        kanta = carrier.ports.kanta_appointments
        known = await kanta.find(prepared.identifier)
        if known is None and prepared.registration is not None:
            known = await kanta.register(prepared.registration, prepared.identifier)
        if known is None:
            return Receipt("")
        try:
            gone = await _cancel(kanta, known)
        except AppointmentUnknown:
            return Receipt("")
        return Receipt(gone.id, gone.version) if gone else Receipt("")


async def _cancel(kanta: KantaAppointments, known: Registered) -> Registered | None:
    """Cancel what stands now; None where it is gone. Raises NotSendable where it changes all the time."""
    for _ in range(2):  # once more where somebody changed it just now
        try:
            return await kanta.cancel(known, "patient")
        except AlreadyChanged as changed:
            if changed.current is None:
                return None
            known = changed.current
    raise NotSendable("changes all the time at Kanta")


async def _read(
    session: AsyncSession, appointment_id: uuid.UUID, status: str, vault: IdentityVault
) -> _Registration | None:
    """The appointment as Kanta shall know it; None where it isn't in that status, or is none for Kanta. Raises
    NotWanted for somebody whom Kanta can't know."""
    query = (
        select(Appointment, BookableService, ServiceLocation, Person)
        .join(BookableService, BookableService.code == Appointment.service_code)
        .join(ServiceLocation, ServiceLocation.id == Appointment.location_id)
        .join(Person, Person.id == Appointment.subject_id)
        .where(Appointment.id == appointment_id, Appointment.status == status)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    appointment, service, place, subject = row
    if not is_told_to_kanta(service):
        return None
    code = needed_code(subject, vault)
    actor = await session.get_one(Person, appointment.actor_id)
    told = _told(appointment, service, place, code, finnish_code(actor, vault))
    return _Registration(appointment.id, told)


def _told(
    appointment: Appointment, service: BookableService, place: ServiceLocation, identity_code: str, booker: str | None
) -> RegisteredAppointment:
    known, language = codes(), as_language(appointment.language)
    starts_at, ends_at = appointment.during.lower, appointment.during.upper
    assert starts_at is not None  # noqa: S101 - appointments are always bounded
    assert ends_at is not None  # noqa: S101
    return RegisteredAppointment(
        identity_code=identity_code,
        starts_at=starts_at,
        ends_at=ends_at,
        service_type=known["service_types"][service.code],
        service_name=service.names.to(language),
        organiser=known["organiser"],
        unit=known["units"].get(place.source_id, known["unit"]),
        unit_name=place.names.to(language),
        language=language,
        appointment_type=known["appointment_types"][service.way],
        instructions=service.what_to_bring.to(language),
        booker_identity_code=booker,
    )
