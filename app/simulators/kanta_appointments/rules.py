"""What the interface insists on: a provider's token, a complete appointment, Finnish state and status in step."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from app.domain.finnish_scheduling import (
    APPOINTMENT_TYPE_SYSTEM,
    CANCELLATION_SYSTEM,
    IDENTITY_CODE,
    STATUS_OF_CODE,
    finnish_state,
)
from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.simulators.fhir_server import Action, Context, Refusal, Resource, Rules
from app.simulators.kanta_appointments.description import PROFILE, PROVENANCE_PROFILE

_ROLES = {"10", "12"}  # organiser of the service, and who booked


class AppointmentRules(Rules):
    """`token` is what providers send as a bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def authorise(self, request: Request, _resource_type: str | None, action: Action) -> Refusal | None:
        given = request.headers.get("authorization", "")
        if action == "metadata" or hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return None
        if not given:
            return Refusal(401, "login", "a bearer token is required", headers=(("WWW-Authenticate", "Bearer"),))
        return Refusal(403, "forbidden", "the token is not accepted")

    def before_create(self, resource: Resource, context: Context) -> Refusal | None:
        for identifier in resource.get("identifier", []):
            query = [("identifier", f"{identifier.get('system', '')}|{identifier.get('value', '')}")]
            if context.search("Appointment", query):
                return Refusal(409, "duplicate", "the identifier is in use")
        return _fault(resource)

    def before_update(self, resource: Resource, current: Resource, _context: Context) -> Refusal | None:
        if current["status"] == "cancelled":
            return _invalid("business-rule", "a cancelled appointment can't be changed")
        if resource.get("identifier") != current.get("identifier"):
            return _invalid("business-rule", "identifier can't be changed")
        return _fault(resource)


def _fault(resource: Resource) -> Refusal | None:
    """The first thing that is wrong with an appointment."""
    return next(_faults(resource), None)


def _faults(resource: Resource) -> Iterator[Refusal]:
    meta = resource.get("meta", {})
    if PROFILE not in meta.get("profile", []):
        yield _invalid("required", f"meta.profile must name {PROFILE}")
    if not resource.get("identifier"):
        yield _invalid("required", "identifier is required")
    state = finnish_state(resource)
    if state and STATUS_OF_CODE.get(state) != resource["status"]:
        yield _invalid("value", "status and its extension ajanvarauksen-tila must say the same")
    if not _has_code(resource.get("appointmentType"), APPOINTMENT_TYPE_SYSTEM):
        yield _invalid("required", f"appointmentType of {APPOINTMENT_TYPE_SYSTEM} is required")
    if not resource.get("serviceType"):
        yield _invalid("required", "serviceType is required")
    if not _in_order(resource):
        yield _invalid("value", "start and end are required, the end after the start")
    if not _has_patient(resource):
        yield _invalid("required", f"a participant with a valid identifier of {IDENTITY_CODE} is required")
    if resource["status"] == "cancelled" and not _has_code(resource.get("cancelationReason"), CANCELLATION_SYSTEM):
        yield _invalid("required", f"cancelationReason of {CANCELLATION_SYSTEM} is required")
    if not _has_provenance(resource):
        yield _invalid("required", "a contained Provenance with the agents 10 and 12 is required")


def _has_code(concept: Any, system: str) -> bool:
    return any(coding.get("system") == system for coding in (concept or {}).get("coding", []))


def _in_order(resource: Resource) -> bool:
    try:
        return datetime.fromisoformat(resource["start"]) < datetime.fromisoformat(resource["end"])
    except (KeyError, ValueError):
        return False


def _has_patient(resource: Resource) -> bool:
    identifiers = (found.get("actor", {}).get("identifier", {}) for found in resource["participant"])
    return any(one.get("system") == IDENTITY_CODE and _is_code(one.get("value", "")) for one in identifiers)


def _is_code(value: str) -> bool:
    try:
        return IdentityCode.parse(value, datetime.now(UTC).date()).value == value
    except InvalidIdentityCode:
        return False


def _has_provenance(resource: Resource) -> bool:
    return any(
        PROVENANCE_PROFILE in inner.get("meta", {}).get("profile", []) and set(_roles(inner)) >= _ROLES
        for inner in resource.get("contained", [])
        if inner.get("resourceType") == "Provenance"
    )


def _roles(provenance: Any) -> Iterator[str]:
    for agent in provenance.get("agent", []):
        for coding in agent.get("type", {}).get("coding", []):
            yield coding.get("code", "")


def _invalid(code: str, diagnostics: str) -> Refusal:
    return Refusal(422, code, diagnostics)
