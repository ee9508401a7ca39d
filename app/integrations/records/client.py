"""The record systems over FHIR R4: one address and one credential for each register."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import assert_never
from urllib.parse import urlencode

from app.integrations.http import CALL_SECONDS, OutsideClient, Rejected, Unavailable
from app.integrations.records.port import (
    CaseChanges,
    CaseInitiation,
    CaseStatus,
    ConflictingRepeat,
    ContactRecord,
    Entry,
    Kept,
    OutgoingDocument,
    PatientRegister,
    Register,
    SocialRegister,
)
from app.integrations.records.reading import Identified, TaskBundle
from app.integrations.records.wire import Naming, fingerprint_of, identifier_system, resource_of
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "records"
_FHIR_JSON = "application/fhir+json"
_OVERLAP = timedelta(seconds=5)  # changes are written a little later than the time they carry
_MOST_PAGES = 20


@dataclass(frozen=True)
class RegisterEndpoint:
    """One register's record system. The credential goes into `header` after `prefix`: `Bearer ` or an API key's."""

    base_url: str
    credential: str = field(repr=False)
    header: str = "Authorization"
    prefix: str = "Bearer "


@dataclass(frozen=True)
class RecordsConfig:
    """Both registers. `page_size`: cases asked for at a time."""

    patient: RegisterEndpoint
    social: RegisterEndpoint
    naming: Naming = field(default_factory=Naming)
    page_size: int = 100
    seconds: float = CALL_SECONDS


class RecordSystems:
    """Implements the port `Records`. Long-lived: it keeps connections."""

    def __init__(self, config: RecordsConfig, watch: Watch = NO_WATCH) -> None:
        self._patient = _RecordSystem("patient", config.patient, config, watch)
        self._social = _RecordSystem("social", config.social, config, watch)

    async def close(self) -> None:
        await self._patient.close()
        await self._social.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only living systems answer."""
        for register in (PatientRegister(), SocialRegister()):
            await self.case_status(register, "probe")  # a case that nobody initiated: unknown

    async def initiate_case(self, case: CaseInitiation) -> Kept:
        return await self._of(case.register).keep(case)

    async def record_contact(self, contact: ContactRecord) -> Kept:
        return await self._of(contact.register).keep(contact)

    async def send_document(self, document: OutgoingDocument) -> Kept:
        return await self._of(document.register).keep(document)

    async def case_status(self, register: Register, identifier: str) -> CaseStatus | None:
        return await self._of(register).case_status(identifier)

    async def changes(self, register: Register, since: datetime) -> CaseChanges:
        return await self._of(register).changes(since)

    def _of(self, register: Register) -> "_RecordSystem":
        match register:
            case PatientRegister():
                return self._patient
            case SocialRegister():
                return self._social
            case _ as never:
                assert_never(never)


class _RecordSystem:
    """One register's system."""

    def __init__(self, name: str, endpoint: RegisterEndpoint, config: RecordsConfig, watch: Watch) -> None:
        self._base_url = endpoint.base_url.rstrip("/")
        self._naming = config.naming
        self._page_size = config.page_size
        self._headers = {endpoint.header: f"{endpoint.prefix}{endpoint.credential}", "Accept": _FHIR_JSON}
        self._outside = OutsideClient(SYSTEM, self._base_url, seconds=config.seconds, watch=watch, endpoint=name)

    async def close(self) -> None:
        await self._outside.close()

    async def keep(self, entry: Entry) -> Kept:
        """A conditional create: where the identifier is known there already, the resource that has it comes back."""
        resource = resource_of(entry, self._naming)
        own = f"{identifier_system(entry, self._naming)}|{entry.identifier}"
        headers = {
            **self._headers,
            "Content-Type": _FHIR_JSON,
            "If-None-Exist": urlencode({"identifier": own}),
            "Prefer": "return=representation",
        }
        body = json.dumps(resource, ensure_ascii=False).encode()
        try:
            answer = await self._outside.call(
                "POST", f"/{resource['resourceType']}", content=body, headers=headers, idempotent=True
            )
        except Rejected as refusal:
            raise _understood(refusal) from None
        kept = self._outside.check(answer, Identified)
        if kept.value_in(self._naming.identifiers("content")) != fingerprint_of(resource, self._naming):
            raise ConflictingRepeat(SYSTEM, "identifier used for something else", status=answer.status_code)
        return Kept(kept.id, new=answer.status_code == 201)

    async def case_status(self, identifier: str) -> CaseStatus | None:
        page = await self._page({"identifier": f"{self._naming.identifiers('case')}|{identifier}"})
        return next((status for task in page.tasks if (status := task.case_status(self._naming))), None)

    async def changes(self, since: datetime) -> CaseChanges:
        """Pages begin at a time, not at a number: a case that changes meanwhile moves to the end and shifts others."""
        asked = {
            "identifier": f"{self._naming.identifiers('case')}|",
            "_lastUpdated": f"ge{_second(since - _OVERLAP)}",
            "_sort": "_lastUpdated",
            "_count": str(self._page_size),
        }
        page = await self._page(asked)
        tasks = list(page.tasks)
        for _ in range(_MOST_PAGES):
            # Only where a whole page lies before the time asked for would asking by time come to stand still.
            if page.next_url is None or (tasks and tasks[-1].meta.last_updated >= since + _OVERLAP):
                break
            page = await self._follow(page.next_url)
            tasks += page.tasks
        found = [status for task in tasks if (status := task.case_status(self._naming))]
        until = max([since.astimezone(UTC), *(task.meta.last_updated.astimezone(UTC) for task in tasks)])
        return CaseChanges(tuple(found), until, more=page.next_url is not None)

    async def _page(self, query: dict[str, str]) -> TaskBundle:
        return await self._outside.read(TaskBundle, "GET", "/Task", params=query, headers=self._headers)

    async def _follow(self, url: str) -> TaskBundle:
        """The next page. The credential goes nowhere but to the system's own address."""
        if not url.startswith(f"{self._base_url}/"):
            raise Unavailable(SYSTEM, "next page is elsewhere")
        return await self._outside.read(TaskBundle, "GET", url, headers=self._headers)


def _understood(refusal: Rejected) -> Rejected:
    """412: the identifier is there several times."""
    kind = ConflictingRepeat if refusal.status == 412 else Rejected
    return kind(SYSTEM, refusal.reason, status=refusal.status, body=refusal.body)


def _second(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
