"""The vocabulary: concepts with their everyday, official and former words in three languages.

It is content (app/content/vocabulary.json). A word of a query finds everything that is said with another word of the
same concept, in any language; `see` leads from a need ("flunssa") to the services that answer it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from app.domain.language.analysis import Analyser, Word
from app.domain.text import LANGUAGES, Language

_Phrase = tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Match:
    """A concept met in a text: words `start` to `end` (not included) say it."""

    concept: str
    start: int
    end: int


@dataclass(frozen=True)
class Vocabulary:
    """Concepts by their words. Make it with `from_data`."""

    phrases: Mapping[str, Sequence[tuple[_Phrase, str]]]
    related: Mapping[str, tuple[str, ...]]
    stop_words: frozenset[str]
    weak_words: frozenset[str]

    @classmethod
    def from_data(cls, data: Mapping[str, Any], analyser: Analyser) -> Self:
        """The vocabulary of the content file. Raises KeyError where a concept has no id, ValueError where `see`
        names a concept that is not there."""
        phrases: dict[str, list[tuple[_Phrase, str]]] = {}
        for concept, phrase in _phrases(data, analyser):
            for form in phrase[0]:
                phrases.setdefault(form, []).append((phrase, concept))
        related = {concept["id"]: tuple(concept.get("see", ())) for concept in data["concepts"]}
        missing = {target for targets in related.values() for target in targets} - set(related)
        if missing:
            raise ValueError(f"vocabulary: see names unknown concepts {sorted(missing)}")
        return cls(phrases, related, _word_set(data, "stop_words"), _word_set(data, "weak_words"))

    def matches(self, words: Sequence[Word]) -> list[Match]:
        """All concepts that `words` say, in order."""
        forms = [frozenset(word.lemmas) for word in words]
        found = (
            Match(concept, start, start + len(phrase))
            for start, word in enumerate(words)
            for form in word.lemmas
            for phrase, concept in self.phrases.get(form, ())
            if _continues(forms, start, phrase)
        )
        return list(dict.fromkeys(found))

    def of_word(self, form: str) -> tuple[str, ...]:
        """Concepts that the single word `form` says."""
        return tuple(dict.fromkeys(concept for phrase, concept in self.phrases.get(form, ()) if len(phrase) == 1))

    def is_stop(self, word: Word) -> bool:
        """True for words that carry no errand: "mistä saan", "how do I get"."""
        return word.surface in self.stop_words or word.lemmas[0] in self.stop_words

    def is_weak(self, word: Word) -> bool:
        """True for words that most services share: palvelu, tid, support."""
        return word.surface in self.weak_words or word.lemmas[0] in self.weak_words


def _continues(forms: Sequence[frozenset[str]], start: int, phrase: _Phrase) -> bool:
    return start + len(phrase) <= len(forms) and all(
        forms[start + offset] & wanted for offset, wanted in enumerate(phrase)
    )


def _phrases(data: Mapping[str, Any], analyser: Analyser) -> Iterator[tuple[str, _Phrase]]:
    for concept in data["concepts"]:
        for language in LANGUAGES:
            for text in concept.get(language, ()):
                if words := analyser.text(text, language):
                    yield concept["id"], tuple(frozenset(word.lemmas) for word in words)


def _word_set(data: Mapping[str, Any], key: str) -> frozenset[str]:
    languages: tuple[Language, ...] = LANGUAGES
    return frozenset(word for language in languages for word in data.get(key, {}).get(language, ()))
