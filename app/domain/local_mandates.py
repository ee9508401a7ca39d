"""A paper mandate that a county's clerk takes: valid only here, and only from a second clerk's check on.

A clerk who has met the principal confirms that they understand what they give. For somebody who no longer
understands it a new mandate is never made; that is a matter of guardianship (holhoustoimilaki 442/1999). Documents,
statements and limits are the county's data (app/content/local_mandates.json).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, get_args
from uuid import UUID

from app.domain.minors import ADULT_YEARS
from app.domain.right import REGISTERS, Right, whole_right
from app.domain.text import Text

Fault = Literal[
    "same_person", "principal_not_adult", "mandatee_not_adult", "competence_missing", "principal_not_met",
    "principal_unable", "statements_missing", "document_type", "document_place", "signed_in_future", "registers",
    "validity_backwards", "validity_before_signing", "validity_over", "validity_too_long", "not_checked", "same_clerk",
]  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Something a clerk chooses or confirms. `fault`: choosing it stops the mandate, and why."""

    code: str
    names: Text
    fault: Fault | None = None

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Self:
        """A row of the content file. Raises KeyError or ValueError where it is not complete."""
        fault = row.get("fault")
        if fault is not None and fault not in get_args(Fault):
            raise ValueError(f"{row['code']}: unknown fault")
        return cls(row["code"], Text(row["names"]), fault)


@dataclass(frozen=True)
class LocalMandateRules:
    """What the county wants of a paper mandate: how the principal's competence was seen, what the clerk confirms
    (all `statements`), which documents are accepted, and for how many years at most."""

    competence: tuple[Choice, ...]
    statements: tuple[Choice, ...]
    document_types: tuple[Choice, ...]
    longest_years: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The rules of the content file. Raises KeyError or ValueError where it is not complete."""
        return cls(
            tuple(map(Choice.from_data, data["competence"])),
            tuple(map(Choice.from_data, data["statements"])),
            tuple(map(Choice.from_data, data["document_types"])),
            data["longest_years"],
        )


@dataclass(frozen=True)
class LocalMandateDraft:
    """What the clerk has written. Ages in full years, None where not known; both days of validity are included."""

    principal: UUID
    mandatee: UUID
    principal_age: int | None
    mandatee_age: int | None
    registers: frozenset[str]
    competence: str
    statements: frozenset[str]
    document_type: str
    document_place: str
    signed_on: date
    valid_from: date
    valid_to: date
    recorded_by: UUID
    checked_by: UUID | None = None


def faults_of(draft: LocalMandateDraft, rules: LocalMandateRules, today: date) -> list[Fault]:
    """Why the mandate can't hold, in the order of the form; empty: it holds.

    A draft whose only fault is `not_checked` may be kept, and waits for the second clerk.
    """
    return [
        *_faults_of_people(draft),
        *_faults_of_grounds(draft, rules, today),
        *_faults_of_validity(draft, rules, today),
        *_faults_of_clerks(draft),
    ]


def right_of_local_mandate(registers: frozenset[str]) -> Right:
    """A checked mandate gives acting and reading in the registers that the paper names."""
    return whole_right(registers & REGISTERS)


def _faults_of_people(draft: LocalMandateDraft) -> Iterator[Fault]:
    if draft.principal == draft.mandatee:
        yield "same_person"
    if draft.principal_age is None or draft.principal_age < ADULT_YEARS:
        yield "principal_not_adult"
    if draft.mandatee_age is None or draft.mandatee_age < ADULT_YEARS:
        yield "mandatee_not_adult"


def _faults_of_grounds(draft: LocalMandateDraft, rules: LocalMandateRules, today: date) -> Iterator[Fault]:
    competence = next((row for row in rules.competence if row.code == draft.competence), None)
    if competence is None:
        yield "competence_missing"
    elif competence.fault:
        yield competence.fault
    if not {row.code for row in rules.statements} <= draft.statements:
        yield "statements_missing"
    if draft.document_type not in {row.code for row in rules.document_types}:
        yield "document_type"
    if not draft.document_place.strip():
        yield "document_place"
    if draft.signed_on > today:
        yield "signed_in_future"
    if not draft.registers or not draft.registers <= REGISTERS:
        yield "registers"


def _faults_of_validity(draft: LocalMandateDraft, rules: LocalMandateRules, today: date) -> Iterator[Fault]:
    if draft.valid_to < draft.valid_from:
        yield "validity_backwards"
    if draft.valid_from < draft.signed_on:
        yield "validity_before_signing"
    if draft.valid_to < today:
        yield "validity_over"
    if draft.valid_to > _years_after(draft.valid_from, rules.longest_years):
        yield "validity_too_long"


def _faults_of_clerks(draft: LocalMandateDraft) -> Iterator[Fault]:
    if draft.checked_by is None:
        yield "not_checked"
    elif draft.checked_by == draft.recorded_by:
        yield "same_clerk"


def _years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the 28th in a common year."""
    last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return last.replace(year=day.year + years)
