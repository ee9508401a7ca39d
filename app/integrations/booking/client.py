"""An external booking back-end over FHIR R4: Slot, Schedule and Appointment with the Finnish scheduling profiles."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from app.integrations.booking.config import BookingConfig
from app.integrations.booking.outgoing import OutgoingAppointments, Resource
from app.integrations.booking.port import (
    AlreadyChanged,
    Booked,
    BookingPatient,
    Cancelled,
    CancelReason,
    FreeSlot,
    Held,
    IdentifierUsed,
    SlotGone,
)
from app.integrations.booking.refusals import understood
from app.integrations.booking.results import booked, found_in, held, is_cancelled, is_held
from app.integrations.booking.slot_query import slot_paths
from app.integrations.booking.wire import AppointmentBody, AppointmentBundle, SlotBundle, free_slots_of
from app.integrations.capability import CapabilityStatement
from app.integrations.http import OutsideClient, Rejected, Unavailable
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "booking"
_FHIR_JSON = "application/fhir+json"
_MOST_PAGES = 20


class BookingBackend:
    """Implements the port `Booking`. Long-lived: it keeps connections."""

    def __init__(self, config: BookingConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._outgoing = OutgoingAppointments(config)
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)
        self._headers = {
            "Authorization": f"Bearer {config.token}",
            "Accept": _FHIR_JSON,
            "Prefer": "return=representation",
        }

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        self._outside.check(await self._call("GET", "/metadata"), CapabilityStatement)

    async def free_slots(
        self,
        service: str,
        start: datetime,
        until: datetime,
        *,
        location: str | None = None,
        practitioner: str | None = None,
    ) -> tuple[FreeSlot, ...]:
        found: dict[str, FreeSlot] = {}
        for path in slot_paths(self._config, service, start, until, location, practitioner):
            found |= {slot.id: slot for slot in await self._pages(path, service)}
        inside = [slot for slot in found.values() if start <= slot.start < until]
        return tuple(sorted(inside, key=lambda slot: (slot.start, slot.id)))

    async def hold(self, slot: FreeSlot, identifier: UUID, until: datetime | None = None) -> Held:
        body = self._outgoing.held(slot, identifier, until)
        if self._config.hold == "operation":
            return await self._hold_by_operation(body, slot, identifier)
        answer = await self._create(body, identifier)
        return held(SYSTEM, self._outside.check(answer, AppointmentBody), slot, identifier, answer)

    async def book(self, what: FreeSlot | Held, patient: BookingPatient, identifier: UUID, comment: str = "") -> Booked:
        if isinstance(what, Held):
            if what.identifier != identifier:
                raise ValueError("a hold is booked under its own identifier")
            return await self._confirm(what.id, patient, identifier, comment)
        answer = await self._create(self._outgoing.booked(what, patient, identifier, comment), identifier)
        appointment = self._outside.check(answer, AppointmentBody)
        if appointment.slot_ids != (what.id,) or is_cancelled(appointment):
            raise IdentifierUsed(SYSTEM, "identifier used before", status=answer.status_code)
        if is_held(appointment):
            return await self._confirm(appointment.id, patient, identifier, comment)
        return booked(SYSTEM, appointment, patient, identifier)

    async def find_by_identifier(self, identifier: UUID) -> Booked | Held | Cancelled | None:
        query = {"identifier": self._outgoing.identifier(identifier)}
        answer = await self._call("GET", "/Appointment", params=query)
        return found_in(self._outside.check(answer, AppointmentBundle), identifier)

    async def cancel(self, appointment_id: str, version: str, reason: CancelReason) -> Cancelled:
        current, resource = await self._read(appointment_id)
        identifier = current.identified_in(self._config.identifier_system)
        if identifier is None:
            raise AlreadyChanged(SYSTEM, "not ours", status=404)
        if not is_cancelled(current):
            if current.meta.version != version:
                raise AlreadyChanged(SYSTEM, "another version", status=409)
            current = await self._update(self._outgoing.cancelled(resource, reason), version)
        return Cancelled(current.id, current.meta.version, identifier)

    async def move(self, old: Booked, slot: FreeSlot, patient: BookingPatient, identifier: UUID) -> Booked:
        known = await self.find_by_identifier(identifier)
        if known is None and self._config.transactions:
            return await self._move_at_once(old, self._outgoing.booked(slot, patient, identifier), identifier)
        new = await self.book(slot, patient, identifier)
        try:
            await self.cancel(old.id, old.version, "moved")
        except Rejected:
            if known is None:
                await self.cancel(new.id, new.version, "moved")
            raise
        return new

    async def _move_at_once(self, old: Booked, new: Resource, identifier: UUID) -> Booked:
        current, resource = await self._read(old.id)
        if is_cancelled(current) or current.meta.version != old.version:
            raise AlreadyChanged(SYSTEM, "another version", status=409)
        await self._call("POST", "/", json=self._outgoing.moved(resource, new, identifier))
        # Servers may leave the new resources out of their answer, so they are asked for.
        made = await self.find_by_identifier(identifier)
        if not isinstance(made, Booked):
            raise Unavailable(SYSTEM, "the new booking is not found")
        return made

    async def _hold_by_operation(self, body: Resource, slot: FreeSlot, identifier: UUID) -> Held:
        """The operation knows no key, so what is held already is looked for first."""
        known = await self.find_by_identifier(identifier)
        if isinstance(known, Held) and known.slot_ids == (slot.id,):
            return known
        if known is not None:
            raise IdentifierUsed(SYSTEM, "identifier used before", status=409)
        parameters = {"resourceType": "Parameters", "parameter": [{"name": "appt-resource", "resource": body}]}
        answer = await self._call("POST", "/Appointment/$hold", json=parameters)
        return held(SYSTEM, self._outside.check(answer, AppointmentBody), slot, identifier, answer)

    async def _confirm(self, appointment_id: str, patient: BookingPatient, identifier: UUID, comment: str) -> Booked:
        current, resource = await self._read(appointment_id)
        if is_cancelled(current):
            raise SlotGone(SYSTEM, "the hold has run out", status=409)
        if is_held(current):
            body = self._outgoing.confirmed(resource, patient, comment)
            current = await self._update(body, current.meta.version)
        return booked(SYSTEM, current, patient, identifier)

    async def _pages(self, path: str, service: str) -> list[FreeSlot]:
        found: list[FreeSlot] = []
        for _ in range(_MOST_PAGES):
            answer = await self._call("GET", path)
            page = self._outside.check(answer, SlotBundle)
            found += free_slots_of(page, service)
            following = next((link.url for link in page.link if link.relation == "next"), None)
            if following is None:
                return found
            # Only this server is ever asked: a link to elsewhere would take the token along.
            if not following.startswith(self._config.base_url.rstrip("/") + "/"):
                raise self._outside.odd(answer, "next page is elsewhere")
            path = following.removeprefix(self._config.base_url.rstrip("/"))
        raise Unavailable(SYSTEM, "too many pages")

    async def _read(self, appointment_id: str) -> tuple[AppointmentBody, Resource]:
        """As understood, and whole, for sending it back changed."""
        try:
            answer = await self._call("GET", f"/Appointment/{quote(appointment_id, safe='')}")
        except Rejected as refusal:
            if refusal.status == 404:
                raise AlreadyChanged(SYSTEM, "not there", status=404) from None
            raise
        return self._outside.check(answer, AppointmentBody), self._outside.json(answer)

    async def _create(self, body: Resource, identifier: UUID) -> httpx.Response:
        wanted = {"If-None-Exist": f"identifier={self._outgoing.identifier(identifier)}"}
        return await self._call("POST", "/Appointment", json=body, headers=wanted, idempotent=True)

    async def _update(self, body: Resource, version: str) -> AppointmentBody:
        """Not repeated by itself: after a lost answer the version would be stale, and a success look like a loss."""
        guard = {"If-Match": f'W/"{version}"'}
        path = f"/Appointment/{body['id']}"
        answer = await self._call("PUT", path, json=body, headers=guard, idempotent=False)
        return self._outside.check(answer, AppointmentBody)

    async def _call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        media = {"Content-Type": _FHIR_JSON} if "json" in options else {}
        try:
            return await self._outside.call(
                method, path, headers={**self._headers, **media, **(headers or {})}, **options
            )
        except Rejected as refusal:
            raise understood(refusal) from None
