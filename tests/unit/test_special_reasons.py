"""Coded special reasons: no record is opened without one, and some need words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import load
from app.domain.special_reasons import SpecialReason, SpecialReasons

REASONS = SpecialReasons.from_data(load("special_reasons.json"))


@pytest.mark.parametrize(
    ("code", "text", "faults"),
    [
        ("urgent_help", "", []),
        ("other", "", ["text_missing"]),
        ("other", "   lyhyt   ", ["text_missing"]),
        ("other", "Selvitän väärälle henkilölle kirjattua viestiä.", []),
        ("", "Pitkä ja hyvä perustelu", ["unknown_reason"]),
        ("curiosity", "Pitkä ja hyvä perustelu", ["unknown_reason"]),
    ],
)
def test_a_reason_is_known_and_explained(code: str, text: str, faults: list[str]) -> None:
    """A code of the list is needed, and where it says too little, words that a supervisor can weigh."""
    assert REASONS.faults_of(code, text) == faults


@given(st.text(max_size=12), st.text(max_size=40))
def test_nothing_typed_makes_a_reason(code: str, text: str) -> None:
    """Only codes of the list open anything."""
    if REASONS.get(code) is None:
        assert REASONS.faults_of(code, text) == ["unknown_reason"]


@given(st.sampled_from(REASONS.rows), st.text(alphabet=" \t\n\u00a0"))
def test_blanks_are_no_words(reason: SpecialReason, blanks: str) -> None:
    """Spaces alone never stand for an explanation."""
    assert REASONS.faults_of(reason.code, blanks) == (["text_missing"] if reason.needs_text else [])


def test_the_list_is_whole() -> None:
    """Names in three languages, codes that fit their column, each once, and `other` asks for words."""
    codes = [row.code for row in REASONS.rows]
    assert len(set(codes)) == len(codes)
    assert all(row.names.complete and 0 < len(row.code) <= 24 for row in REASONS.rows)
    other = REASONS.get("other")
    assert other is not None
    assert other.needs_text
    assert REASONS.shortest_text > 0
    assert REASONS.open_minutes > 0
