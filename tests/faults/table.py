"""The matrix as a table, and the file that keeps it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

MODES = ("slow", "drip", "error", "refuse", "drop", "truncated", "malformed", "expired")
FILE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- matrix: made by `make reliability` -->", "<!-- end of matrix -->"


@dataclass
class Table:
    """Rows by (what, system), a word for each fault. `expected`: the rows of a whole run."""

    expected: frozenset[tuple[str, str]]
    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def note(self, what: str, system: str, mode: str, outcome: str) -> None:
        self.rows.setdefault((what, system), {})[mode] = outcome

    @property
    def complete(self) -> bool:
        """True where every row has all its cells: a run of chosen tests says nothing about the file."""
        return set(self.rows) == self.expected and all(len(row) == len(MODES) for row in self.rows.values())

    def lines(self) -> list[str]:
        head = ["| page or delivery | system | " + " | ".join(MODES) + " |", "|---|---|" + "---|" * len(MODES)]
        cells = [
            f"| {what} | {system} | " + " | ".join(row.get(mode, "?") for mode in MODES) + " |"
            for (what, system), row in sorted(self.rows.items())
        ]
        return [*head, *cells]

    def finish(self) -> None:
        """Compare with the file, or write it where RELIABILITY=write asks for that."""
        if not self.complete:
            return
        before, _, rest = FILE.read_text().partition(BEGIN)
        kept, _, after = rest.partition(END)
        made = "\n".join(["", "", *self.lines(), "", ""])
        if os.environ.get("RELIABILITY") == "write":
            FILE.write_text(f"{before}{BEGIN}{made}{END}{after}")
            return
        assert kept == made, "docs/reliability.md tells another matrix: run `make reliability`, look at what changed"
