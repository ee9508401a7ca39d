"""What the record insists on: the right token, the person's own entries, and complete resources."""

import re
from typing import Any
from uuid import UUID
from xml.parsers.expat import ExpatError, ParserCreate

from starlette.requests import Request

from app.simulators.fhir_server import Context, Refusal, Resource, Rules
from app.simulators.fhir_server.description import Action
from app.simulators.kanta_phr.description import KNOWN_PROFILES, OBSERVATIONS
from app.simulators.kanta_phr.people import People, patient_of
from app.simulators.kanta_phr.tokens import Holder, TokenDesk

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_XHTML = re.compile(r'<div\b[^>]*\bxmlns="http://www\.w3\.org/1999/xhtml"')
_UCUM = "http://unitsofmeasure.org"


class PhrRules(Rules):
    """One person's token opens that person's entries, as far as its scopes go."""

    def __init__(self, desk: TokenDesk, people: People) -> None:
        self._desk = desk
        self._people = people

    def authorise(self, request: Request, resource_type: str | None, action: Action) -> Refusal | None:
        if action == "metadata":
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        holder = self._desk.holder(token) if scheme.lower() == "bearer" else None
        if holder is None:
            return _not_let_in(401, "login", "invalid_token", "the access token is missing, unknown or expired")
        request.state.holder = holder
        verb = "write" if action in ("create", "update", "delete") else "read"
        if resource_type and not holder.may(resource_type, verb):
            return _not_let_in(403, "forbidden", "insufficient_scope", f"patient/{resource_type}.{verb} is required")
        return None

    def prepare(self, context: Context) -> None:
        patient = _holder(context).patient
        person = self._people.by_patient(patient)
        if person and context.unit.newest("Patient", patient) is None:
            context.unit.put(patient_of(person), method="POST")

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        return _fault(resource, _holder(context).patient)

    def before_update(self, resource: Resource, current: Resource, context: Context) -> Refusal | None:
        if resource.get("identifier") != current.get("identifier"):
            return _invalid("business-rule", "identifier can't be changed")
        return _fault(resource, _holder(context).patient)

    def may_see(self, resource: Resource, context: Context) -> bool:
        own = _holder(context).patient
        if resource["resourceType"] == "Patient":
            return bool(resource["id"] == own)
        return bool(resource["subject"]["reference"] == f"Patient/{own}")


def _holder(context: Context) -> Holder:
    found: Holder = context.request.state.holder
    return found


def _fault(resource: Resource, patient: str) -> Refusal | None:
    """The first thing that is wrong with a resource."""
    if resource.get("subject", {}).get("reference") != f"Patient/{patient}":
        return Refusal(403, "forbidden", "subject must be the person who consented")
    return _mandatory(resource) or _by_type(resource)


def _mandatory(resource: Resource) -> Refusal | None:
    profiles = resource.get("meta", {}).get("profile", [])
    if not profiles:
        return _invalid("required", "meta.profile is mandatory")
    if not set(profiles) <= KNOWN_PROFILES[resource["resourceType"]]:
        return _invalid("not-supported", "meta.profile is not known here")
    if not _LANGUAGE.fullmatch(resource.get("language", "")):
        return _invalid("required", "language is mandatory")
    if not _has_narrative(resource):
        return _invalid("required", "text with a narrative in XHTML is mandatory")
    if not any(_is_urn(found) for found in _listed(resource.get("identifier"))):
        return _invalid("required", "an identifier of the system urn:ietf:rfc:3986 with a urn:uuid is mandatory")
    return None


def _by_type(resource: Resource) -> Refusal | None:
    kind, status = resource["resourceType"], resource.get("status")
    if kind == "QuestionnaireResponse" and status == "entered-in-error":
        return _invalid("value", "a QuestionnaireResponse can't be entered-in-error")
    if kind == "CarePlan" and (resource.get("intent"), status) != ("plan", "completed"):
        return _invalid("value", "a CarePlan must have the intent plan and the status completed")
    if kind == "Observation":
        return _observation(resource)
    return None


def _observation(resource: Resource) -> Refusal | None:
    for name in resource["meta"]["profile"]:
        profile = OBSERVATIONS[name]
        if profile.code not in _codes(resource):
            return _invalid("code-invalid", "code is not that of the profile")
        parts = resource.get("component") or [resource]
        units = {code: part.get("valueQuantity", {}) for part in parts for code in _codes(part)}
        for code, unit in profile.units.items():
            quantity = units.get(code, {})
            if (quantity.get("system"), quantity.get("code")) != (_UCUM, unit) or "value" not in quantity:
                return _invalid("value", f"a value in the unit {unit} is required")
    return None


def _codes(part: Any) -> set[str]:
    codings = part.get("code", {}).get("coding", [])
    return {coding.get("code", "") for coding in codings if coding.get("system") == "http://loinc.org"}


def _has_narrative(resource: Resource) -> bool:
    div = resource.get("text", {}).get("div", "")
    if not _XHTML.match(div) or "<!" in div or "<?" in div:
        return False
    words: list[str] = []
    parser = ParserCreate()
    parser.CharacterDataHandler = words.append
    try:
        parser.Parse(div, True)
    except ExpatError:
        return False
    return bool("".join(words).strip())


def _is_urn(identifier: Any) -> bool:
    value = str(identifier.get("value", ""))
    if identifier.get("system") != "urn:ietf:rfc:3986" or not value.startswith("urn:uuid:"):
        return False
    try:
        return UUID(value).urn == value
    except ValueError:
        return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _invalid(code: str, diagnostics: str) -> Refusal:
    return Refusal(422, code, diagnostics)


def _not_let_in(status: int, code: str, error: str, diagnostics: str) -> Refusal:
    return Refusal(status, code, diagnostics, headers=(("WWW-Authenticate", f'Bearer error="{error}"'),))
