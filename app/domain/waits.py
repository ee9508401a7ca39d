"""How long to wait before asking an outside system again: quickly at first, then ever more slowly, for days."""

from datetime import timedelta

# Seconds before the second, third, … attempt: about three and a half days in all.
WAITS = (2, 5, 15, 60, 300, 900, 3600, *[3 * 3600] * 26)


def wait_after(attempts: int) -> timedelta:
    """The wait after so many attempts in vain (1 or more)."""
    return timedelta(seconds=WAITS[min(attempts, len(WAITS)) - 1])


def given_up_after(attempts: int) -> bool:
    """True where so many attempts were enough: from here on a person decides."""
    return attempts > len(WAITS)
