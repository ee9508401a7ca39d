"""Alarming words in free text: when a resident's own words mean that help can't wait for a queue.

A false alarm shows one card too many; a missed one may cost a life. So inflected forms, missing dots of ä and ö and
one slip of the finger in a long word are understood, and negations are not trusted. The words themselves are
content (app/content/alarm_words.json) with an owner.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, get_args

from rapidfuzz.distance import OSA

# person_in_danger: an adult needs help today that the emergency social services give; only answers raise it
# immediate: help is needed now, and nothing says that a life is in danger
AlarmKind = Literal["life_danger", "self_harm", "violence", "child_in_danger", "person_in_danger", "immediate"]
KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)
_MAX_TEXT = 20_000  # characters; longer texts are cut by the forms long before
_MAX_GAP = 2  # words between two words of a phrase: "en vain enää jaksa elää"
_FUZZY_FROM = 8  # stems shorter than this must be spelt right
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Alarm:
    """An alarming expression in a text: its kind and the pattern that was met (for staff, never for the log)."""

    kind: AlarmKind
    pattern: str


@dataclass(frozen=True)
class _Part:
    text: str
    prefix: bool

    def matches(self, word: str) -> bool:
        if not self.prefix:
            return word == self.text
        return word.startswith(self.text) or (len(self.text) >= _FUZZY_FROM and self._nearly(word))

    def _nearly(self, word: str) -> bool:
        """One letter missing, extra, wrong or swapped in the stem; the first two letters must be right."""
        size = len(self.text)
        return word[:2] == self.text[:2] and any(
            OSA.distance(word[: size + change], self.text, score_cutoff=1) <= 1 for change in (-1, 0, 1)
        )


@dataclass(frozen=True)
class _Pattern:
    kind: AlarmKind
    source: str
    parts: tuple[_Part, ...]

    def found_in(self, words: Sequence[str]) -> bool:
        return any(
            self.parts[0].matches(word) and self._continues(words, start + 1, 1) for start, word in enumerate(words)
        )

    def _continues(self, words: Sequence[str], start: int, part: int) -> bool:
        if part == len(self.parts):
            return True
        window = range(start, min(start + _MAX_GAP + 1, len(words)))
        return any(self.parts[part].matches(words[i]) and self._continues(words, i + 1, part + 1) for i in window)


@dataclass(frozen=True)
class AlarmWords:
    """Compiled patterns, in the order of their kinds: danger to life first."""

    _patterns: tuple[_Pattern, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Compile the content file: `{"kinds": {kind: {language: [pattern, …]}}}`.

        A pattern is one or more words; `*` at the end of a word stands for any ending. Raises ValueError on a kind
        that is not known or a pattern without words.
        """
        unknown = set(data["kinds"]) - set(KINDS)
        if unknown:
            raise ValueError(f"unknown kinds of alarm: {sorted(unknown)}")
        return cls(
            tuple(
                _compile(kind, pattern)
                for kind in KINDS
                for patterns in data["kinds"].get(kind, {}).values()
                for pattern in patterns
            )
        )

    @cached_property
    def _by_head(self) -> Mapping[str, Sequence[int]]:
        """The patterns by the first two letters of their first word: nothing else that is written can match them."""
        found: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._patterns):
            found.setdefault(pattern.parts[0].text[:2], []).append(number)
        return found

    def alarm_in(self, text: str) -> Alarm | None:
        """The most serious alarm in `text` in any of the languages, or None."""
        words = _words(text[:_MAX_TEXT])
        likely = {number for word in words for head in (word[:1], word[:2]) for number in self._by_head.get(head, ())}
        found = next((self._patterns[one] for one in sorted(likely) if self._patterns[one].found_in(words)), None)
        return Alarm(found.kind, found.source) if found else None


def alarm_in(text: str, words: AlarmWords) -> Alarm | None:
    """The most serious alarm in `text`, or None."""
    return words.alarm_in(text)


def _compile(kind: AlarmKind, pattern: str) -> _Pattern:
    parts = tuple(_Part(_words(word)[0], word.endswith("*")) for word in pattern.split() if _words(word))
    if not parts:
        raise ValueError(f"an alarm pattern without words: {pattern!r}")
    return _Pattern(kind, pattern, parts)


def _words(text: str) -> list[str]:
    """Words in small letters without dots and accents; apostrophes are dropped, so that can't = cant."""
    plain = re.sub(r"['’‘`´\u00ad\u200b-\u200f]", "", text.casefold())
    decomposed = unicodedata.normalize("NFKD", plain)
    return _WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char)))
