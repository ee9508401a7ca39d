"""Splitting text into words, and folding them for comparison."""

import re
import unicodedata

MAX_WORD = 60  # letters; longer strings are no words of ours
_WORD = re.compile(r"[^\W_]+(?:[-'’&][^\W_]+)*")


def normalise(text: str) -> str:
    """`text` in one Unicode form, small letters, without soft hyphens, direction marks and control characters."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    return "".join(" " if unicodedata.category(char) == "Cc" else char for char in composed if _visible(char))


def tokenize(text: str, limit: int | None = None) -> list[str]:
    """The words of `text`, normalised, at most `limit`. Hyphens and apostrophes inside a word belong to it."""
    words = (match[0].replace("’", "'") for match in _WORD.finditer(normalise(text)))
    kept = (word for word in words if len(word) <= MAX_WORD)
    return [word for _, word in zip(range(limit), kept, strict=False)] if limit is not None else list(kept)


def fold(word: str) -> str:
    """`word` without dots and accents: what is left when somebody types without ä, ö and å."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"}
