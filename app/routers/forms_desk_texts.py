"""The texts of a version: previewed as a resident sees them, edited in three languages."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import KINDS
from app.domain.forms.desk.texts import Entry, Slot, base_language, entries_of
from app.domain.text import LANGUAGES, Language, as_language
from app.models import Questionnaire
from app.routers.forms_desk import Editor, not_editable, revision_of, show_version
from app.services.forms.desk.edit import Wordless, change_texts
from app.services.forms.desk.versions import EDITABLE, ChangedMeanwhile, NotEditable, open_version
from app.services.forms.library import read_version
from app.web.access import Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form, LenientText
from app.web.forms_desk.preview import PreviewPage, preview_pages
from app.web.forms_desk.text_form import (
    EntryFields,
    fields_of,
    part_with,
    parts_of,
    read_edits,
    say_wordless,
)
from app.web.forms_desk.words import alarm_words_of
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms/{version_id}")


@dataclass(frozen=True)
class Missing:
    """A text that lacks a language, and the number of the part on which it is edited."""

    entry: Entry
    slot: Slot
    part: int


@dataclass(frozen=True)
class PreviewContext:
    """All pages of the form in `language`; `another`: as whoever fills it in for somebody else sees them."""

    form: Questionnaire
    language: Language
    another: bool
    pages: Sequence[PreviewPage]
    missing: Sequence[Missing]
    editable: bool


@dataclass(frozen=True)
class TextsPage:
    """One part of the texts in their fields. `late`: somebody else has changed the version; `base`: the language of the
    form, which all translations are of."""

    form: Questionnaire
    revision: int
    entries: Sequence[EntryFields]
    part: int
    parts: int
    base: Language
    alarms: Sequence[Choice]
    late: bool
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("/preview", name="desk_form_preview")
async def preview(
    page: StaffDoor,
    session: Session,
    _staff: Editor,
    version_id: uuid.UUID,
    text: LenientText = "",
    voice: LenientText = "",
) -> Response:
    """Every page of the form, and what is missing in some language."""
    found = await open_version(session, version_id)
    read = await read_version(session, version_id)
    language, another = as_language(text, page.language), voice == "another"
    draw = page.request.app.state.environment.globals["form_item"]
    page.title = _("Preview of %(name)s") % {"name": found.titles.to(page.language) or found.code}
    context = PreviewContext(
        form=found,
        language=language,
        another=another,
        pages=preview_pages(read.form, language, draw, for_another=another),
        missing=_missing(entries_of(found.content)),
        editable=found.state in EDITABLE,
    )
    return page.show("staff/forms/preview.html", context, languages=LANGUAGES)


@router.get("/texts", name="desk_form_texts")
async def texts(
    page: StaffDoor, session: Session, staff: Editor, version_id: uuid.UUID, part: LenientText = "1"
) -> Response:
    """A part of the texts of a draft."""
    found = await open_version(session, version_id)
    if found.state not in EDITABLE:
        return await show_version(page, session, staff, version_id, told=not_editable())
    return _show(page, found, _number(part))


@router.post("/texts", name="desk_form_texts_save", dependencies=[limited("form")])
async def save_texts(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Keep the texts of a part and go on to the next; where somebody else was faster, the page comes back with what was
    typed and what stands there now."""
    found, number = await open_version(session, version_id), _number(form.value("part"))
    part = _part(found, number)
    edits = read_edits(form, part)
    if form.errors:
        return _show(page, found, number, form)
    try:
        await change_texts(session, staff, version_id, revision_of(form), edits)
    except Wordless as wordless:
        say_wordless(form, wordless.numbers, base_language(found.content))
        return _show(page, found, number, form)
    except ChangedMeanwhile:
        return _show(page, found, number, form, late=True)
    except NotEditable:
        return await show_version(page, session, staff, version_id, told=not_editable())
    if number < len(parts_of(entries_of(found.content))) and form.value("go") == "on":
        return page.go(page.path("desk_form_texts", {"part": str(number + 1)}, version_id=version_id))
    return page.go(page.path("desk_form", version_id=version_id))


def _show(page: Page, found: Questionnaire, number: int, form: Form | None = None, *, late: bool = False) -> Response:
    part, errors = _part(found, number), form.errors if form else {}
    page.title = _("Texts of %(name)s") % {"name": found.titles.to(page.language) or found.code}
    page.own_path = page.path("desk_form_texts", {"part": str(number)}, version_id=found.id)
    context = TextsPage(
        form=found,
        revision=found.revision,
        entries=fields_of(part, form),
        part=number,
        parts=len(parts_of(entries_of(found.content))),
        base=base_language(found.content),
        alarms=[Choice(kind, alarm_words_of(kind)) for kind in ("", *KINDS)],
        late=late,
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
    )
    return page.show("staff/forms/texts.html", context, status=409 if late else 422 if errors else 200)


def _part(found: Questionnaire, number: int) -> Sequence[Entry]:
    parts = parts_of(entries_of(found.content))
    return parts[min(number, len(parts)) - 1]


def _number(value: str) -> int:
    """The number of a part; the first one for what is none."""
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def _missing(entries: Sequence[Entry]) -> list[Missing]:
    parts = parts_of(entries)
    return [Missing(entry, slot, part_with(parts, slot)) for entry in entries for slot in entry.slots if slot.missing]
