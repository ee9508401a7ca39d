"""The pure part of the content owners' desk: texts found and written, expressions tried, versions numbered."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forms.desk.edit import Edits, edited, wordless
from app.domain.forms.desk.expressions import TRIED_CODES, try_expressions
from app.domain.forms.desk.names import CODE, code_from, free_code, free_version
from app.domain.forms.desk.preview import everything
from app.domain.forms.desk.texts import Entry, Slot, base_language, entries_of, missing_texts
from app.domain.forms.layout import lay_out
from app.domain.forms.pages import instances_on, lead_on
from app.domain.forms.reading.questionnaire import NOTE_CODES, read_form
from app.domain.text import LANGUAGES
from app.web.forms_desk.note_words import WORDS
from app.web.forms_desk.text_form import parts_of

FORMS = sorted(
    path for path in (Path(__file__).parents[3] / "app/content/forms").glob("*.json") if path.stem != "catalogue"
)


def content_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def slots_of(entries: tuple[Entry, ...]) -> list[Slot]:
    return [slot for entry in entries for slot in entry.slots]


def slot(content: dict[str, Any], kind: str) -> Slot:
    return next(one for one in slots_of(entries_of(content)) if one.kind == kind)


def test_every_note_has_words() -> None:
    """The content owner reads a sentence for whatever the reader may note, and no sentence is left over."""
    assert set(WORDS) == set(NOTE_CODES) | set(TRIED_CODES)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_forms_of_the_county(path: Path) -> None:
    """Our own forms lack no text, and every expression in them can be read; saving them unchanged changes nothing."""
    content = content_of(path)
    entries = entries_of(content)
    assert missing_texts(entries) == {}
    assert try_expressions(read_form(content).form) == ()
    same = Edits(
        {one.number: {code: one.text.values.get(code, "") for code in LANGUAGES} for one in slots_of(entries)},
        {one.number: one.alarming for one in slots_of(entries) if one.alarming is not None},
        {entry.number: entry.changed for entry in entries},
    )
    assert edited(content, entries, same) == content
    assert [entry for part in parts_of(entries) for entry in part] == list(entries)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_text_can_be_changed(path: Path) -> None:
    """Whatever text is written in whichever language is the one that is read again, and the form is still a form."""
    content = content_of(path)
    entries = entries_of(content)
    before = deepcopy(content)
    words = {one.number: {code: f"{one.number} {code}" for code in LANGUAGES} for one in slots_of(entries)}
    changed = edited(content, entries, Edits(words))
    assert content == before
    again = slots_of(entries_of(changed))
    assert [dict(one.text.values) for one in again] == [dict(words[one.number]) for one in slots_of(entries)]
    read_form(changed)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_preview_shows_every_question(path: Path) -> None:
    """Nothing that a resident may come to see is left out, whatever it is asked after."""
    form = read_form(content_of(path)).form
    state = everything(form)
    shown = {
        one.item.link_id
        for page in lay_out(form)
        for top in (*lead_on(page, state), *instances_on(page, state))
        for one in top.walk()
    }
    visible = {item.link_id for page in lay_out(form) for item in page.seen if item.type != "group"}
    assert visible <= shown


def small(**more: Any) -> dict[str, Any]:
    item = {"linkId": "a", "type": "choice", "text": "Kysymys", **more}
    return {"resourceType": "Questionnaire", "language": "fi", "title": "Otsikko", "item": [item]}


def test_what_is_added_can_be_taken_away() -> None:
    """A help and a wording for another that are written and emptied again leave no trace."""
    content = small()
    for kind in ("help", "another"):
        number = slot(content, kind).number
        made = edited(content, entries_of(content), Edits({number: {"fi": "Apua", "sv": "Hjälp"}}))
        assert dict(slot(made, kind).text.values) == {"fi": "Apua", "sv": "Hjälp"}
        assert edited(made, entries_of(made), Edits({number: {}})) == content


def test_marks() -> None:
    """An alarm and a changed meaning are written as our own extensions, and taken away with them."""
    content = small(answerOption=[{"valueCoding": {"code": "y", "display": "Kyllä"}}])
    option, item = slot(content, "option"), entries_of(content)[1]
    made = edited(
        content, entries_of(content), Edits(alarming={option.number: "self_harm"}, changed={item.number: True})
    )
    read = read_form(made).form.by_link["a"]
    assert (read.options[0].alarming, read.fresh) == ("self_harm", True)
    plain = Edits(alarming={option.number: ""}, changed={item.number: False})
    assert edited(made, entries_of(made), plain) == content


def test_other_translations_stay() -> None:
    """A translation to a language that we do not have is not lost by an edit."""
    russian = [{"url": "lang", "valueCode": "ru"}, {"url": "content", "valueString": "Вопрос"}]
    url = "http://hl7.org/fhir/StructureDefinition/translation"
    content = small(_text={"extension": [{"url": url, "extension": russian}]})
    made = edited(content, entries_of(content), Edits({slot(content, "text").number: {"fi": "Uusi", "sv": "Ny"}}))
    assert "Вопрос" in json.dumps(made, ensure_ascii=False)


def test_a_text_keeps_the_words_that_others_translate() -> None:
    """The wording in the form's language can't go while a translation stays, nor at all where people must read it."""
    content = small()
    text, help_text = slot(content, "text").number, slot(content, "help").number
    edits = Edits({text: {"sv": "Fråga"}, help_text: {}})
    assert wordless(entries_of(content), edits, base_language(content)) == (text,)
    assert wordless(entries_of(content), Edits({help_text: {"sv": "Hjälp"}}), "fi") == (help_text,)


def test_terminologies_translate_too() -> None:
    """The words of a contained list count as translated where its designations translate them."""
    words = [{"language": "sv", "value": "Ja"}, {"language": "en", "value": "Yes"}]
    concept = {"code": "y", "display": "Kyllä", "designation": words}
    contained = [{"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [concept]}]}}]
    content = small(answerValueSet="#v") | {"contained": contained}
    assert slot(content, "option").missing == ()
    assert slot(content, "text").missing == ("sv", "en")


@given(st.text(), st.sets(st.text(alphabet="0123456789.ab-", min_size=1, max_size=4), max_size=9))
def test_names_and_numbers(name: str, taken: set[str]) -> None:
    """Whatever a file is called, its code fits an address; a version that is offered is free."""
    code = code_from(name)
    assert CODE.fullmatch(code)
    assert free_code(code, {code}) != code
    for wanted in (*taken, "1"):
        assert free_version(wanted, taken) not in taken


def test_numbers_go_on() -> None:
    """The next version is the one that a person would write."""
    assert [free_version(one, {one}) for one in ("1", "1.9", "2026-01", "draft")] == ["2", "1.10", "2026-02", "draft.2"]
