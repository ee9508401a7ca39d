"""Wording that depends on whose matter it is: one's own, or that of the person one is helping."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.text import LANGUAGES, Text


class UnreadableContent(Exception):
    """A content file says something that cannot be read; `where` names the place, `reason` what is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


@dataclass(frozen=True)
class Phrase:
    """One thought in two voices; a neutral wording has the same text in both."""

    own: Text
    another: Text

    @classmethod
    def neutral(cls, text: Text) -> "Phrase":
        """The same words for oneself and for another person."""
        return cls(own=text, another=text)

    def voice(self, *, for_another: bool) -> Text:
        """The wording for the person the page is about."""
        return self.another if for_another else self.own

    @property
    def complete(self) -> bool:
        """True where both voices have all three languages."""
        return self.own.complete and self.another.complete


def read_phrase(data: object, where: str) -> Phrase:
    """`{"fi","sv","en"}`, or `{"own": {...}, "another": {...}}`. Raises UnreadableContent naming `where`."""
    if not isinstance(data, Mapping):
        raise UnreadableContent(where, "a text is missing")
    if "own" in data:
        return Phrase(_text(data["own"], where), _text(data.get("another"), where))
    return Phrase.neutral(_text(data, where))


def _text(data: Any, where: str) -> Text:
    if not isinstance(data, Mapping) or not all(isinstance(value, str) for value in data.values()):
        raise UnreadableContent(where, "a text needs a wording by language")
    if not set(data) <= set(LANGUAGES):
        raise UnreadableContent(where, f"unknown languages {sorted(set(data) - set(LANGUAGES))}")
    return Text(dict(data))
