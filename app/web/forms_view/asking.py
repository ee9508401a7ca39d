"""What a page knows when it asks, and the form's texts in its language and voice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from app.domain.forms.answering.problem import Problem
from app.domain.forms.answering.raw import raw_of
from app.domain.forms.answering.typed import RawField
from app.domain.forms.answers import Address
from app.domain.forms.model import Item
from app.domain.forms.state import State
from app.domain.forms.values import Value
from app.domain.phrase import Phrase
from app.domain.text import Language, Text
from app.services.forms.earlier import Offer
from app.services.forms.measured import Measured
from app.services.forms.origins import Origin
from app.web.forms_view.words import problem_text


@dataclass(frozen=True)
class Asking:
    """Where the form stands, in which language and about whom the page speaks.

    `typed` are fields as they were sent, where the page is shown again; `problems` and `warnings` what is said about
    them; `earlier` the answers to an earlier version that are shown beside a question; `origins` say where answers
    come from that were not given here, `offers` are those that may be used, and
    `measured` what the reader's own record says and is only told.
    """

    state: State
    language: Language
    for_another: bool = False
    typed: Mapping[Address, RawField] = field(default_factory=dict)
    problems: Mapping[Address, Problem] = field(default_factory=dict)
    warnings: Mapping[Address, Text] = field(default_factory=dict)
    earlier: Mapping[Address, tuple[Value, ...]] = field(default_factory=dict)
    origins: Mapping[Address, Origin] = field(default_factory=dict)
    offers: Mapping[Address, Offer] = field(default_factory=dict)
    measured: Mapping[Address, Measured] = field(default_factory=dict)

    def words(self, text: Text | Phrase) -> str:
        """The text, plain."""
        return self._text(text).to(self.language)

    def lang(self, text: Text | Phrase) -> Language | None:
        """The language of the text where it is not that of the page."""
        found = self._text(text).language_for(self.language)
        return None if found == self.language else found

    def said(self, text: Text | Phrase) -> Markup:
        """The text, marked with its language where that is not the page's."""
        lang, words = self.lang(text), self.words(text)
        return Markup('<span lang="{}">{}</span>').format(lang, words) if lang else escape(words)

    def heading(self, item: Item) -> Markup:
        """The text of an item, after its number if it has one."""
        parts = (self.said(item.prefix), self.said(item.text))
        return Markup(" ").join(part for part in parts if part)

    def title(self, item: Item) -> str:
        """The same, plain."""
        return f"{self.words(item.prefix)} {self.words(item.text)}".strip()

    def error(self, problem: Problem, item: Item) -> str:
        """What is to be done about a problem; a rule's own words are marked with their language."""
        return self.said(problem.said) if problem.code == "rule" else problem_text(problem, item, self.language)

    def warning(self, address: Address) -> Markup | None:
        """What is said at this address without holding anybody up."""
        found = self.warnings.get(address)
        return self.said(found) if found else None

    def raw(self, item: Item, address: Address) -> RawField:
        """What stands in a field: what was sent, else the answers so far."""
        found = self.typed.get(address)
        return raw_of(item, self.state.answers.of(address), self.language) if found is None else found

    def _text(self, text: Text | Phrase) -> Text:
        return text.voice(for_another=self.for_another) if isinstance(text, Phrase) else text
