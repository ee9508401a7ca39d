"""How the window talks to one external booking back-end: everything that differs from server to server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.domain.fhir import OWN
from app.domain.finnish_scheduling import (
    BY_PATIENT_PORTAL,
    BY_PROVIDER,
    HL7_CANCELLATION_SYSTEM,
    IDENTITY_CODE,
)
from app.integrations.booking.port import CancelReason
from app.integrations.http import CALL_SECONDS

_REASONS: Mapping[CancelReason, tuple[str, str]] = {
    "patient": (HL7_CANCELLATION_SYSTEM, BY_PATIENT_PORTAL),
    "provider": (HL7_CANCELLATION_SYSTEM, BY_PROVIDER),
    "moved": (HL7_CANCELLATION_SYSTEM, BY_PATIENT_PORTAL),
}


@dataclass(frozen=True)
class BookingConfig:
    """One back-end.

    `service_system` is the code system of its services. `hold`: "pending" creates an Appointment with that status,
    "operation" calls `Appointment/$hold`. `hold_until_extension` asks for the length of a hold; empty: don't ask.
    `transactions`: the server takes transaction bundles, so that a move is one request. `cancel_reasons` are
    (system, code) by our words. `question_days`: the longest stretch that one search may ask for.
    """

    base_url: str
    token: str = field(repr=False)
    service_system: str = "https://asiointi-ikkuna.example/fhir/CodeSystem/bookable-service"
    identifier_system: str = "urn:ietf:rfc:3986"
    identity_code_system: str = IDENTITY_CODE
    hold: Literal["pending", "operation"] = "pending"
    hold_until_extension: str = OWN + "hold-until"
    transactions: bool = True
    cancel_reasons: Mapping[CancelReason, tuple[str, str]] = field(default_factory=lambda: _REASONS)
    question_days: int = 14
    page_size: int = 200
    seconds: float = CALL_SECONDS
