"""The search index: one process builds it, all web processes read it.

In the folder, every build has a directory of its own named by the hash of its content; the file `current` names the
one in use and is replaced in one step, so a reader sees the old index or the new one, never half of one.
"""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Self, cast

import tantivy

from app.domain.text import Language, Text
from app.services.search.documents import Kind, SearchDocument
from app.services.search.query import Reason, Understood, understand
from app.services.search.query import build as build_query
from app.services.search.spelling import Spelling
from app.services.search.terms import FIELDS, LanguageTools, document_terms

_FORMAT = "2"  # raise it when the analysis or the fields change: the next build then makes a new index
_POINTER, _WORDS = "current", "words.json"
_HEAP = 64_000_000  # bytes for one writer thread


class NoIndex(FileNotFoundError):
    """No index has been built into the folder yet."""


@dataclass(frozen=True)
class Why:
    """Why a hit is there: the word typed, and how the document says it."""

    typed: str
    by: Reason


@dataclass(frozen=True)
class Hit:
    """Something found, with what to show of it. `score` orders hits of one query and means nothing across queries."""

    kind: Kind
    id: str
    names: Text
    summary: Text
    score: float
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Found:
    """Hits, the best first, and what may have been meant where words were misspelt."""

    hits: tuple[Hit, ...]
    did_you_mean: str | None


def build(folder: Path, documents: Iterable[SearchDocument], tools: LanguageTools) -> str:
    """Build an index of `documents` in `folder`, make it the current one and return its hash.

    Readers go on searching the old one meanwhile. The same content is not built twice; builders take turns.
    """
    everything = list(documents)
    name = _hash_of(everything, tools)
    folder.mkdir(parents=True, exist_ok=True)
    with _one_builder(folder):
        _build_missing(folder, name, everything, tools)
    return name


@contextmanager
def _one_builder(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread builds in `folder`."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build_missing(folder: Path, name: str, everything: Sequence[SearchDocument], tools: LanguageTools) -> None:
    if not (folder / name / _WORDS).exists():
        shutil.rmtree(folder / name, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="new-") as workshop:
            _write(Path(workshop) / name, everything, tools)
            (Path(workshop) / name).replace(folder / name)
    previous = _current(folder)
    _point_to(folder, name)
    _remove_others(folder, {name, previous})


@dataclass
class SearchIndex:
    """A reader that follows the pointer: after a build the next search sees the new index."""

    folder: Path
    tools: LanguageTools
    _stamp: tuple[int, int] | None = None
    _opened: "_Opened | None" = None
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, folder: Path, tools: LanguageTools) -> Self:
        """A reader of `folder`; an index may also be built later."""
        return cls(folder, tools)

    def search(self, query: str, language: Language, limit: int = 10) -> list[Hit]:
        """The best hits for what was typed on a page in `language`. Raises NoIndex where none has been built."""
        return list(self.find(query, language, limit).hits)

    def find(self, query: str, language: Language, limit: int = 10) -> Found:
        """Hits and a corrected spelling. Any text is allowed. Raises NoIndex where none has been built."""
        opened = self._fresh()
        understood = understand(query, language, self.tools, opened.spelling)
        built = build_query(understood, opened.index.schema)
        if built is None or limit < 1:
            return Found((), understood.did_you_mean)
        searcher = opened.index.searcher()
        found = searcher.search(built, limit, count=False).hits
        hits = (_hit(searcher.doc(address).to_dict(), float(score), understood) for score, address in found)
        return Found(tuple(hits), understood.did_you_mean)

    def _fresh(self) -> "_Opened":
        """The opened index, opened again where the pointer was replaced (one stat a search)."""
        try:
            stat = (self.folder / _POINTER).stat()
        except FileNotFoundError:
            raise NoIndex(f"no search index in {self.folder}") from None
        stamp = (stat.st_mtime_ns, stat.st_ino)
        with self._lock:
            if self._opened is None or stamp != self._stamp:
                self._opened = _Opened.read(self.folder / (_current(self.folder) or ""))
                self._stamp = stamp
            return self._opened


@dataclass(frozen=True)
class _Opened:
    index: tantivy.Index
    spelling: Spelling

    @classmethod
    def read(cls, directory: Path) -> Self:
        words = json.loads((directory / _WORDS).read_text("utf-8"))
        return cls(tantivy.Index.open(str(directory)), Spelling.of(words))


def _hit(stored: dict[str, list[Any]], score: float, understood: Understood) -> Hit:
    terms = {term for name in FIELDS for text in stored.get(name, ()) for term in text.split()}
    reasons = (
        Why(group.typed, met[0].reason)
        for group in understood.groups
        if (met := sorted((a for a in group.alternatives if a.term in terms), key=lambda a: -a.weight))
    )
    told = json.loads(stored["told"][0])
    return Hit(
        kind=cast(Kind, stored["kind"][0]),
        id=str(stored["id"][0]),
        names=Text(told["names"]),
        summary=Text(told["summary"]),
        score=score,
        why=tuple(dict.fromkeys(reasons)),
    )


def _write(directory: Path, documents: Sequence[SearchDocument], tools: LanguageTools) -> None:
    directory.mkdir()
    index = tantivy.Index(_schema(), path=str(directory))
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(_HEAP, 1)
    words: set[str] = set()
    for document in documents:
        terms = document_terms(document, tools)
        words.update(term for name in FIELDS for term in terms[name] if term[0].isalpha())
        row = {name: " ".join(terms[name]) for name in FIELDS}
        told = json.dumps({"names": document.names.values, "summary": document.summary.values}, ensure_ascii=False)
        writer.add_document(tantivy.Document(kind=document.kind, id=document.id, told=told, **row))
    writer.commit()
    writer.wait_merging_threads()
    vocabulary = {form for form in tools.vocabulary.phrases if form.isalpha()}
    (directory / _WORDS).write_text(json.dumps(sorted(words | vocabulary), ensure_ascii=False), "utf-8")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("kind", "id", "told"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, stored=True, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _hash_of(documents: Sequence[SearchDocument], tools: LanguageTools) -> str:
    rows = sorted(json.dumps(asdict(document), sort_keys=True, ensure_ascii=False) for document in documents)
    vocabulary = sorted(
        f"{form} {concept} {[sorted(part) for part in phrase]}"
        for form, phrases in tools.vocabulary.phrases.items()
        for phrase, concept in phrases
    )
    return hashlib.sha256("\n".join([_FORMAT, *rows, *vocabulary]).encode()).hexdigest()[:16]


def _current(folder: Path) -> str | None:
    try:
        return (folder / _POINTER).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def _point_to(folder: Path, name: str) -> None:
    new = folder / f"{_POINTER}.new"
    new.write_text(name, "utf-8")
    new.replace(folder / _POINTER)


def _remove_others(folder: Path, kept: set[str | None]) -> None:
    """Older builds go; the one before the current stays, because a reader may be about to open it."""
    for directory in folder.iterdir():
        if directory.is_dir() and directory.name not in kept:
            shutil.rmtree(directory, ignore_errors=True)
