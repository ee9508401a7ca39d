"""How the county is known to Kanta's appointment interface."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.finnish_scheduling import (
    BY_PATIENT_PORTAL,
    BY_PROVIDER,
    CANCELLATION_SYSTEM,
    HL7_CANCELLATION_SYSTEM,
)
from app.integrations.http import CALL_SECONDS
from app.integrations.kanta.appointments.constants import LABEL_SYSTEM, ROLE_SYSTEM, SERVICE_TYPE_SYSTEM
from app.integrations.kanta.appointments.port import CancelReason

Codes = tuple[tuple[str, str], ...]


def _both(code: str) -> Codes:
    return ((CANCELLATION_SYSTEM, code), (HL7_CANCELLATION_SYSTEM, code))


def _reasons() -> dict[CancelReason, Codes]:
    return {"patient": _both(BY_PATIENT_PORTAL), "moved": _both(BY_PATIENT_PORTAL), "provider": _both(BY_PROVIDER)}


@dataclass(frozen=True)
class AppointmentsConfig:
    """`base_url` is the FHIR R4 address.

    The real interface knows the county by the certificate of the connection (`certificate`, `key`: paths of PEM
    files); a gateway in between, or the simulator, by `token` in the header `token_header` after `token_prefix`.
    `reasons` are the codes (system, code) of each cancellation reason; the other systems are those of our assumptions.
    """

    base_url: str
    token: str = field(default="", repr=False)
    token_header: str = "Authorization"  # noqa: S105 - a header's name
    token_prefix: str = "Bearer "  # noqa: S105 - what stands before the token
    certificate: str = ""
    key: str = field(default="", repr=False)
    reasons: Mapping[CancelReason, Codes] = field(default_factory=_reasons)
    service_type_system: str = SERVICE_TYPE_SYSTEM
    label_system: str = LABEL_SYSTEM
    role_system: str = ROLE_SYSTEM
    seconds: float = CALL_SECONDS
