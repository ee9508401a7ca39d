"""What a back-end's refusal means: by FHIR's issue types and the codes of GP Connect."""

from pydantic import ValidationError

from app.integrations.booking.port import AlreadyChanged, BookingInvalid, IdentifierUsed, SlotGone
from app.integrations.booking.wire import Issue, Outcome
from app.integrations.http import Rejected

_ABOUT_THE_BOOKING = frozenset(
    {
        "INVALID_IDENTIFIER_VALUE",
        "INVALID_NHS_NUMBER",
        "INVALID_PARAMETER",
        "INVALID_RESOURCE",
        "NO_PATIENT_CONSENT",
        "PATIENT_NOT_FOUND",
        "REFERENCE_NOT_FOUND",
    }
)


def understood(refusal: Rejected) -> Rejected:
    """The refusal as what it means. Its body becomes the code alone: what servers say may name the patient."""
    issue = _first_issue(refusal.body)
    codes = [coding.code for coding in issue.details.coding]
    code = (codes[0] if codes else issue.code)[:60]
    kind = _kind(refusal.status, issue.code, code)
    return kind(refusal.system, refusal.reason, status=refusal.status, body={"code": code})


def _kind(status: int, issue_code: str, code: str) -> type[Rejected]:
    if status == 409:
        return SlotGone if "duplicate" in (issue_code, code) or code == "DUPLICATE_REJECTED" else AlreadyChanged
    if status == 412:
        return IdentifierUsed if issue_code == "multiple-matches" else AlreadyChanged
    if status == 410:
        return AlreadyChanged
    return BookingInvalid if status == 422 or code in _ABOUT_THE_BOOKING else Rejected


def _first_issue(body: object) -> Issue:
    try:
        return Outcome.model_validate(body).issue[0]
    except ValidationError:
        return Issue()
