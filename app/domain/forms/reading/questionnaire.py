"""The lenient reader: a FHIR R4 Questionnaire with SDC becomes a `Form`, and what departs from R4 becomes notes.

Read all the same: spellings, values written as text, what R5 calls otherwise. Left out and said: what this engine does
not do. Refused: what would ask the wrong thing of the wrong people. A resident never meets any of it: a choice whose
answers can't be listed is answered in one's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from app.domain.fhir import language_of
from app.domain.forms.model import Form
from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.reading.checks import check_extras, check_form
from app.domain.forms.reading.elements import Element
from app.domain.forms.reading.expressions import Expressions
from app.domain.forms.reading.heads import check_size, heads_of, questions_in
from app.domain.forms.reading.items import Surroundings, items_of
from app.domain.forms.reading.json_text import Parsed, parse_questionnaire
from app.domain.forms.reading.named_options import with_named_options
from app.domain.forms.reading.note_codes import NOTE_CODES, Notes
from app.domain.forms.reading.urls import MINUTES, ONE_PAGE
from app.domain.forms.reading.value_sets import contained_in
from app.domain.text import Language

__all__ = ["NOTE_CODES", "Reading", "parse_questionnaire", "read_form"]


@dataclass(frozen=True)
class Reading:
    """A form, and what its Questionnaire departs from (no refusals among it)."""

    form: Form
    notes: tuple[Note, ...]


def read_form(data: Mapping[str, Any], *, language: Language = "fi") -> Reading:
    """The form that a Questionnaire makes. `language` is that of its strings where it does not say so itself.

    Raises FormRefused, with everything that was found, where leaving something out would change the meaning.
    """
    notes = Notes()
    if data.get("resourceType") != "Questionnaire":
        notes.add("not_a_questionnaire", detail=data.get("resourceType", ""))
        raise FormRefused(notes.all())
    check_size(data)
    form = _form(Element(data, notes, _language(data, notes, language)))
    found = (*(data.notes if isinstance(data, Parsed) else ()), *notes.all())
    if any(note.weight == "refused" for note in found):
        raise FormRefused(found)
    return Reading(form, found)


def _form(root: Element) -> Form:
    check_form(root)
    contained = contained_in(root)
    heads = with_named_options(heads_of(root, contained))
    if not heads:
        root.note("no_items")
    expressions = Expressions(count(1))
    form = Form(
        url=root.string("url"),
        version=root.string("version"),
        name=root.string("name"),
        title=root.text("title" if root.string("title") else "name"),
        description=root.text("description"),
        variables=expressions.variables(root),
        constraints=expressions.constraints(root),
        items=items_of(heads, Surroundings.of(questions_in(heads), contained), expressions),
        one_page=root.flagged(ONE_PAGE),
        minutes=root.counted(MINUTES) or 0,
        source=root.data,
    )
    check_extras(root)
    return form


def _language(data: Mapping[str, Any], notes: Notes, otherwise: Language) -> Language:
    written = data.get("language")
    known = language_of(written)
    if written and not known:
        notes.add("language_unknown", detail=written)
    return known or otherwise
