"""What makes an appointment right or wrong: the rules of GP Connect's booking, with the Finnish profile's codes."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.domain.clock import Clock
from app.domain.finnish_scheduling import IDENTITY_CODE, STATUS_OF_CODE, finnish_state
from app.domain.identity_code import IdentityCode, InvalidIdentityCode
from app.simulators.fhir_server import Context, Refusal, Resource

DESCRIPTION_LENGTH = 100
COMMENT_LENGTH = 500
_FORBIDDEN = ("reasonCode", "reasonReference", "specialty")
_FREE_TO_CHANGE = frozenset({"description", "comment", "text", "meta"})
_CHANGES_WITH_STATUS = frozenset({"status", "_status", "cancelationReason", "participant"})
_STEPS = frozenset({("pending", "booked"), ("pending", "cancelled"), ("booked", "cancelled"), ("booked", "booked")})


def invalid(diagnostics: str) -> Refusal:
    return Refusal(422, "invalid", diagnostics, "INVALID_RESOURCE")


def check_new(appointment: Resource) -> Refusal | None:
    """What can be said of a new appointment without looking at its slots."""
    if appointment["status"] not in ("pending", "booked"):
        return invalid("a new appointment must be pending or booked")
    identifiers = appointment.get("identifier", [])
    if not identifiers or not all(one.get("system") and one.get("value") for one in identifiers):
        return Refusal(400, "invalid", "an identifier with system and value is required", "INVALID_IDENTIFIER_VALUE")
    return check_text(appointment)


def check_text(appointment: Resource) -> Refusal | None:
    """Lengths, members that are forbidden, and the Finnish state beside the status."""
    for name, length in (("description", DESCRIPTION_LENGTH), ("comment", COMMENT_LENGTH)):
        if len(appointment.get(name, "")) > length:
            return invalid(f"{name} is longer than {length} characters")
    for name in _FORBIDDEN:
        if name in appointment:
            return invalid(f"{name} is not allowed")
    state = finnish_state(appointment)
    if state is not None and STATUS_OF_CODE.get(state) != appointment["status"]:
        return invalid("the Finnish state and the status say different things")
    return None


def check_change(changed: Resource, current: Resource, now: datetime) -> Refusal | None:
    """An appointment may be confirmed, cancelled, or have its texts amended; nothing else may change, nothing past."""
    if current["status"] == "cancelled":
        return invalid("the appointment has been cancelled")
    if (current["status"], changed["status"]) not in _STEPS:
        return invalid("this change of status is not possible")
    if datetime.fromisoformat(current["start"]) <= now:
        return invalid("the appointment has begun or is past")
    free = _FREE_TO_CHANGE | (_CHANGES_WITH_STATUS if changed["status"] != current["status"] else {"_status"})
    for name in (changed.keys() | current.keys()) - free:
        if changed.get(name) != current.get(name):
            return invalid("only description, comment and status may change")
    if changed["status"] == "cancelled" and not changed.get("cancelationReason"):
        return invalid("a cancellation needs its reason")
    return check_text(changed)


def check_slots(appointment: Resource, slots: Sequence[Resource], now: datetime) -> Refusal | None:
    """Free, adjacent, of one schedule and kind, in the future, and from and to when the appointment says."""
    if any(slot["status"] != "free" for slot in slots):
        return Refusal(409, "duplicate", "slot is no longer free", "DUPLICATE_REJECTED")
    in_order = sorted(slots, key=lambda slot: _moment(slot, "start"))
    if any(_moment(before, "end") != _moment(after, "start") for before, after in pairwise(in_order)):
        return invalid("the slots are not adjacent")
    for name in ("schedule", "serviceType", "appointmentType"):
        if any(slot.get(name) != slots[0].get(name) for slot in slots):
            return invalid(f"the slots differ in {name}")
    return _check_time(appointment, _moment(in_order[0], "start"), _moment(in_order[-1], "end"), now)


def _check_time(appointment: Resource, start: datetime, end: datetime, now: datetime) -> Refusal | None:
    if "start" not in appointment or _moment(appointment, "start") != start:
        return invalid("start is not that of the slots")
    if "end" not in appointment or _moment(appointment, "end") != end:
        return invalid("end is not that of the slots")
    return invalid("the start is in the past") if start <= now else None


def check_patient(appointment: Resource, context: Context) -> Refusal | None:
    """A booked appointment has one patient, known here, who has not forbidden this."""
    actors = [participant.get("actor", {}) for participant in appointment["participant"]]
    patients = [actor for actor in actors if _is_patient(actor)]
    if not patients and appointment["status"] == "pending":
        return None
    if len(patients) != 1:
        return invalid("exactly one patient must take part")
    if _is_malformed(patients[0], context.now):
        return Refusal(400, "invalid", "the patient's identity code is malformed", "INVALID_NHS_NUMBER")
    patient = _known_patient(patients[0], context)
    if patient is None:
        return Refusal(404, "not-found", "the patient is not known", "PATIENT_NOT_FOUND")
    if not patient["active"]:
        return Refusal(403, "forbidden", "the patient has not consented", "NO_PATIENT_CONSENT")
    return None


def _is_patient(actor: dict[str, Any]) -> bool:
    return actor.get("type") == "Patient" or str(actor.get("reference", "")).split("/")[-2:-1] == ["Patient"]


def _is_malformed(actor: dict[str, Any], now: datetime) -> bool:
    identifier = actor.get("identifier", {})
    if identifier.get("system") != IDENTITY_CODE:
        return False
    try:
        IdentityCode.parse(str(identifier.get("value")), Clock(now).today)
    except InvalidIdentityCode:
        return True
    return False


def _known_patient(actor: dict[str, Any], context: Context) -> Resource | None:
    if "reference" in actor:
        return context.read("Patient", str(actor["reference"]).split("/")[-1])
    identifier = actor.get("identifier", {})
    found = context.search("Patient", [("identifier", f"{identifier.get('system')}|{identifier.get('value')}")])
    return found[0] if found else None


def _moment(resource: Resource, name: str) -> datetime:
    return datetime.fromisoformat(resource[name])
