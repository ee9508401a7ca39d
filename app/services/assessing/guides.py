"""Self-care guides: the county's own texts, one Markdown file for each language, in `app/content/guides/`.

A file begins with lines of `name: value` between two lines of `---`: title, owner, reviewed, sources.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from app import content
from app.domain.text import LANGUAGES, Language
from app.services.errors import NotFound

FENCE = "---\n"


@dataclass(frozen=True)
class Guide:
    """One guide in one language; `text` is Markdown. `owner` answers for it, `reviewed` is when it was last read."""

    title: str
    owner: str
    reviewed: date
    sources: str
    text: str


@cache
def guide_codes() -> frozenset[str]:
    """The codes of the guides there are, each complete in every language."""
    names = {file.name for file in files(content).joinpath("guides").iterdir()}
    codes = {name.partition(".")[0] for name in names}
    return frozenset(code for code in codes if all(f"{code}.{language}.md" in names for language in LANGUAGES))


@cache
def find_guide(code: str, language: Language) -> Guide:
    """The guide called `code`. Raises NotFound for a code that is no file of ours, so no path is ever followed."""
    if code not in guide_codes():
        raise NotFound
    return read_guide(content.load_text(f"guides/{code}.{language}.md"))


def read_guide(source: str) -> Guide:
    """The guide in a file's text. Raises ValueError or KeyError where its head is not as it should be."""
    before, head, text = source.split(FENCE, 2)
    if before:
        raise ValueError("a guide begins with its head")
    values = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    return Guide(
        title=values["title"],
        owner=values["owner"],
        reviewed=date.fromisoformat(values["reviewed"]),
        sources=values["sources"],
        text=text.strip(),
    )
