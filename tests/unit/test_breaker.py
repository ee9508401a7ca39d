"""The circuit breaker, by a clock of its own."""

from hypothesis import given
from hypothesis import strategies as st

from app.integrations.breaker import Breaker, BreakerRule

RULE = BreakerRule(failures=3, rest=5.0, longest_rest=20.0, probes=1)


class Clock:
    """Seconds that pass only when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(RULE, clock)
    for _ in range(RULE.failures):
        assert breaker.admit()
        breaker.failed()
    return breaker, clock


def test_failures_in_a_row_open_it() -> None:
    """It opens after three failures in a row, not before, and a success in between begins the count anew."""
    breaker = Breaker(RULE, Clock())
    for outcome in ("failed", "failed", "succeeded", "failed", "failed"):
        assert breaker.admit()
        getattr(breaker, outcome)()
    assert breaker.state == "closed"
    breaker.failed()
    assert (breaker.state, breaker.admit()) == ("open", False)


def test_one_probe_after_the_rest() -> None:
    """When the rest is over one call may try; the others still don't wait for it. Its success closes the breaker."""
    breaker, clock = opened()
    clock.now = 4.9
    assert not breaker.admit()
    clock.now = 5.0
    assert [breaker.admit(), breaker.admit()] == [True, False]
    breaker.succeeded()
    assert breaker.state == "closed"
    assert all(breaker.admit() for _ in range(10))


def test_a_failed_probe_doubles_the_rest() -> None:
    """Each failed probe doubles the rest, up to the longest; a success makes it short again."""
    breaker, clock = opened()
    for rest in (5, 10, 20, 20):
        clock.now += rest - 0.1
        assert not breaker.admit()
        clock.now += 0.1
        assert breaker.admit()
        breaker.failed()
    clock.now += 20
    assert breaker.admit()
    breaker.succeeded()
    for _ in range(3):
        breaker.failed()
    clock.now += 5
    assert breaker.admit()


def test_an_abandoned_probe_blames_nobody() -> None:
    """A probe whose caller went away leaves the place to the next one at once."""
    breaker, clock = opened()
    clock.now = 5.0
    assert breaker.admit()
    breaker.abandoned()
    assert breaker.admit()


def test_late_failures_of_old_calls() -> None:
    """Calls that were under way when it opened and fail now don't lengthen the rest."""
    breaker, clock = opened()
    for _ in range(10):
        breaker.failed()
    clock.now = 5.0
    assert breaker.state == "half_open"


def test_an_answer_that_makes_no_sense() -> None:
    """Answers that come but don't validate open it like no answers, also when several come at once; one that makes
    sense begins the count anew."""
    for order, state in (("sosoSoso", "closed"), ("sososo", "open"), ("sssooo", "open")):
        breaker = Breaker(RULE, Clock())
        for step in order:
            {"s": breaker.succeeded, "o": breaker.spoiled, "S": breaker.sound}[step]()
        assert breaker.state == state, order


@given(st.lists(st.tuples(st.sampled_from(["succeeded", "failed", "abandoned", "spoiled"]), st.floats(0, 30))))
def test_it_never_stays_shut(story: list[tuple[str, float]]) -> None:
    """Whatever has happened, a healthy system is let through again after the longest rest, with its first probe."""
    clock = Clock()
    breaker = Breaker(RULE, clock)
    for outcome, pause in story:
        clock.now += pause
        if breaker.admit():
            if outcome == "spoiled":
                breaker.succeeded()
            getattr(breaker, outcome)()
    clock.now += RULE.longest_rest
    assert breaker.admit()
    breaker.succeeded()
    assert breaker.state == "closed"
