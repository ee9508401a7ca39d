"""What a resident is told at each urgency: content, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.phrase import Phrase, read_phrase
from app.domain.urgency import Urgency


@dataclass(frozen=True)
class Advice:
    """The words of one care card. `bookable` and `guide` are codes of services and of a self-care guide."""

    headline: Phrase
    by_when: Phrase
    do_now: tuple[Phrase, ...]
    seek_sooner: tuple[Phrase, ...]
    about: tuple[Phrase, ...]
    bookable: tuple[str, ...]
    guide: str | None

    @property
    def complete(self) -> bool:
        """True where every text has both voices in three languages and no list is empty."""
        lists = (self.do_now, self.seek_sooner, self.about)
        texts = (self.headline, self.by_when, *(text for entries in lists for text in entries))
        return all(lists) and all(text.complete for text in texts)


def read_advice(data: Mapping[str, Any]) -> Mapping[Urgency, Advice]:
    """`{"about": [...], "levels": {urgency: {...}}}`. Raises UnreadableContent naming the level."""
    about = _phrases(data["about"], "about")
    return {level: _advice(data["levels"][level], about, f"advice {level}") for level in Urgency}


def _advice(data: Mapping[str, Any], about: tuple[Phrase, ...], where: str) -> Advice:
    return Advice(
        headline=read_phrase(data.get("headline"), where),
        by_when=read_phrase(data.get("by_when"), where),
        do_now=_phrases(data["do_now"], where),
        seek_sooner=_phrases(data["seek_sooner"], where),
        about=about,
        bookable=tuple(data["bookable"]),
        guide=data.get("guide"),
    )


def _phrases(entries: list[Any], where: str) -> tuple[Phrase, ...]:
    return tuple(read_phrase(entry, where) for entry in entries)
