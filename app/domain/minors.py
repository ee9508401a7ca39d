"""What a guardian may do for a child, by the child's age.

Health care has no age limit in law: a professional judges a minor's capacity (potilaslaki 785/1992, 7 and 9 §), and
in social welfare a minor's own wish and prohibition count by age and development (asiakaslaki 812/2000, 10 and
11 §). What holds before a professional has judged is the county's table (app/content/minors.json); what the
professional judged is in app/domain/capacity.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from app.domain.right import REGISTERS, Right

# Guardianship ends with the 18th birthday (holhoustoimilaki 442/1999, 2 §): at midnight in Helsinki.
ADULT_YEARS = 18


@dataclass(frozen=True)
class AgeRow:
    """In `register`, for a child of `age_from`–`age_to` full years (both included): may the guardian write, read."""

    register: str
    age_from: int
    age_to: int
    write: bool
    read: bool
    source: str

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Self:
        """A row of the content file. Raises KeyError where it is not complete."""
        return cls(row["register"], row["age_from"], row["age_to"], row["write"], row["read"], row["source"])


@dataclass(frozen=True)
class AgeTable:
    """A county's rows for the ages 0–17 in each register: one for every age, and never more right with more years.

    Raises ValueError where ages are missing or told twice, where a right grows with age, or where somebody would
    read without being allowed to act.
    """

    rows: tuple[AgeRow, ...]

    def __post_init__(self) -> None:
        if {row.register for row in self.rows} != REGISTERS:
            raise ValueError("every register has rows, and only the registers that there are")
        for register in REGISTERS:
            _check(sorted((row for row in self.rows if row.register == register), key=lambda row: row.age_from))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The table of the content file. Raises KeyError where it is not complete, ValueError as the class does."""
        return cls(tuple(AgeRow.from_data(row) for row in data["rows"]))

    def rows_at(self, age: int) -> tuple[AgeRow, ...]:
        """The rows that hold at `age`, one a register; none before birth and from 18 years on."""
        return tuple(row for row in self.rows if row.age_from <= age <= row.age_to)


def right_of_guardian(age: int, table: AgeTable) -> Right:
    """What a guardian may do for a child of `age` full years (by Helsinki's calendar) before any verdict."""
    rows = table.rows_at(age)
    return Right(_registers(row for row in rows if row.write), _registers(row for row in rows if row.read))


def _registers(rows: Iterable[AgeRow]) -> frozenset[str]:
    return frozenset(row.register for row in rows)


def _check(rows: list[AgeRow]) -> None:
    following = 0
    for row in rows:
        if row.age_from != following or row.age_to < row.age_from:
            raise ValueError(f"{row.register}: age {following} has no row or several")
        if row.read and not row.write:
            raise ValueError(f"{row.register}: reading without acting from age {row.age_from}")
        following = row.age_to + 1
    if following != ADULT_YEARS:
        raise ValueError(f"{rows[0].register}: the ages end before or after {ADULT_YEARS - 1}")
    for younger, older in pairwise(rows):
        if older.write > younger.write or older.read > younger.read:
            raise ValueError(f"{older.register}: a guardian's right grows at age {older.age_from}")
