"""A query as typed to a tantivy query: only built queries, never the index's own query language.

Each word (and each concept of several words) becomes one group of alternatives; the best alternative of a group
counts, the groups add up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tantivy import Occur, Query, Schema

from app.domain.language.analysis import Word
from app.domain.text import Language
from app.services.search.spelling import Spelling
from app.services.search.terms import CONCEPT, PART, PART_CONCEPT, LanguageTools

MAX_WORDS = 12
MAX_CHARACTERS = 400
Reason = Literal["word", "synonym", "compound", "related", "spelling"]
_FIELD_BOOST = {"name": 3.0, "topic": 1.0, "body": 0.45}
_WEAK, _RELATED, _TIE = 0.3, 0.45, 0.15


@dataclass(frozen=True)
class Alternative:
    """One term that a group looks for, how much it counts, and why it is there."""

    term: str
    weight: float
    reason: Reason


@dataclass(frozen=True)
class Group:
    """What one word (or several that say one thing) of the query looks for."""

    typed: str
    weight: float
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Understood:
    """A query after analysis; `did_you_mean` has the corrected words, or None where nothing was corrected."""

    groups: tuple[Group, ...]
    did_you_mean: str | None


def understand(text: str, language: Language, tools: LanguageTools, spelling: Spelling) -> Understood:
    """Analyse what was typed on a page in `language`; any text is allowed, what is too long is cut."""
    words = tools.analyser.query(text[:MAX_CHARACTERS], language, MAX_WORDS)
    meaningful = [word for word in words if not tools.vocabulary.is_stop(word)] or words
    groups = [*_phrase_groups(words, tools), *(_word_group(word, tools, spelling) for word in meaningful)]
    return Understood(tuple(groups), _corrected(words, tools, spelling))


def build(understood: Understood, schema: Schema) -> Query | None:
    """The index query, or None where there is nothing to look for."""
    groups = [
        (Occur.Should, Query.boost_query(_group_query(group, schema), group.weight))
        for group in understood.groups
        if group.alternatives
    ]
    return Query.boolean_query(groups) if groups else None


def _group_query(group: Group, schema: Schema) -> Query:
    return Query.disjunction_max_query(
        [
            Query.boost_query(
                Query.term_query(schema, field, alternative.term, index_option="freq"), boost * alternative.weight
            )
            for alternative in group.alternatives
            for field, boost in _FIELD_BOOST.items()
        ],
        _TIE,
    )


def _phrase_groups(words: Sequence[Word], tools: LanguageTools) -> Iterator[Group]:
    """Concepts that several words say together count for all these words."""
    for match in tools.vocabulary.matches(words):
        if match.end - match.start > 1:
            typed = " ".join(word.surface for word in words[match.start : match.end])
            weight = float(match.end - match.start)
            yield Group(typed, weight, tuple(_merged(_concept(match.concept, tools, 1.0, "synonym"))))


def _word_group(word: Word, tools: LanguageTools, spelling: Spelling) -> Group:
    weight = _WEAK if tools.vocabulary.is_weak(word) else 1.0
    found = list(_alternatives(word, tools))
    if not _is_known(word, tools, spelling):
        found += _respelt(word, tools, spelling)
    return Group(word.surface, weight, tuple(_merged(found)))


def _alternatives(word: Word, tools: LanguageTools) -> Iterator[Alternative]:
    for place, form in enumerate(word.lemmas):
        weight = 1.0 if place == 0 else 0.8
        yield Alternative(form, weight, "word")
        yield Alternative(PART + form, 0.5 * weight, "compound")
        for concept in tools.vocabulary.of_word(form):
            yield from _concept(concept, tools, weight, "synonym")
    for part in word.parts:
        yield Alternative(part, 0.35, "compound")
        yield Alternative(PART + part, 0.3, "compound")
        for concept in tools.vocabulary.of_word(part):
            yield Alternative(CONCEPT + concept, 0.3, "compound")


def _concept(concept: str, tools: LanguageTools, weight: float, reason: Reason) -> Iterator[Alternative]:
    yield Alternative(CONCEPT + concept, weight, reason)
    yield Alternative(PART_CONCEPT + concept, 0.4 * weight, reason)
    for place, related in enumerate(tools.vocabulary.related.get(concept, ())):  # the likeliest is named first
        yield Alternative(CONCEPT + related, _RELATED * weight * 0.85**place, "related")


def _respelt(word: Word, tools: LanguageTools, spelling: Spelling) -> Iterator[Alternative]:
    for suggestion in spelling.suggestions(word.surface):
        weight = 0.8 * suggestion.closeness
        yield Alternative(suggestion.word, weight, "spelling")
        for concept in tools.vocabulary.of_word(suggestion.word):
            yield from _concept(concept, tools, weight, "spelling")


def _is_known(word: Word, tools: LanguageTools, spelling: Spelling) -> bool:
    return any(form in spelling.known or tools.vocabulary.of_word(form) for form in word.lemmas)


def _corrected(words: Sequence[Word], tools: LanguageTools, spelling: Spelling) -> str | None:
    """The query with its unknown words replaced by the nearest known ones."""
    changed = [_nearest(word, tools, spelling) or word.surface for word in words]
    return " ".join(changed) if changed != [word.surface for word in words] else None


def _nearest(word: Word, tools: LanguageTools, spelling: Spelling) -> str | None:
    if _is_known(word, tools, spelling) or tools.vocabulary.is_stop(word):
        return None
    return next((suggestion.word for suggestion in spelling.suggestions(word.surface)), None)


def _merged(found: Iterator[Alternative] | list[Alternative]) -> list[Alternative]:
    """Each term once, with its best weight."""
    best: dict[str, Alternative] = {}
    for alternative in found:
        if alternative.term not in best or alternative.weight > best[alternative.term].weight:
            best[alternative.term] = alternative
    return list(best.values())
