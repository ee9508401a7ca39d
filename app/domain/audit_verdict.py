"""What a verification of the audit trail may find, and how it is told: all counted, the first ones named."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

MOST_NAMED = 100  # ids of one kind that are told; all are counted


class Finding(StrEnum):
    """What can be wrong; ids are those of rows, or of seals."""

    CHANGED = "rows changed"
    MISSING = "rows missing"
    ADDED = "rows added past the application, or changed before they were sealed"
    UNPROVEN = "rows signed by a key that the settings don't have"
    BROKEN_SEAL = "seals broken"
    MISSING_SEAL = "seals missing"
    NOT_AS_EXPORTED = "seals that are gone, or not what they were when they were exported"


@dataclass
class Ids:
    """Which ones: all counted, the first `MOST_NAMED` named."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, ids: range) -> None:
        self.count += len(ids)
        self.first.extend(islice(ids, MOST_NAMED - len(self.first)))

    @property
    def named(self) -> str:
        """The first ids as text, with dots where there are more."""
        return ", ".join(map(str, self.first)) + (", …" if self.count > len(self.first) else "")


@dataclass
class Verdict:
    """What a verification found. `unsealed` rows are whole, but nobody would miss them yet."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    found: dict[Finding, Ids] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """True where nothing is wrong."""
        return not self.found

    def tell(self, finding: Finding, ids: int | range) -> None:
        """Add what is wrong with `ids`."""
        found = range(ids, ids + 1) if isinstance(ids, int) else ids
        if found:
            self.found.setdefault(finding, Ids()).add(found)
