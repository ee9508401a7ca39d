"""When a decision counts as received, and by when its review is asked for.

The thirty days themselves are a row of app/content/time_limits.json (hallintolaki 434/2003, 49 c §).
"""

from datetime import date, timedelta

from app.domain.clock import working_day_from
from app.domain.time_limits import LimitRule

# An electronic message counts as received on the third day after its sending, unless another day is shown (act
# 13/2003, 19 §).
PRESUMED = timedelta(days=3)


def received_on(decided: date, opened: date) -> date:
    """The earlier of the day on which the decision was opened and the day on which it counts as received: whoever keeps
    to the time that runs from it is in time whichever of the two holds."""
    return min(opened, decided + PRESUMED)


def last_day_for_review(received: date, rule: LimitRule) -> date:
    """The last day; the day of receiving does not count, and a time that ends while offices are closed goes on to the
    next working day (150/1930, 2 and 5 §)."""
    return working_day_from(rule.last_day(received))
