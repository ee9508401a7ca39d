"""Words to lemmas and compound parts.

The dictionaries come from outside through `Lemmas`; everything here is computation, remembered per word because a
catalogue says the same words again and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.language.words import tokenize
from app.domain.text import LANGUAGES, Language

_SHORTEST_PART = 3
_SHORTEST_HEAD = 4  # the last part carries the meaning; shorter ones are mostly endings
_SHORTEST_COMPOUND = 7
_MAX_REMEMBERED = 200_000


class Lemmas(Protocol):
    """A dictionary of word forms."""

    def known(self, word: str, language: Language) -> str | None:
        """The lemma of a form that the dictionary lists, else None."""

    def guess(self, word: str, language: Language) -> str:
        """The lemma by dictionary and rules; the word itself where nothing fits."""


@dataclass(frozen=True)
class Word:
    """A word of a text: as written, its possible lemmas (the word itself included, likeliest first), and the lemmas
    of its parts where it is a compound."""

    surface: str
    lemmas: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass
class Analyser:
    """Analyses text in one language, or a query whose language nobody told."""

    lemmas: Lemmas
    _seen: dict[tuple[str, tuple[Language, ...]], Word] = field(default_factory=dict)

    def text(self, text: str, language: Language) -> list[Word]:
        """The words of a text whose language is known."""
        return [self._word(surface, (language,)) for surface in tokenize(text)]

    def query(self, text: str, language: Language, limit: int) -> list[Word]:
        """The first `limit` words of a query typed on a page in `language`; it may be in any of our languages."""
        order = (language, *(other for other in LANGUAGES if other != language))
        return [self._word(surface, order) for surface in tokenize(text, limit)]

    def _word(self, surface: str, languages: tuple[Language, ...]) -> Word:
        key = (surface, languages)
        found = self._seen.get(key)
        if found is None:
            if len(self._seen) >= _MAX_REMEMBERED:
                self._seen.clear()
            found = self._seen[key] = self._analyse(surface, languages)
        return found

    def _analyse(self, surface: str, languages: Sequence[Language]) -> Word:
        known = [lemma for language in languages if (lemma := self.lemmas.known(surface, language))]
        lemmas = known or [self.lemmas.guess(surface, language) for language in languages]
        forms = tuple(dict.fromkeys(lemma.casefold() for lemma in [*lemmas, surface]))
        parts = dict.fromkeys(part for language in languages for form in forms for part in self._parts(form, language))
        return Word(surface, forms, tuple(part for part in parts if part not in forms))

    def _parts(self, word: str, language: Language, depth: int = 2) -> list[str]:
        """Lemmas of the parts of a compound: hammaslääkäri → hammas, lääkäri. Empty where it is none."""
        if "-" in word:
            pieces = [piece for piece in word.split("-") if len(piece) >= _SHORTEST_PART]
            return [part for piece in pieces for part in [self._lemma(piece, language), *self._parts(piece, language)]]
        if language == "en" or len(word) < _SHORTEST_COMPOUND or depth == 0:
            return []
        split = self._best_split(word, language)
        if split is None:
            return []
        left, right = split
        deeper = [part for part in split for part in self._parts(part, language, depth - 1)]
        return [left, right, *deeper]

    def _best_split(self, word: str, language: Language) -> tuple[str, str] | None:
        """The split into two known words whose shorter one is longest."""
        places = sorted(range(_SHORTEST_PART, len(word) - _SHORTEST_HEAD + 1), key=lambda at: -min(at, len(word) - at))
        for at in places:
            right = self.lemmas.known(word[at:], language)
            left = self._modifier(word[:at], language) if right else None
            if left and right:
                return left, right.casefold()
        return None

    def _modifier(self, piece: str, language: Language) -> str | None:
        """The lemma of a compound's first part: as such, with a joining s (sv), or a stem in -s (fi: omais-)."""
        found = self.lemmas.known(piece, language)
        if not found and piece.endswith("s"):
            base = piece[:-1] + "nen" if language == "fi" else piece[:-1]
            found = self.lemmas.known(base, language) if len(base) >= _SHORTEST_PART else None
        return found.casefold() if found else None

    def _lemma(self, word: str, language: Language) -> str:
        return (self.lemmas.known(word, language) or self.lemmas.guess(word, language)).casefold()
