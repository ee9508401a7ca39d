"""Coded special reasons for opening a record without a care or customer relation (client data act 703/2023).

Every opening is audited and reported to the supervisor. The codes and wordings are the county's own, in the spirit
of the national code set for special reasons (THL), and are compared with it before real use; they are data in
app/content/special_reasons.json.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from app.domain.text import Text

Fault = Literal["unknown_reason", "text_missing"]


@dataclass(frozen=True)
class SpecialReason:
    """One reason. `needs_text`: the code alone does not tell the supervisor enough, so own words are needed."""

    code: str
    names: Text
    needs_text: bool


@dataclass(frozen=True)
class SpecialReasons:
    """The reasons in their order on the page. Own words have at least `shortest_text` characters where needed; an
    opened record stays open for `open_minutes`."""

    rows: tuple[SpecialReason, ...]
    shortest_text: int
    open_minutes: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The reasons of the content file. Raises KeyError where it is not complete."""
        rows = (SpecialReason(row["code"], Text(row["names"]), row["needs_text"]) for row in data["reasons"])
        return cls(tuple(rows), data["shortest_text"], data["open_minutes"])

    def get(self, code: str) -> SpecialReason | None:
        """The reason called `code`; None where there is none."""
        return next((row for row in self.rows if row.code == code), None)

    def faults_of(self, code: str, text: str) -> list[Fault]:
        """Why a record can't be opened for `code` with the own words `text`; empty: it can."""
        reason = self.get(code)
        if reason is None:
            return ["unknown_reason"]
        return ["text_missing"] if reason.needs_text and len(text.strip()) < self.shortest_text else []
