"""The word-form dictionaries of simplemma, as tries in a folder.

Building them takes some ten seconds and 700 MB once, at install; opening them maps about 25 MB.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy
from simplemma.strategies.dictionaries.trie_dictionary_factory import TrieDictionaryFactory

from app.domain.text import LANGUAGES, Language


class DictionariesMissing(FileNotFoundError):
    """The dictionaries have not been built into the folder."""


def build_dictionaries(folder: Path) -> bool:
    """Build what is missing in `folder`; True where something was built. Safe to run beside readers: each file is
    made elsewhere and moved into place."""
    missing = [language for language in LANGUAGES if not _file(folder, language).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for language in missing:
        with tempfile.TemporaryDirectory(dir=folder) as workshop:
            TrieDictionaryFactory(disk_cache_dir=workshop).get_dictionary(language)
            _file(Path(workshop), language).replace(_file(folder, language))
    return bool(missing)


@dataclass(frozen=True)
class Dictionaries:
    """Lemmas from the tries in a folder (implements `app.domain.language.analysis.Lemmas`)."""

    _factory: TrieDictionaryFactory
    _lemmatizer: Lemmatizer

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the dictionaries in `folder`. Raises DictionariesMissing where they have not been built."""
        missing = [language for language in LANGUAGES if not _file(folder, language).exists()]
        if missing:
            raise DictionariesMissing(f"no dictionaries for {', '.join(missing)} in {folder}")
        factory = TrieDictionaryFactory(disk_cache_dir=str(folder))
        strategy = DefaultStrategy(dictionary_factory=factory)
        return cls(factory, Lemmatizer(cache_max_size=4096, lemmatization_strategy=strategy))

    def known(self, word: str, language: Language) -> str | None:
        """The lemma of a form that the dictionary lists, else None."""
        return self._factory.get_dictionary(language).get(word)

    def guess(self, word: str, language: Language) -> str:
        """The lemma by dictionary and rules; the word itself where nothing fits."""
        return self._lemmatizer.lemmatize(word, language)


def _file(folder: Path, language: Language) -> Path:
    return folder / f"{language}.dic"
