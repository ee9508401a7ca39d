"""From our types to FHIR R4: a case is a Task, a contact a Communication, a document a DocumentReference.

Our own design: Finland has no public interface for this. Everything is plain R4 without extensions, so that any FHIR
server can take it. What R4 has no place for (our urgency, the service task, the texts) is in `Task.input`.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, assert_never

from app.domain.urgency import Urgency
from app.integrations.records.port import (
    CaseInitiation,
    Channel,
    ContactRecord,
    Entry,
    OutgoingDocument,
    PatientRegister,
    Register,
    SocialRegister,
)

Resource = dict[str, Any]
_PRIORITY = {
    Urgency.EMERGENCY: "stat",
    Urgency.IMMEDIATE: "stat",
    Urgency.SAME_DAY: "asap",
    Urgency.WITHIN_DAYS: "urgent",
    Urgency.ROUTINE: "routine",
    Urgency.SELF_CARE: "routine",
}
# What a FHIR string can't hold: control characters, and white space that R4's pattern of strings doesn't know.
_NO_STRING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|[^\S \r\n\t]")


def _ways_of_contact() -> Mapping[Channel, str]:
    remote = dict.fromkeys(("phone", "video", "chat"), "R52")
    return {"visit": "R10", "home_visit": "R20", **remote, "message": "R56", "letter": "R60"}  # type: ignore[dict-item]


@dataclass(frozen=True)
class Naming:
    """Names that the window and the record systems have agreed on.

    `namespace` begins our identifier and code systems. `ways_of_contact`: AvoHILMO's code for each channel, used in
    the patient register only; from the classification of THL, as its code server tells at the time.
    """

    namespace: str = "https://asiointi-ikkuna.example/fhir"
    identity_code_system: str = "urn:oid:1.2.246.21"
    ways_of_contact: Mapping[Channel, str] = field(default_factory=_ways_of_contact)
    way_of_contact_system: str = "https://asiointi-ikkuna.example/fhir/CodeSystem/avohilmo-way-of-contact"

    def identifiers(self, what: str) -> str:
        """The system of our identifiers: `case`, `contact`, `document`, `reference`, `content`."""
        return f"{self.namespace}/sid/{what}"

    def coding(self, code_system: str, code: str) -> Resource:
        return {"system": f"{self.namespace}/CodeSystem/{code_system}", "code": code}

    def concept(self, code_system: str, code: str) -> Resource:
        return {"coding": [self.coding(code_system, code)]}


def identifier_system(entry: Entry, naming: Naming) -> str:
    """The system of the entry's own identifier."""
    kinds = {CaseInitiation: "case", ContactRecord: "contact", OutgoingDocument: "document"}
    return naming.identifiers(kinds[type(entry)])


def resource_of(entry: Entry, naming: Naming) -> Resource:
    """The resource to send, with a fingerprint of its content among its identifiers.

    The fingerprint stays while the record system works on the resource, so that a repeated sending can be told from
    another content under the same identifier.
    """
    match entry:
        case CaseInitiation():
            resource = _task(entry, naming)
        case ContactRecord():
            resource = _communication(entry, naming)
        case OutgoingDocument():
            resource = _document_reference(entry, naming)
        case _ as never:
            assert_never(never)
    print_of_content = {"system": naming.identifiers("content"), "value": _fingerprint(resource)}
    return {**resource, "identifier": [*resource["identifier"], print_of_content]}


def fingerprint_of(resource: Resource, naming: Naming) -> str:
    """The fingerprint that `resource_of` has put in."""
    found = (one["value"] for one in resource["identifier"] if one["system"] == naming.identifiers("content"))
    return str(next(found))


def _task(case: CaseInitiation, naming: Naming) -> Resource:
    task = _begun("Task", case, naming) | {
        "status": "requested",
        "intent": "order",
        "priority": _PRIORITY[case.urgency],
        "code": naming.concept("case-kind", case.kind),
        **_strings("description", case.title),
        "authoredOn": _instant(case.arrived_at),
        "input": list(_inputs(case, naming)),
    }
    task["identifier"].append({"system": naming.identifiers("reference"), "value": case.reference})
    if case.subject_identity_code:
        task["for"] = _person(case.subject_identity_code, naming, "Patient")
    if case.actor_identity_code:
        task["requester"] = _person(case.actor_identity_code, naming)
    return task


