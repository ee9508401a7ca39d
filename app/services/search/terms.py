"""Documents to index terms.

The index has three fields of terms that we made ourselves, split by white space. A term's first sign tells its sort:
none for a lemma, `+` for a part of a compound, `§` for a concept said by whole words, `~` for a concept said by a
part of a compound only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.language.analysis import Analyser, Word
from app.domain.language.vocabulary import Vocabulary
from app.domain.text import LANGUAGES, Text
from app.services.search.documents import SearchDocument

PART, CONCEPT, PART_CONCEPT = "+", "§", "~"
FIELDS = ("name", "topic", "body")


@dataclass(frozen=True)
class LanguageTools:
    """What indexing and searching must share, so that both see the same terms."""

    analyser: Analyser
    vocabulary: Vocabulary


def document_terms(document: SearchDocument, tools: LanguageTools) -> dict[str, list[str]]:
    """The terms of each field, in all the document's languages."""
    texts = {"name": (document.names,), "topic": (document.summary, *document.topics), "body": document.body}
    return {field: _terms(texts[field], tools) for field in FIELDS}


def _terms(texts: Iterable[Text], tools: LanguageTools) -> list[str]:
    return [
        term
        for text in texts
        for language in LANGUAGES
        if (wording := text.values.get(language))
        for term in _text_terms(tools.analyser.text(wording, language), tools.vocabulary)
    ]


def _text_terms(words: list[Word], vocabulary: Vocabulary) -> list[str]:
    lemmas = [word.lemmas[0] for word in words]
    parts = [part for word in words for part in word.parts]
    concepts = [match.concept for match in vocabulary.matches(words)]
    by_parts = [concept for part in parts for concept in vocabulary.of_word(part)]
    return [
        *lemmas,
        *(PART + part for part in parts),
        *(CONCEPT + concept for concept in concepts),
        *(PART_CONCEPT + concept for concept in by_parts if concept not in concepts),
    ]
