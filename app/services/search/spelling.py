"""Words that no document says: what was meant, by spelling, missing dots or the beginning of a word."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.domain.language.words import fold

_CANDIDATES = 4
_SHORTEST = 4  # letters; shorter words have too many neighbours
# Common endings of cases and plurals: a misspelt word is not in the dictionary, so its lemma is not known.
_ENDINGS = (
    *("erna", "arna", "orna", "iin", "aan", "een", "oon", "uun", "lle", "lla", "lta", "ssa", "sta", "ksi", "ena"),
    *("ing", "in", "an", "en", "ia", "ta", "at", "it", "ni", "et", "er", "ar", "or", "na", "es", "n", "a", "t", "s"),
)


@dataclass(frozen=True)
class Suggestion:
    """A word of the index that may have been meant; `closeness` is 1 for the same word without its dots."""

    word: str
    closeness: float


@dataclass(frozen=True)
class Spelling:
    """The words that can be found, folded, sorted, each with its true spelling."""

    folded: tuple[str, ...]
    spelt: tuple[str, ...]
    known: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """Spelling over `words`."""
        known = frozenset(words)
        pairs = sorted((fold(word), word) for word in known)
        return cls(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), known)

    def suggestions(self, word: str) -> list[Suggestion]:
        """What `word` may mean, the nearest first, at most four."""
        folded = fold(word)
        if len(folded) < _SHORTEST:
            return []
        found: dict[str, float] = {}
        for spelt, closeness in [*self._beginning(folded), *self._near(folded)]:
            found[spelt] = max(closeness, found.get(spelt, 0.0))
        best = sorted(found.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
        return [Suggestion(spelt, closeness) for spelt, closeness in best[:_CANDIDATES]]

    def _beginning(self, folded: str) -> Iterator[tuple[str, float]]:
        """Words that begin with what has been typed so far, the shortest first."""
        start = bisect_left(self.folded, folded)
        same = takewhile(lambda at: self.folded[at].startswith(folded), range(start, len(self.folded)))
        for at in sorted(islice(same, 200), key=lambda at: len(self.folded[at]))[:_CANDIDATES]:
            yield self.spelt[at], 0.5 + 0.5 * len(folded) / len(self.folded[at])

    def _near(self, folded: str) -> Iterator[tuple[str, float]]:
        for form, penalty in _stems(folded):
            allowed = _allowed(len(form))
            matches = process.extract(form, self.folded, scorer=OSA.distance, score_cutoff=allowed, limit=_CANDIDATES)
            for _, distance, at in matches:
                yield self.spelt[at], max(0.1, 1 - distance / len(form) * 2 - penalty)


def _allowed(length: int) -> int:
    """Slips allowed in a word of `length` letters."""
    return 0 if length < _SHORTEST else 1 if length < 7 else 2 if length < 14 else 3


def _stems(folded: str) -> list[tuple[str, float]]:
    """The word, and the word without an ending (a little less sure)."""
    cut = (folded.removesuffix(ending) for ending in _ENDINGS if folded.endswith(ending))
    return [(folded, 0.0), *((stem, 0.1) for stem in islice((s for s in cut if len(s) >= _SHORTEST), 3))]
