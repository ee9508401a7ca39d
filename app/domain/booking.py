"""Who may book what, and from when to when: the rules of a bookable service, without I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.domain.clock import Clock, start_of_day
from app.domain.urgency import Urgency

HOLD = timedelta(minutes=10)
LONGEST_HOLD = timedelta(minutes=30)
WITHIN_DAYS = 3

Rule = Literal["direct", "permit", "staff_first"]
Refusal = Literal["staff_first", "needs_assessment", "too_urgent", "too_young", "too_old"]


@dataclass(frozen=True)
class BookingRule:
    """How a service is booked.

    `rule`: direct · permit (only after an assessment whose urgency is among `permit_urgencies`) · staff_first (a
    professional books). Ages are full years on the day of booking, both ends included. `lead` is the shortest time
    before a start, `horizon` how far ahead times are shown.
    """

    rule: Rule
    lead: timedelta
    horizon: timedelta
    permit_urgencies: frozenset[Urgency] = frozenset()
    age_from: int | None = None
    age_to: int | None = None

    def refusal(self, urgency: Urgency | None, age: int | None = None) -> Refusal | None:
        """Why this service can't be booked with this assessment (or none) at this age; None where it can."""
        if urgency is not None and urgency.at_least(Urgency.IMMEDIATE):
            return "too_urgent"
        if self.rule == "staff_first":
            return "staff_first"
        if self.rule == "permit" and urgency not in self.permit_urgencies:
            return "needs_assessment"
        if age is not None and self.age_from is not None and age < self.age_from:
            return "too_young"
        if age is not None and self.age_to is not None and age > self.age_to:
            return "too_old"
        return None

    def window(self, clock: Clock, urgency: Urgency | None) -> tuple[datetime, datetime]:
        """The first and the last (exclusive) moment at which a booked time may start, in UTC.

        An urgent matter gets only times that are soon enough: a later one would be false comfort.
        """
        latest = clock.now + self.horizon
        return clock.now + self.lead, min(latest, latest_start(urgency, clock) or latest)


def latest_start(urgency: Urgency | None, clock: Clock) -> datetime | None:
    """The moment before which a time must start to be soon enough; None where any time is.

    Same day: before midnight in Helsinki. Within days: before the end of the third day from today.
    """
    if urgency is None or not urgency.at_least(Urgency.WITHIN_DAYS):
        return None
    days = WITHIN_DAYS if urgency == Urgency.WITHIN_DAYS else 0
    return start_of_day(clock.today + timedelta(days=days + 1))


def held_until(clock: Clock) -> datetime:
    """When a hold taken now runs out."""
    return clock.now + HOLD


def extended(held_at: datetime, clock: Clock) -> datetime:
    """When a hold taken at `held_at` runs out after one click on "more time": ten minutes from now, 30 in all."""
    return min(clock.now + HOLD, held_at + LONGEST_HOLD)


def can_extend(held_at: datetime, until: datetime) -> bool:
    """True while more time can still be given."""
    return until < held_at + LONGEST_HOLD
