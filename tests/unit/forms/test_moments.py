"""Dates and times of authors and expressions as FHIR writes them."""

import pytest

from app.domain.forms.moments import date_of, moment_of, time_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2024", "2024"), ("2024-02-29", "2024-02-29"), ("2023-02-29", None), ("2020-13", None), ("24.12.2024", None)],
)
def test_only_days_that_there_are_are_dates(written: str, expected: str | None) -> None:
    """One that is none would make the whole response invalid."""
    assert date_of(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("10:00", "10:00:00"), ("10:00:30.5", "10:00:30.5"), ("25:00", None), ("10", None), ("", None)],
)
def test_a_time_has_its_seconds(written: str, expected: str | None) -> None:
    """FHIR knows no time without."""
    assert time_of(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-06", "2024-06"),
        ("2024-06-01T10:00", "2024-06-01T10:00:00+03:00"),
        ("2024-06-01T10:00+02:00", "2024-06-01T10:00:00+02:00"),
        ("2024-06-01T10:00:00Z", "2024-06-01T10:00:00Z"),
        ("2024-06-31T10:00", None),
        ("2024-06-01T10:00+15:00", None),
    ],
)
def test_a_moment_has_its_zone(written: str, expected: str | None) -> None:
    """Without one it is on a clock in Helsinki."""
    assert moment_of(written) == expected
