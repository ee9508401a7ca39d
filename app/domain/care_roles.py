"""People beside somebody: a supporter (tukihenkilö), an interpreter, a foster carer; and what each may do here.

Being along and being named to staff is no right to the other's data. Only a foster carer acts, and only in everyday
health care, because the child's days are with them (perhehoitolaki 263/2015); what is decided of a child in care is
the county's (lastensuojelulaki 417/2007, 45 §), so reading and everything in social welfare stay outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.domain.minors import ADULT_YEARS
from app.domain.right import NO_RIGHT, Right
from app.domain.text import Text


@dataclass(frozen=True)
class CareRole:
    """One role. `right` is empty for those who are named to staff and may be along, but don't act alone.

    `about` tells a clerk what it gives. `minors_only`: the role ends when the subject turns 18.
    """

    code: str
    names: Text
    about: Text
    right: Right
    minors_only: bool
    source: str

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Self:
        """A row of the content file. Raises KeyError or ValueError where it is not complete."""
        right = Right(frozenset(row["registers"]), frozenset(row["readable"]))
        return cls(row["code"], Text(row["names"]), Text(row["about"]), right, row["minors_only"], row["source"])


@dataclass(frozen=True)
class CareRoles:
    """The roles that a clerk can record, in their order on the page (app/content/care_roles.json)."""

    rows: tuple[CareRole, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The roles of the content file. Raises KeyError or ValueError where it is not complete."""
        return cls(tuple(CareRole.from_data(row) for row in data["roles"]))

    def get(self, code: str) -> CareRole | None:
        """The role called `code`; None where there is none."""
        return next((row for row in self.rows if row.code == code), None)


def right_of_care_role(
    code: str, *, age: int, subject_non_disclosure: bool, actor_non_disclosure: bool, roles: CareRoles
) -> Right:
    """What somebody in the role `code` may do alone for a subject of `age` full years; unknown: nothing.

    Non-disclosure of either blocks it as it blocks a guardian.
    """
    role = roles.get(code)
    if role is None or subject_non_disclosure or actor_non_disclosure or (role.minors_only and age >= ADULT_YEARS):
        return NO_RIGHT
    return role.right
