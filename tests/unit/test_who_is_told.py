"""Who hears that something waits, where somebody acted for another."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from app.domain.right import Basis
from app.domain.who_is_told import Told, may_still_be_told, who_is_told

ages = st.one_of(st.none(), st.integers(0, 120))


@given(ages)
def test_own_matters_are_told_to_oneself_alone(age: int | None) -> None:
    """What somebody does in their own matters reaches nobody else, however young they are."""
    assert who_is_told(None, age) == {Told.SUBJECT}


@given(st.sampled_from(get_args(Basis)), ages)
def test_whoever_acted_is_told(basis: Basis, age: int | None) -> None:
    """The one who acted always hears of it, and so does the person, unless they are a small child."""
    told = who_is_told(basis, age)
    assert Told.ACTOR in told
    small = basis in ("guardian", "foster_carer") and age is not None and age < 12
    assert (Told.SUBJECT in told) is not small


def test_a_closed_case_is_told_to_no_guardian() -> None:
    """After a verdict that closes the case only the minor hears of it."""
    assert may_still_be_told(is_subject=True, guardian_access="closed")
    assert not may_still_be_told(is_subject=False, guardian_access="closed")
    assert may_still_be_told(is_subject=False, guardian_access="default")
    assert may_still_be_told(is_subject=False, guardian_access=None)
