"""Kanta's appointment interface over FHIR R4."""

import ssl
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from app.domain.finnish_scheduling import IDENTITY_CODE
from app.integrations.capability import CapabilityStatement
from app.integrations.http import OutsideClient, Rejected
from app.integrations.kanta.appointments.config import AppointmentsConfig
from app.integrations.kanta.appointments.constants import FHIR_JSON, SYSTEM, URI_SYSTEM
from app.integrations.kanta.appointments.port import (
    AlreadyChanged,
    AppointmentUnknown,
    CancelReason,
    KnownAppointment,
    Registered,
    RegisteredAppointment,
)
from app.integrations.kanta.appointments.reading import AppointmentBody, AppointmentPage
from app.integrations.kanta.appointments.wire import appointment_resource, cancelled
from app.integrations.kanta.fhir import checked, discreet
from app.integrations.watch import NO_WATCH, Watch

__all__ = ["AppointmentsConfig", "KantaAppointmentsClient"]

PAGE_SIZE = 100
MOST_PAGES = 50
_STALE = frozenset({409, 412})


@dataclass(frozen=True)
class _Current:
    """An appointment as it stands: the whole resource, which an update must send back, and how we know it."""

    resource: dict[str, Any]
    registered: Registered


class KantaAppointmentsClient:
    """Implements the port `KantaAppointments`. Long-lived: it keeps connections."""

    def __init__(self, config: AppointmentsConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        verify = _with_certificate(config) if config.certificate else True
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch, verify=verify)

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        self._outside.check(await self._call("GET", "/metadata"), CapabilityStatement)

    async def register(self, appointment: RegisteredAppointment, identifier: UUID) -> Registered:
        resource = checked(SYSTEM, appointment_resource(appointment, identifier, self._config))
        answer = await self._call(
            "POST",
            "/Appointment",
            json=resource,
            headers={"If-None-Exist": f"identifier={_token(identifier)}"},
            idempotent=True,
        )
        return self._outside.check(answer, AppointmentBody).registered(identifier)

    async def cancel(self, registered: Registered, reason: CancelReason) -> Registered:
        current = await self._current(registered.identifier)
        if current is None:
            raise AppointmentUnknown(SYSTEM, "no such appointment", status=404)
        if current.registered.status == "cancelled":
            return current.registered
        if current.registered.version != registered.version:
            raise AlreadyChanged(SYSTEM, current.registered)
        return await self._update(current, cancelled(current.resource, reason, self._config))

    async def move(self, registered: Registered, new: RegisteredAppointment, identifier: UUID) -> Registered:
        await self.cancel(registered, "moved")
        return await self.register(new, identifier)

    async def find(self, identifier: UUID) -> Registered | None:
        current = await self._current(identifier)
        return current.registered if current else None

    async def list_for(self, identity_code: str) -> tuple[KnownAppointment, ...]:
        # Asked by POST, page by page: an identity code does not belong into an address, neither in a link's.
        found: list[AppointmentBody] = []
        asked = {"patient:identifier": f"{IDENTITY_CODE}|{identity_code}", "_count": str(PAGE_SIZE)}
        for _ in range(MOST_PAGES):
            form = {**asked, "_offset": str(len(found))}
            answer = await self._call("POST", "/Appointment/_search", data=form, idempotent=True)
            page = self._outside.check(answer, AppointmentPage)
            found += [entry.resource for entry in page.entry]
            if not page.entry or len(found) >= page.total:
                timed = filter(None, (body.known() for body in found))
                return tuple(sorted(timed, key=lambda known: known.starts_at))
        raise self._outside.odd(answer, "pages without end")

    async def _update(self, current: _Current, resource: dict[str, Any]) -> Registered:
        before = current.registered
        answer = await self._call(
            "PUT",
            f"/Appointment/{before.id}",
            json=resource,  # not checked again: what Kanta has taken from others must not stop us
            headers={"If-Match": f'W/"{before.version}"'},
            accept=_STALE,
        )
        if answer.status_code not in _STALE:
            return self._outside.check(answer, AppointmentBody).registered(before.identifier)
        now = await self.find(before.identifier)
        if now and now.status == resource["status"]:
            return now  # our own doing, where the first answer was lost
        raise AlreadyChanged(SYSTEM, now)

    async def _current(self, identifier: UUID) -> _Current | None:
        answer = await self._call("GET", "/Appointment", params={"identifier": _token(identifier)})
        page = self._outside.check(answer, AppointmentPage)
        if not page.entry:
            return None
        if len(page.entry) > 1:
            raise self._outside.odd(answer, "several appointments by one identifier")
        resource = self._outside.json(answer)["entry"][0]["resource"]
        return _Current(resource, page.entry[0].resource.registered(identifier))

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {
            "Accept": FHIR_JSON,
            "Prefer": "return=representation",
            **({"Content-Type": FHIR_JSON} if "json" in options else {}),
            **options.pop("headers", {}),
        }
        if self._config.token:
            headers[self._config.token_header] = f"{self._config.token_prefix}{self._config.token}"
        try:
            return await self._outside.call(method, path, headers=headers, **options)
        except Rejected as refusal:
            body = discreet(refusal)  # what Kanta said may repeat personal data
            raise Rejected(SYSTEM, refusal.reason, status=refusal.status, body=body) from None


def _token(identifier: UUID) -> str:
    return f"{URI_SYSTEM}|{identifier.urn}"


def _with_certificate(config: AppointmentsConfig) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_cert_chain(config.certificate, config.key or None)
    return context