def _inputs(case: CaseInitiation, naming: Naming) -> Iterator[Resource]:
    yield {"type": naming.concept("case-input", "urgency"), "valueCode": case.urgency.value}
    if isinstance(case.register, SocialRegister) and case.register.service_task:
        yield {"type": naming.concept("case-input", "service-task"), "valueCode": case.register.service_task}
    for code, text in (("written", case.written), ("assessment", case.assessment)):
        value = _strings("valueString", text)
        if value:
            yield {"type": naming.concept("case-input", code), **value}


def _communication(contact: ContactRecord, naming: Naming) -> Resource:
    medium = naming.concept("channel", contact.channel)
    way = naming.ways_of_contact.get(contact.channel)
    if way and isinstance(contact.register, PatientRegister):
        medium["coding"].append({"system": naming.way_of_contact_system, "code": way})
    content = _strings("contentString", contact.summary)
    sender = _strings("display", contact.professional)
    return _begun("Communication", contact, naming) | {
        "status": "completed",
        "medium": [medium],
        "subject": _person(contact.subject_identity_code, naming, "Patient"),
        "sent": _instant(contact.at),
        **({"sender": sender} if sender else {}),
        **({"payload": [content]} if content else {}),
        **_about("basedOn", contact.case_identifier, naming),
    }


def _document_reference(document: OutgoingDocument, naming: Naming) -> Resource:
    made = {"creation": _instant(document.made_at), **_strings("title", document.title)}
    plain = {"contentType": "text/plain; charset=utf-8", "language": document.language, **_data(document.text)}
    content = [{"attachment": {**plain, **made}}]
    if document.fhir is not None:
        data = _data(json.dumps(dict(document.fhir), ensure_ascii=False))
        content.append({"attachment": {"contentType": "application/fhir+json", **data, **made}})
    related = _about("related", document.case_identifier, naming)
    return _begun("DocumentReference", document, naming) | {
        "status": "current",
        "docStatus": "final",
        "type": naming.concept("document-kind", document.kind),
        "subject": _person(document.subject_identity_code, naming, "Patient"),
        "date": _instant(document.made_at),
        **_strings("description", document.title),
        "content": content,
        **({"context": related} if related else {}),
    }


def _begun(resource_type: str, entry: Entry, naming: Naming) -> Resource:
    """What all have. The tag says the register once more: a receiver of the other one refuses it."""
    return {
        "resourceType": resource_type,
        "meta": {"tag": [naming.coding("register", register_name(entry.register))]},
        "language": entry.language,
        "identifier": [{"system": identifier_system(entry, naming), "value": entry.identifier}],
    }


def register_name(register: Register) -> str:
    match register:
        case PatientRegister():
            return "patient"
        case SocialRegister():
            return "social"
        case _ as never:
            assert_never(never)


def _person(identity_code: str, naming: Naming, person_type: str | None = None) -> Resource:
    identifier = {"system": naming.identity_code_system, "value": identity_code}
    return {"identifier": identifier, **({"type": person_type} if person_type else {})}


def _about(element: str, case_identifier: str | None, naming: Naming) -> Resource:
    if case_identifier is None:
        return {}
    identifier = {"system": naming.identifiers("case"), "value": case_identifier}
    return {element: [{"type": "Task", "identifier": identifier}]}


def _string(text: str) -> str:
    return _NO_STRING.sub(" ", text)


def _strings(element: str, text: str) -> Resource:
    """The text under its element, and nothing where there is none: FHIR knows no empty strings."""
    written = _string(text)
    return {element: written} if written.strip() else {}


def _data(text: str) -> Resource:
    return {"data": b64encode(text.encode()).decode()} if text else {}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _fingerprint(resource: Resource) -> str:
    canonical = json.dumps(resource, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
