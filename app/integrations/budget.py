"""How long a page or job may still wait for the outside, and which systems a page has said it calls."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("outside_deadline", default=None)
_declared: ContextVar["Declared | None"] = ContextVar("outside_declared", default=None)


class UndeclaredCall(Exception):
    """A page called a system that its signature does not name: the fault matrix would not know of it."""


class Declared:
    """The systems that the page being made has declared. `strict`: a call to another one raises."""

    def __init__(self, *, strict: bool) -> None:
        self.systems: set[str] = set()
        self.strict = strict


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """All calls made in the block together have `seconds`; an outer budget that ends sooner stays."""
    outer = _deadline.get()
    mine = time.monotonic() + seconds
    token = _deadline.set(mine if outer is None else min(mine, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def own_budget(seconds: float) -> Iterator[None]:
    """As `budget`, whatever the page has left: for a call that begins when a resident's file has come in, which takes
    as long as their line needs."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float | None:
    """Seconds left of the budget, None without one."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()


@contextmanager
def page_budget(seconds: float, *, strict: bool) -> Iterator[None]:
    """The budget of a page, which has declared no system yet."""
    token = _declared.set(Declared(strict=strict))
    try:
        with budget(seconds):
            yield
    finally:
        _declared.reset(token)


def declare(system: str) -> None:
    """The page being made calls `system`."""
    declared = _declared.get()
    if declared is not None:
        declared.systems.add(system)


def is_undeclared(system: str) -> bool:
    """True where a page is being made that has not declared `system`. Raises UndeclaredCall where that is strict."""
    declared = _declared.get()
    if declared is None or system in declared.systems:
        return False
    if declared.strict:
        raise UndeclaredCall(system)
    return True
