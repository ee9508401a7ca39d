"""What search works with in a process: the dictionaries of `var/` and the vocabulary of the content."""

from functools import cache
from pathlib import Path

from app.content import load
from app.domain.language.analysis import Analyser
from app.domain.language.vocabulary import Vocabulary
from app.services.search.dictionaries import Dictionaries
from app.services.search.terms import LanguageTools


@cache
def open_tools(folder: Path) -> LanguageTools:
    """The tools, opened once a process. Raises DictionariesMissing where `folder` has none (install builds them)."""
    analyser = Analyser(Dictionaries.open(folder))
    return LanguageTools(analyser, Vocabulary.from_data(load("vocabulary.json"), analyser))
