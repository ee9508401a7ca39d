"""A search against a bare eight-term boolean query with ten stored documents on the same index."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import tantivy

from app.services.search.index import SearchIndex
from app.services.search.tools import open_tools
from app.settings import Settings
from benchmarks.row import Row

QUERIES = Path(__file__).parent / "search_queries.jsonl"
TERMS = ("hoito", "palvelu", "lääkäri", "apu", "koti", "lapsi", "hammas", "aika")


def measure_search(settings: Settings, *, at_least: float, goal: float) -> Row:
    """The median of our search over the labelled queries against the bare query's."""
    folder = settings.var / "index"
    search = SearchIndex.open(folder, open_tools(settings.dictionaries))
    rows = [json.loads(line) for line in QUERIES.read_text().splitlines() if line.strip()]
    index = tantivy.Index.open(str(folder / (folder / "current").read_text().strip()))
    searcher = index.searcher()
    terms = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "body", term)) for term in TERMS]
    bare = tantivy.Query.boolean_query(terms)

    def plain(_row: dict[str, str]) -> None:
        for _score, address in searcher.search(bare, 10, count=False).hits:
            searcher.doc(address).to_dict()

    def ours(row: dict[str, str]) -> None:
        search.find(row["q"], row["lang"], 10)  # type: ignore[arg-type]

    for row in rows:
        ours(row)
    return Row("search: query", _median(ours, rows), _median(plain, rows), at_least, goal, "no answer cache")


def _median(work: Callable[[dict[str, str]], None], rows: list[dict[str, str]]) -> float:
    times = []
    for _ in range(5):
        for row in rows:
            started = time.perf_counter()
            work(row)
            times.append(time.perf_counter() - started)
    return statistics.median(times)
