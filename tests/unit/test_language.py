"""Words, lemmas, compound parts and concepts."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.language.analysis import Analyser
from app.domain.language.vocabulary import Vocabulary
from app.domain.language.words import fold, tokenize
from app.domain.text import LANGUAGES, Language
from app.services.search.dictionaries import Dictionaries, DictionariesMissing, build_dictionaries
from app.services.search.spelling import Spelling

FOLDER = Path(__file__).parents[2] / "var" / "dictionaries"
DATA = json.loads((files("app.content") / "vocabulary.json").read_text("utf-8"))


@cache
def analyser() -> Analyser:
    build_dictionaries(FOLDER)
    return Analyser(Dictionaries.open(FOLDER))


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.from_data(DATA, analyser())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hammas­lääkäriin!", ["hammaslääkäriin"]),
        ("A\u0308iti ja isä", ["äiti", "ja", "isä"]),
        ("sosiaali- ja terveys-asema", ["sosiaali", "ja", "terveys-asema"]),
        ("can’t \u202esleep\x00", ["can't", "sleep"]),
        ("' OR 1=1; --", ["or", "1", "1"]),
        ("🙂🙂", []),
        ("x" * 100, []),
    ],
)
def test_tokenize(text: str, words: list[str]) -> None:
    """Words come out in one form; signs, marks and monsters are left out."""
    assert tokenize(text) == words


@given(st.text(max_size=200))
def test_tokens_have_no_space(text: str) -> None:
    """Whatever is typed, a token is one word without white space and folds to one word."""
    for word in tokenize(text, 20):
        assert len(word.split()) == 1
        assert not fold(word).isspace()


@pytest.mark.parametrize(
    ("word", "language", "lemma"),
    [
        ("hammaslääkäriin", "fi", "hammaslääkäri"),
        ("kotihoitoa", "fi", "kotihoito"),
        ("hemvården", "sv", "hemvård"),
        ("dentists", "en", "dentist"),
        ("influenssarokotuksen", "fi", "influenssarokotus"),
    ],
)
def test_lemmas(word: str, language: Language, lemma: str) -> None:
    """Inflected words find their lemma, on whichever language's page they are typed."""
    for page in LANGUAGES:
        assert lemma in analyser().query(word, page, 5)[0].lemmas
    assert analyser().text(word, language)[0].lemmas[0] == lemma


@pytest.mark.parametrize(
    ("word", "language", "parts"),
    [
        ("hammaslääkäri", "fi", {"hammas", "lääkäri"}),
        ("omaishoito", "fi", {"omainen", "hoito"}),
        ("lastensuojeluilmoitus", "fi", {"lastensuojelu", "lapsi", "suojelu", "ilmoitus"}),
        ("närståendevård", "sv", {"närstående", "vård"}),
        ("dentist", "en", set()),
        ("talo", "fi", set()),
    ],
)
def test_compound_parts(word: str, language: Language, parts: set[str]) -> None:
    """A compound is also known by its parts, in Finnish and Swedish."""
    found = set(analyser().text(word, language)[0].parts)
    assert parts <= found if parts else not found


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("hammaslääkäriin", "dental"),
        ("tandläkare", "dental"),
        ("dentist", "dental"),
        ("kotihoitoa", "home-care"),
        ("neuvolaan", "child-clinic"),
        ("omaishoidon tukea", "informal-care"),
        ("vanhainkotiin", "round-clock-housing"),
        ("potilasasiamies", "ombudsperson"),
        ("kuljetuspalvelu", "transport"),
    ],
)
def test_concepts(text: str, concept: str) -> None:
    """Everyday, official and former words in three languages lead to one concept."""
    assert concept in {match.concept for match in vocabulary().matches(analyser().query(text, "fi", 9))}


def test_the_vocabulary_is_complete() -> None:
    """At least 150 concepts, each with words in all three languages, owner and review date."""
    assert len(DATA["concepts"]) >= 150
    assert all(concept[language] for concept in DATA["concepts"] for language in LANGUAGES)
    assert DATA["owner"]
    assert DATA["review_by"]
    assert len({concept["id"] for concept in DATA["concepts"]}) == len(DATA["concepts"])


def test_a_concept_leads_only_to_concepts() -> None:
    """A wrong `see` is noticed when the vocabulary is read."""
    with pytest.raises(ValueError, match="nowhere"):
        Vocabulary.from_data({"concepts": [{"id": "a", "fi": ["talo"], "see": ["nowhere"]}]}, analyser())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hamaslääkäri", "hammaslääkäri"),
        ("hammaslaakariin", "hammaslääkäri"),
        ("turvakotti", "turvakoti"),
        ("hammasl", "hammaslääkäri"),
    ],
)
def test_spelling(typed: str, meant: str) -> None:
    """A slip, missing dots and the beginning of a word find the word that was meant."""
    spelling = Spelling.of(["hammaslääkäri", "turvakoti", "neuvola", "lääkäri"])
    assert spelling.suggestions(typed)[0].word == meant


def test_short_words_are_not_guessed() -> None:
    """Three letters have too many neighbours to guess from."""
    assert Spelling.of(["suu", "syy", "työ"]).suggestions("sut") == []


def test_missing_dictionaries_are_named(tmp_path: Path) -> None:
    """Without the installed dictionaries the program says what is missing."""
    with pytest.raises(DictionariesMissing):
        Dictionaries.open(tmp_path)
