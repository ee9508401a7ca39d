"""Paper mandates taken here: competence, document, theme, time and a second clerk, or no right."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import load
from app.domain.local_mandates import LocalMandateDraft, LocalMandateRules, faults_of, right_of_local_mandate
from app.domain.right import Right

RULES = LocalMandateRules.from_data(load("local_mandates.json"))
TODAY = date(2026, 11, 22)
PAST = date(2026, 1, 1)
ANNA, AILI, LEENA, SARI = (UUID(int=number) for number in range(1, 5))
DRAFT = LocalMandateDraft(
    principal=AILI,
    mandatee=ANNA,
    principal_age=81,
    mandatee_age=38,
    registers=frozenset({"patient"}),
    competence="met_here",
    statements=frozenset(row.code for row in RULES.statements),
    document_type="county_form",
    document_place="Mikkeli, mappi 4",
    signed_on=TODAY,
    valid_from=TODAY,
    valid_to=date(2028, 11, 22),
    recorded_by=LEENA,
    checked_by=SARI,
)


def test_a_good_paper_mandate() -> None:
    """Everything in order: no fault, and the paper gives the registers that it names."""
    assert faults_of(DRAFT, RULES, TODAY) == []
    assert right_of_local_mandate(DRAFT.registers) == Right(DRAFT.registers, DRAFT.registers)
    assert not right_of_local_mandate(frozenset({"school"}))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"mandatee": AILI}, "same_person"),
        ({"principal_age": 17}, "principal_not_adult"),
        ({"principal_age": None}, "principal_not_adult"),
        ({"mandatee_age": 17}, "mandatee_not_adult"),
        ({"competence": ""}, "competence_missing"),
        ({"competence": "not_met"}, "principal_not_met"),
        ({"competence": "unable"}, "principal_unable"),
        ({"statements": DRAFT.statements - {"own_will"}}, "statements_missing"),
        ({"document_type": "e-mail"}, "document_type"),
        ({"document_place": "  "}, "document_place"),
        ({"signed_on": date(2026, 11, 23), "valid_from": date(2026, 11, 23)}, "signed_in_future"),
        ({"registers": frozenset()}, "registers"),
        ({"registers": frozenset({"patient", "school"})}, "registers"),
        ({"valid_from": date(2026, 12, 2), "valid_to": date(2026, 12, 1)}, "validity_backwards"),
        ({"valid_from": date(2026, 11, 21), "valid_to": date(2027, 1, 1)}, "validity_before_signing"),
        ({"signed_on": PAST, "valid_from": PAST, "valid_to": date(2026, 11, 21)}, "validity_over"),
        ({"valid_to": date(2028, 11, 23)}, "validity_too_long"),
        ({"checked_by": None}, "not_checked"),
        ({"checked_by": LEENA}, "same_clerk"),
    ],
)  # fmt: skip
def test_what_stops_a_paper_mandate(changes: dict[str, Any], fault: str) -> None:
    """Each thing that is missing or wrong is named alone: who, understanding, paper, theme, time, second clerk."""
    assert faults_of(replace(DRAFT, **changes), RULES, TODAY) == [fault]


@pytest.mark.parametrize(("last", "faults"), [(28, []), (29, ["validity_too_long"])])
def test_a_mandate_from_a_leap_day(last: int, faults: list[str]) -> None:
    """A validity that begins on 29 February is counted, in a common year to the 28th."""
    begun = date(2028, 2, 29)
    last_day = date(2030, 2, 28) if last == 28 else date(2030, 3, 1)
    draft = replace(DRAFT, signed_on=begun, valid_from=begun, valid_to=last_day)
    assert faults_of(draft, RULES, begun) == faults


@given(st.sampled_from([row.code for row in RULES.competence]) | st.text())
def test_only_a_clerk_who_met_the_principal_confirms(competence: str) -> None:
    """Whatever is sent, a mandate holds only by one of the answers that tell of meeting and understanding."""
    good = competence in {"met_here", "met_elsewhere", "met_with_statement"}
    assert (faults_of(replace(DRAFT, competence=competence), RULES, TODAY) == []) == good


def test_choices_can_be_shown_and_kept() -> None:
    """What a clerk chooses has names in three languages and a short plain code, each once in its list."""
    for rows in (RULES.competence, RULES.statements, RULES.document_types):
        codes = [row.code for row in rows]
        assert codes
        assert len(set(codes)) == len(codes)
        assert all(len(code) <= 24 and code.replace("_", "").isalnum() for code in codes)
        assert all(row.names.complete for row in rows)


def test_a_misspelt_fault_stops_the_start() -> None:
    """A choice of the content whose fault nobody can explain is refused."""
    content = load("local_mandates.json")
    rows = [content["competence"][0] | {"fault": "dunno"}]
    with pytest.raises(ValueError, match="unknown fault"):
        LocalMandateRules.from_data(content | {"competence": rows})
