"""The sentences of the clerk's desk: why something can't be recorded, at which field, and what to do."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.services.acting.care_roles import Refusal as HelperRefusal
from app.services.acting.local_mandates import Refusal as MandateRefusal
from app.services.identity.merge_people import Refusal as MergeRefusal
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import N_
from app.web.i18n import gettext as _

Reason = TypeVar("Reason", bound=str)
CODE_FAULTS: Mapping[str, str] = {
    "shape": N_("Write the identity code like this: 131052-9085. A temporary code begins with T."),
    "date": N_("The beginning of the code is no date of birth. Check the first six numbers."),
    "future": N_("The date of birth in the code is in the future. Check the sign in the middle."),
    "number": N_("The number after the sign is not given to anybody. Check it."),
    "check": N_("The last character does not fit the others. Check the whole code."),
}
NOBODY = N_("Nobody with this code has been here. Register the person first with Find a person: this form waits.")

MANDATE: Mapping[MandateRefusal, tuple[str, str]] = {
    "same_person": ("mandatee", N_("The same person can't give and receive the mandate.")),
    "principal_not_adult": ("principal", N_("The giver must be at least 18. For a child, the guardian acts.")),
    "mandatee_not_adult": ("mandatee", N_("The receiver must be at least 18.")),
    "competence_missing": ("competence", N_("Choose how you saw that the giver understands the mandate.")),
    "principal_not_met": ("competence", N_("The mandate can be recorded once you have met the giver.")),
    "principal_unable": (
        "competence",
        N_(
            "For somebody who no longer understands it, a mandate can't be made."
            " See at the top of the page what to do instead."
        ),
    ),
    "statements_missing": (
        "statements",
        N_("Tick every statement. Where one is not true, no mandate is recorded."),
    ),
    "document_type": ("document_type", N_("Choose what was signed.")),
    "document_place": ("document_place", N_("Write where the paper is kept.")),
    "signed_in_future": ("signed_on", N_("The day of signing can't be in the future.")),
    "registers": ("registers", N_("Choose what the mandate covers.")),
    "validity_backwards": ("valid_to", N_("The last day is before the first. Check the days.")),
    "validity_before_signing": ("valid_from", N_("The mandate can't begin before it was signed.")),
    "validity_over": ("valid_to", N_("The last day has passed already.")),
    "validity_too_long": ("valid_to", N_("A mandate can't be valid here for so long. Choose an earlier last day.")),
    "not_checked": ("check", N_("Another clerk must check the mandate.")),
    "same_clerk": ("check", N_("You recorded this mandate yourself. Another clerk must check it.")),
    "deceased": ("principal", N_("One of the two has died, so the mandate can't be recorded.")),
    "overlap": (
        "valid_from",
        N_("These two already have a mandate at the same time. Revoke it first, or choose other days."),
    ),
    "settled": ("check", N_("Somebody has checked or revoked this mandate already.")),
}
HELPER: Mapping[HelperRefusal, tuple[str, str]] = {
    "role": ("role", N_("Choose how this person helps.")),
    "same_person": ("helper", N_("Nobody can be their own helper. Check the code.")),
    "not_minor": ("role", N_("Only somebody under 18 has a foster carer.")),
    "helper_unknown": ("helper", N_("A foster carer acts for the child: write their identity code.")),
    "helper_not_adult": ("helper", N_("A foster carer must be at least 18.")),
    "backwards": ("last", N_("The last day is before the first. Check the days.")),
    "over": ("last", N_("The last day has passed already.")),
    "deceased": ("helper", N_("One of the two has died, so this can't be recorded.")),
    "overlap": (
        "first",
        N_("The same helper is recorded for these days already. End the earlier record, or choose other days."),
    ),
}
MERGE: Mapping[MergeRefusal, str] = {
    "same_person": N_("Both codes lead to the same person already. There is nothing to join."),
    "merged_already": N_("One of the two is being joined already, or has been."),
    "weaker_identity": N_("Keep the one with the Finnish identity code: the other one's data moves there."),
    "date": N_("The day of death can't be in the future or before the birth."),
    "own_code": N_("This is the code that the person has now."),
}


def code_fault(fault: str) -> str:
    """What is wrong in an identity code, and what to look at."""
    return _(CODE_FAULTS[fault])


def add_errors(form: Form, reasons: Iterable[Reason], sentences: Mapping[Reason, tuple[str, str]]) -> None:
    """Each refusal at its field; a field that has an error already keeps it."""
    for reason in reasons:
        field, sentence = sentences[reason]
        form.errors.setdefault(field, _(sentence))


def summary_of(form: Form | None, fields: Iterable[str]) -> list[FieldError]:
    """The form's errors in the order of the page's `fields`."""
    errors = form.errors if form else {}
    return [FieldError(name, errors[name]) for name in fields if name in errors]


def values_of(form: Form | None, fields: Iterable[str]) -> dict[str, str]:
    """What was typed in one-valued `fields`, for showing the form again."""
    return {name: form.value(name) if form else "" for name in fields}
