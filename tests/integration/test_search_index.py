"""The search index on disk: finds by meaning in any language, survives any text, is replaced in one step."""

import json
import time
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.language.analysis import Analyser
from app.domain.language.vocabulary import Vocabulary
from app.domain.text import Language, Text
from app.services.search.dictionaries import Dictionaries, build_dictionaries
from app.services.search.documents import SearchDocument
from app.services.search.index import NoIndex, SearchIndex, build
from app.services.search.terms import LanguageTools

DICTIONARIES = Path(__file__).parents[2] / "var" / "dictionaries"
DOCUMENTS = [
    SearchDocument(
        "service", "teeth", Text({"fi": "Suun terveydenhuolto", "sv": "Mun- och tandvård", "en": "Oral health care"})
    ),
    SearchDocument("service", "teeth-students", Text({"fi": "Opiskelijoiden suun terveydenhuolto"})),
    SearchDocument(
        "service", "home", Text({"fi": "Kotihoito", "sv": "Hemvård"}), Text({"fi": "Autamme sinua kotona."})
    ),
    SearchDocument(
        "service", "child", Text({"fi": "Lastenneuvola", "sv": "Barnrådgivning", "en": "Child health clinic"})
    ),
    SearchDocument(
        "service",
        "nurse",
        Text({"fi": "Lääkärin tai hoitajan vastaanotto", "en": "Appointment with a doctor or a nurse"}),
    ),
    SearchDocument(
        "assessment", "urinary", Text({"fi": "Virtsatieoireiden oirearvio", "en": "Urinary symptom assessment"})
    ),
    SearchDocument("bookable", "vaccine", Text({"fi": "Rokotus", "sv": "Vaccination", "en": "Vaccination"})),
]


@cache
def tools() -> LanguageTools:
    build_dictionaries(DICTIONARIES)
    analyser = Analyser(Dictionaries.open(DICTIONARIES))
    data = json.loads((files("app.content") / "vocabulary.json").read_text("utf-8"))
    return LanguageTools(analyser, Vocabulary.from_data(data, analyser))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    folder = tmp_path_factory.mktemp("index")
    build(folder, DOCUMENTS, tools())
    return SearchIndex.open(folder, tools())


@pytest.mark.parametrize("page", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hammaslääkäriin", "teeth"),
        ("tandläkare", "teeth"),
        ("dentist", "teeth"),
        ("kotihoitoa", "home"),
        ("neuvolaan", "child"),
        ("hamaslääkäri", "teeth"),
        ("hammaslaakari", "teeth"),
        ("hammaslää", "teeth"),
        ("flunssa", "nurse"),
        ("mistä saan hoitajan kotiin", "home"),
        ("how do I get a flu jab", "vaccine"),
        ("kirvelee pissatessa", "urinary"),
        ('kotihoito!!! ("', "home"),
    ],
)
def test_finds_what_is_meant(index: SearchIndex, page: Language, query: str, expected: str) -> None:
    """Inflected, misspelt, everyday and other-language words find the thing within three, from any page."""
    assert expected in [hit.id for hit in index.search(query, page, 3)]


def test_general_before_special(index: SearchIndex) -> None:
    """The service for everybody stands before the same service for a group."""
    assert [hit.id for hit in index.search("hammashoito", "fi", 2)] == ["teeth", "teeth-students"]


def test_says_why(index: SearchIndex) -> None:
    """A hit tells which word brought it and how, and a slip is answered with what was meant."""
    (why,) = index.search("dentist", "fi", 1)[0].why
    assert (why.typed, why.by) == ("dentist", "synonym")
    assert index.find("hamaslääkäri", "fi").did_you_mean == "hammaslääkäri"
    assert index.find("hammaslääkäri", "fi").did_you_mean is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "\x00",
        "🙂",
        "AND OR NOT",
        'name:"x" AND (',
        "*",
        "~~~",
        "^2",
        "[a TO z]",
        "'; drop table service; --",
        "שלום עולם",
        "\u202eabc",
        "a" * 10_000,
        "hammas " * 2_000,
        "\ud800",
        "§dental +hammas ~dental",
        "%00%0a",
        "{}[]\\/",
    ],
)
def test_any_text_is_answered_quickly(index: SearchIndex, query: str) -> None:
    """Operators, emoji, ten kilobytes, SQL, right-to-left text and nulls give results or an empty list, at once."""
    started = time.perf_counter()
    assert len(index.search(query, "fi", 10)) <= 10
    assert time.perf_counter() - started < 1


@given(st.text(max_size=100))
def test_any_text(index: SearchIndex, query: str) -> None:
    """Nothing that can be typed breaks the search."""
    assert all(hit.score > 0 for hit in index.search(query, "sv"))


def test_no_index_is_named(tmp_path: Path) -> None:
    """Before the first build the search says so, and works as soon as one is built."""
    index = SearchIndex.open(tmp_path, tools())
    with pytest.raises(NoIndex):
        index.search("koti", "fi")
    build(tmp_path, DOCUMENTS, tools())
    assert index.search("koti", "fi")


def test_a_new_build_is_seen_at_once(tmp_path: Path) -> None:
    """An open reader sees a new build with its next search, and old builds are cleared away."""
    index = SearchIndex.open(tmp_path, tools())
    for number in range(4):
        names = Text({"fi": "Jalkahoito"})
        build(tmp_path, [*DOCUMENTS, SearchDocument("page", f"feet-{number}", names)], tools())
        assert [hit.id for hit in index.search("jalkahoitoa", "fi", 1)] == [f"feet-{number}"]
    assert sum(path.is_dir() for path in tmp_path.iterdir()) == 2


def test_the_same_content_is_one_build(tmp_path: Path) -> None:
    """Building the same documents in another order changes nothing; an empty catalogue can be built too."""
    assert build(tmp_path, DOCUMENTS, tools()) == build(tmp_path, DOCUMENTS[::-1], tools())
    build(tmp_path, [], tools())
    assert SearchIndex.open(tmp_path, tools()).search("koti", "fi") == []
