"""Text in the county's three languages.

Content (services, assessments, hours, numbers) is written once per language; a page shows one of them. Where a
language is missing, as often in the national catalogue, the reader gets the next one in `FALLBACK` and the page
can say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FALLBACK: Mapping[Language, tuple[Language, ...]] = {
    "fi": ("fi", "sv", "en"),
    "sv": ("sv", "fi", "en"),
    "en": ("en", "fi", "sv"),
}


@dataclass(frozen=True)
class Text:
    """The same text in one to three languages; `values` maps a language to its wording."""

    values: Mapping[str, str] = field(default_factory=dict)

    def language_for(self, wanted: Language) -> Language | None:
        """The language in which `wanted` will be answered, or None where there is no text at all."""
        return next((lang for lang in FALLBACK[wanted] if self.values.get(lang)), None)

    def to(self, wanted: Language) -> str:
        """The wording in `wanted`, else in the next language that has one, else an empty string."""
        language = self.language_for(wanted)
        return self.values[language] if language else ""

    @property
    def complete(self) -> bool:
        """True where all three languages have a wording."""
        return all(self.values.get(lang) for lang in LANGUAGES)


def as_language(value: str | None, default: Language = "fi") -> Language:
    """`value` as one of our languages, else `default` (Finnish, the language every resident can be served in)."""
    return value if value in LANGUAGES else default
