"""The Kanta PHR over FHIR R4."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from app.domain.text import Language
from app.integrations.capability import CapabilityStatement
from app.integrations.http import OutsideClient, Rejected
from app.integrations.kanta.fhir import checked, discreet
from app.integrations.kanta.phr.config import PhrConfig
from app.integrations.kanta.phr.consent import ConsentDesk
from app.integrations.kanta.phr.constants import FHIR_JSON, IDENTITY_CODE_SYSTEM, LOINC, SYSTEM, URI_SYSTEM
from app.integrations.kanta.phr.measures import measures_by_code
from app.integrations.kanta.phr.port import (
    Access,
    AccessExpired,
    ConsentRequest,
    E,
    Entry,
    Grant,
    Kept,
    Measurement,
    NotAllowed,
    PendingConsent,
)
from app.integrations.kanta.phr.reading import PAGES, PatientBody
from app.integrations.kanta.phr.wire import resource_of, resource_type
from app.integrations.kanta.places import created_id
from app.integrations.watch import NO_WATCH, Watch

__all__ = ["KantaPhr", "PhrConfig"]

PAGE_SIZE = 100
MOST_PAGES = 50


class KantaPhr:
    """Implements the port `PersonalHealthRecord`. Long-lived: it keeps connections, and nobody's tokens."""

    def __init__(self, config: PhrConfig, watch: Watch = NO_WATCH) -> None:
        self._config = config
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch)
        self._desk = ConsentDesk(config, self._outside)

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self._outside.read(CapabilityStatement, "GET", "/metadata", headers={"Accept": "application/fhir+json"})

    async def begin_consent(self, redirect_uri: str, language: Language) -> ConsentRequest:
        return self._desk.begin(redirect_uri, language)

    async def finish_consent(self, pending: PendingConsent, callback: Mapping[str, str]) -> Grant:
        return await self._desk.finish(pending, callback)

    async def access(self, refresh_token: str) -> Access:
        return await self._desk.access(refresh_token)

    async def revoke(self, refresh_token: str) -> None:
        await self._desk.revoke(refresh_token)

    async def identity_code(self, access: Access) -> str | None:
        answer = await self._call(access, "GET", f"/Patient/{access.patient_id}")
        return self._outside.check(answer, PatientBody).value_of(IDENTITY_CODE_SYSTEM)

    async def write(self, access: Access, entry: Entry) -> str:
        resource = resource_of(entry, access.patient_id, self._config.profile_of, self._config.application)
        answer = await self._call(
            access,
            "POST",
            f"/{resource_type(type(entry))}",
            json=checked(SYSTEM, resource),
            headers={"If-None-Exist": f"identifier={URI_SYSTEM}|{entry.identifier.urn}"},
            idempotent=True,
        )
        return created_id(self._outside, answer, resource_type(type(entry)))

    async def read(self, access: Access, kind: type[E], *, since: datetime | None = None) -> tuple[Kept[E], ...]:
        found: list[Kept[E]] = []
        url = f"/{resource_type(kind)}"
        query: Mapping[str, str] | None = _query(access, kind, since)
        for _ in range(MOST_PAGES):
            answer = await self._call(access, "GET", url, params=query)
            page = self._outside.check(answer, PAGES[kind])
            found += [kept for kept in page.found() if kept is not None]
            following = page.following()
            if following is None:
                return tuple(found)
            if not following.startswith(f"{self._config.base_url}/"):  # the token goes to nobody else
                raise self._outside.odd(answer, "next page is elsewhere")
            url, query = following, None
        raise self._outside.odd(answer, "pages without end")

    async def _call(self, access: Access, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {
            "Accept": FHIR_JSON,
            "Authorization": f"Bearer {access.access_token}",
            **({"Content-Type": FHIR_JSON} if "json" in options else {}),
            **options.pop("headers", {}),
        }
        try:
            return await self._outside.call(method, path, headers=headers, **options)
        except Rejected as refusal:
            raise _understood(refusal) from None  # what the record said may repeat health data


def _understood(refusal: Rejected) -> Rejected:
    meaning = {401: AccessExpired, 403: NotAllowed}.get(refusal.status, Rejected)
    return meaning(SYSTEM, refusal.reason, status=refusal.status, body=discreet(refusal))


def _query(access: Access, kind: type[Entry], since: datetime | None) -> dict[str, str]:
    query = {"patient": access.patient_id, "_count": str(PAGE_SIZE)}
    if kind is Measurement:
        query["code"] = ",".join(f"{LOINC}|{code}" for code in measures_by_code())
    if since:
        query["_lastUpdated"] = f"ge{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return query
