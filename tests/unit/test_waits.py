"""How long the window waits between attempts."""

from app.domain.waits import WAITS, given_up_after, wait_after


def test_quick_at_first_then_for_days() -> None:
    """The first attempts follow within seconds, the last ones hours apart, together for at least three days."""
    assert wait_after(1).total_seconds() < 5
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS) >= 3 * 24 * 3600
    assert not given_up_after(len(WAITS))
    assert given_up_after(len(WAITS) + 1)
    assert wait_after(1000) == wait_after(len(WAITS))
