"""Refusals: what the server says no to, and the OperationOutcome that says so."""

from dataclasses import dataclass
from typing import Any

from app.simulators.fhir_server.description import ServerDescription


@dataclass(frozen=True)
class Refusal:
    """A no. `code` is of FHIR's issue types; `detail` the server's own code; `diagnostics` for the client's developer.

    `diagnostics` never repeats what was sent: it may hold personal data.
    """

    status: int
    code: str
    diagnostics: str
    detail: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """Carries a refusal up to the answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.diagnostics)
        self.refusal = refusal


def refuse(status: int, code: str, diagnostics: str, detail: str | None = None) -> Refused:
    """To be raised: `raise refuse(404, "not-found", …)`."""
    return Refused(Refusal(status, code, diagnostics, detail))


def insist(refusal: Refusal | None) -> None:
    """Raises Refused where a rule has refused."""
    if refusal:
        raise Refused(refusal)


def outcome(refusal: Refusal, server: ServerDescription) -> dict[str, Any]:
    """The OperationOutcome of a refusal."""
    issue: dict[str, Any] = {"severity": "error", "code": refusal.code, "diagnostics": refusal.diagnostics}
    detail = refusal.detail or server.detail_codes.get(refusal.status)
    if detail:
        issue["details"] = {"coding": [{"system": server.detail_system, "code": detail}]}
    else:
        issue["details"] = {"text": refusal.code}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
