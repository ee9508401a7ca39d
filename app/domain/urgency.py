"""How soon help is needed: six levels, one order, one map to the professional classes P0–P8."""

from enum import StrEnum
from typing import Self


class Urgency(StrEnum):
    """Urgency of a matter, the most urgent first.

    Meaning in time: emergency = call 112 now · immediate = emergency clinic now · same_day = today ·
    within_days = 1–3 days · routine = a non-urgent time · self_care = no professional needed.
    """

    EMERGENCY = "emergency"
    IMMEDIATE = "immediate"
    SAME_DAY = "same_day"
    WITHIN_DAYS = "within_days"
    ROUTINE = "routine"
    SELF_CARE = "self_care"

    @property
    def rank(self) -> int:
        """0 for the most urgent, 5 for the least; queues sort by it ascending."""
        return _ORDER[self]

    def at_least(self, other: Self) -> bool:
        """True where this is as urgent as `other` or more."""
        return self.rank <= other.rank

    @classmethod
    def most_urgent(cls, levels: "list[Urgency]") -> "Urgency":
        """The most urgent of `levels`. Raises ValueError where there is none."""
        return min(levels, key=lambda level: level.rank)


_ORDER = {level: rank for rank, level in enumerate(Urgency)}
