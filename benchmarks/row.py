"""One measured row, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`ours` and `base` are medians in seconds. The ratio base/ours (1 = as fast as the base) fails the run below
    `at_least`; `goal` is where it shall come to.
    """

    name: str
    ours: float
    base: float
    at_least: float
    goal: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.base / self.ours

    @property
    def good(self) -> bool:
        return self.ratio >= self.at_least


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| measure | ours | base | ratio | fails below | goal | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        times = f"{row.ours * 1000:.2f} ms | {row.base * 1000:.2f} ms"
        mark = "" if row.good else " **failed**"
        lines.append(
            f"| {row.name} | {times} | {row.ratio:.2f} | {row.at_least:.2f} | {row.goal:.2f} |{mark} {row.note} |"
        )
    return "\n".join(lines)
