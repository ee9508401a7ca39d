"""A professional's verdict on a minor's capacity to decide, for one case, and what it leaves to the guardians.

The verdict is structured as in the national appointment profile (RestrictionParent, code set
1.2.246.537.5.40202.201901, codes 1–4). Which meaning belongs to which number is written from memory and not yet
compared with the code server: a number that comes from an outside system must not be read by these rows before that.
Verdicts given in the window are chosen by their names, so they mean what they say whatever the numbers are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from app.domain.minors import ADULT_YEARS, AgeTable, right_of_guardian
from app.domain.right import NO_RIGHT, REGISTERS, Right, whole_right
from app.domain.text import Text

# open: guardians act and read · closed: neither · default: the county's age table
GuardianAccess = Literal["open", "closed", "default"]


@dataclass(frozen=True)
class Verdict:
    """One of the verdicts that can be given. `code` is the national number, `key` our own name of its meaning."""

    code: str
    key: str
    names: Text
    guardian_access: GuardianAccess
    source: str

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Self:
        """A row of the content file. Raises KeyError or ValueError where it is not complete."""
        if row["guardian_access"] not in get_args(GuardianAccess):
            raise ValueError(f"verdict {row['code']}: unknown guardian_access")
        return cls(row["code"], row["key"], Text(row["names"]), row["guardian_access"], row["source"])


@dataclass(frozen=True)
class Verdicts:
    """The verdicts that can be given, in their order on the page (app/content/capacity_verdicts.json)."""

    rows: tuple[Verdict, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The verdicts of the content file. Raises KeyError or ValueError where it is not complete."""
        return cls(tuple(Verdict.from_data(row) for row in data["verdicts"]))

    def get(self, code: str) -> Verdict | None:
        """The verdict with the number `code`; None where there is none."""
        return next((row for row in self.rows if row.code == code), None)


def guardian_access_of(code: str | None, verdicts: Verdicts) -> GuardianAccess:
    """What the verdict `code` leaves to the guardians. No verdict: the age table; an unknown one closes the case."""
    if code is None:
        return "default"
    verdict = verdicts.get(code)
    return verdict.guardian_access if verdict else "closed"


def right_of_guardian_in_case(age: int, register: str, access: GuardianAccess, table: AgeTable) -> Right:
    """What a guardian may do in one case of a child of `age` full years, in `register`.

    An open verdict also gives what the age table withholds, a closed one takes what the table gives; nothing gives a
    right over somebody who is 18. It says nothing of non-disclosure, which blocks acting before any case is reached.
    """
    if access == "closed" or register not in REGISTERS or not 0 <= age < ADULT_YEARS:
        return NO_RIGHT
    return whole_right(frozenset({register})) if access == "open" else right_of_guardian(age, table).within(register)
