"""What an adult's mandate gives, by its themes (valtuusasia) in the national register of mandates.

The theme of health care matters covers seeing the data, handling times and giving and getting information, so it
gives acting and reading. The URI of the social welfare theme follows the same pattern but is not confirmed; were it
another one, mandates in it would give nothing, never too much. Pharmacy matters are none of ours.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.domain.right import REGISTERS, Right, whole_right
from app.domain.text import Text


@dataclass(frozen=True)
class MandateTheme:
    """One theme: `uri` as Suomi.fi names it, the register that it opens, and its names for people."""

    uri: str
    register: str
    names: Text


@dataclass(frozen=True)
class MandateThemes:
    """The themes that we know (app/content/mandate_themes.json).

    Raises ValueError where a theme stands twice or opens a register that there is not.
    """

    rows: tuple[MandateTheme, ...]

    def __post_init__(self) -> None:
        if len({row.uri for row in self.rows}) != len(self.rows) or not {r.register for r in self.rows} <= REGISTERS:
            raise ValueError("a theme stands once and opens a register that there is")

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The themes of the content file. Raises KeyError where it is not complete, ValueError as the class does."""
        return cls(tuple(MandateTheme(row["uri"], row["register"], Text(row["names"])) for row in data["themes"]))


def right_of_mandate(themes: Collection[str], known: MandateThemes) -> Right:
    """The right that the theme URIs in `themes` give together; one that is not known to the letter gives nothing."""
    given = frozenset(themes)
    return whole_right(frozenset(row.register for row in known.rows if row.uri in given))
