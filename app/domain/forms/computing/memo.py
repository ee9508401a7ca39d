"""What expressions gave before, so that one is evaluated again only when something that it reads has changed.

It is kept with the draft. Inputs are kept as a digest only; what an expression gave is as personal as the answers.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from app.domain.forms.answers import Place

Key = tuple[int, Place]  # an expression's number, and where it stands
Outcome = list[Any] | str  # what it gave, as JSON; or the reason why it gave nothing


class Entry(NamedTuple):
    """One evaluation. On its way to rest a form may ask an expression several times, with different inputs."""

    digest: str
    outcome: Outcome


Memo = Mapping[Key, tuple[Entry, ...]]
EMPTY: Memo = {}
MOST_ENTRIES = 6  # of one expression at one place


def digest_of(*inputs: object) -> str:
    """A short digest of inputs whose `repr` says all of them."""
    return blake2b(repr(inputs).encode(), digest_size=12).hexdigest()


def memo_to_data(memo: Memo) -> list[Any]:
    """The memo as JSON to keep."""
    return [[number, list(place), [list(entry) for entry in entries]] for (number, place), entries in memo.items()]


def memo_from_data(data: Sequence[Any]) -> Memo:
    """The memo that `memo_to_data` kept."""
    return {
        (number, tuple(place)): tuple(Entry(digest, outcome) for digest, outcome in entries)
        for number, place, entries in data
    }
