"""FHIRPath expressions of a Questionnaire: variables, what is calculated or proposed, what is asked, and rules.

An expression in another language is left out, and so is one that needs a variable which was left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.domain.forms.model import Constraint, Expression
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.urls import CALCULATED, CONSTRAINTS, ENABLE, INITIAL, VARIABLE
from app.domain.text import Text

_LANGUAGES = ("text/fhirpath", "text/x-fhirpath", "fhirpath")
_NAMES = re.compile(r"%(?:`([^`]+)`|'([^']+)'|(\w+))")


@dataclass
class Expressions:
    """The expressions of one form, numbered as they are read; `lost` are the variables left out, as seen from here."""

    numbers: Iterator[int]
    lost: frozenset[str] = field(default=frozenset())

    def variables(self, element: Element) -> tuple[Expression, ...]:
        """The variables of an item or of the form in their order; one left out is lost for all that follow."""
        found = []
        for entry in element.extensions(VARIABLE):
            name = _name(entry)
            variable = self._read(entry, name=name) if name else None
            if variable:
                found.append(variable)
                self.lost -= {name}
            elif name:
                self.lost |= {name}
            else:
                entry.note("variable_without_name")
        return tuple(found)

    def below(self) -> "Expressions":
        """For what lies below: what is lost there is not lost beside it."""
        return Expressions(self.numbers, self.lost)

    def enabling(self, item: Element) -> Expression | None:
        """The enableWhenExpression; one that can't be used is refused."""
        found = self._first(item, ENABLE)
        if found is None and item.extension(*ENABLE):
            item.note("enable_expression_lost")
        return found

    def initial(self, item: Element) -> Expression | None:
        """The expression that proposes an answer."""
        return self._first(item, INITIAL)

    def calculated(self, item: Element) -> Expression | None:
        """The expression that is the answer; without it the item is an ordinary one."""
        return self._first(item, CALCULATED)

    def constraints(self, element: Element) -> tuple[Constraint, ...]:
        """The rules between answers that this element carries."""
        found = (self._constraint(entry) for entry in element.extensions(*CONSTRAINTS))
        return tuple(constraint for constraint in found if constraint)

    def _constraint(self, entry: Element) -> Constraint | None:
        human = _words(entry, "human") or _words(entry, "requirements")
        if human is None:  # nobody could mend what is not said
            entry.note("constraint_without_words", _string(entry, "key"))
            return None
        part = entry.extension("expression")
        expression = self._read(part) if part else None
        if expression is None:
            if part is None:
                entry.note("expression_missing", "targetConstraint")
            return None
        if entry.extension("location"):
            entry.note("constraint_location", _string(entry, "location"))
        key = _string(entry, "key") or f"rule-{expression.number}"
        return Constraint(key, human, expression, _severity(entry))

    def _first(self, element: Element, urls: tuple[str, ...]) -> Expression | None:
        entry = element.extension(*urls)
        return self._read(entry) if entry else None

    def _read(self, entry: Element, name: str = "") -> Expression | None:
        text = _text(entry)
        if not text:
            return None
        needed = {next(filter(None, groups)) for groups in _NAMES.findall(text)}
        if missing := needed & self.lost:
            entry.note("expression_needs_lost", ", ".join(sorted(missing)))
            return None
        return Expression(next(self.numbers), text, name)


def _text(entry: Element) -> str:
    """The FHIRPath of a valueExpression (or of a valueString, as older forms have it); empty where there is none."""
    whole = entry.object("valueExpression")
    text = whole.string("expression") if whole else entry.string("valueString")
    if not text.strip():
        entry.note("expression_missing", entry.string("url").rsplit("/", 1)[-1])
        return ""
    language = whole.string("language") if whole else _LANGUAGES[0]
    if not language:
        entry.note("expression_language_missing", text)
    elif language.lower() not in _LANGUAGES:
        entry.note("expression_language", language)
        return ""
    return text


def _name(entry: Element) -> str:
    whole = entry.object("valueExpression")
    return whole.string("name").removeprefix("%") if whole else ""


def _severity(entry: Element) -> Literal["error", "warning"]:
    written = _string(entry, "severity")
    if written not in ("error", "warning"):
        entry.note("constraint_severity", written)
    return "warning" if written.lower() in ("warning", "information") else "error"


def _string(entry: Element, name: str) -> str:
    """The part `name` of a rule, as a string of whatever kind."""
    part = entry.extension(name)
    return next((part.string(kind) for kind in part.data if kind.startswith("value")), "") if part else ""


def _words(entry: Element, name: str) -> Text | None:
    part = entry.extension(name)
    kinds = [kind for kind in ("valueString", "valueMarkdown") if part and part.string(kind)]
    return part.text(kinds[0]) if part and kinds else None
