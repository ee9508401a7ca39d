"""Bringing a Questionnaire in: a file or pasted JSON, refused with reasons or kept as a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.forms.desk.names import VERSION
from app.domain.forms.notes import FormRefused
from app.domain.text import as_language
from app.routers.forms_desk import Editor
from app.services.forms.desk.import_form import import_form, read_file, titles_in
from app.services.forms.desk.versions import VersionTaken, list_desk
from app.services.forms.shipped import notes_as_data
from app.web.access import Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form, read_files
from app.web.forms_desk.note_words import NoteGroup, note_groups
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms/new")

LARGEST_SHOWN = 500_000  # bytes of JSON that a page with an error shows again
NO_FILE = b""


@dataclass(frozen=True)
class ImportPage:
    """`known`: the forms of which the file may be a new version. `notes`: why the file was refused."""

    known: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    notes: Sequence[NoteGroup]


@router.get("", name="desk_form_new")
async def new(page: StaffDoor, session: Session, _staff: Editor) -> Response:
    """Where a Questionnaire is brought in."""
    return await _show_import(page, session)


@router.post("", name="desk_form_import", dependencies=[limited("form")])
async def bring_in(
    page: StaffDoor, session: Session, staff: Editor, request: Request, form: StaffSubmitted
) -> Response:
    """Read a Questionnaire and keep it as a draft; one that is refused is not kept, and all notes are shown."""
    content = await _content(request) or form.value("json").encode()
    version = form.value("version")
    if not content:
        form.errors["file"] = _("Choose a file, or paste the Questionnaire")
    if version and not VERSION.fullmatch(version):
        form.errors["version"] = _("Write the version in letters a–z, digits, full stops and hyphens")
    if form.errors:
        return await _show_import(page, session, form, content)
    try:
        imported = read_file(content, as_language(form.value("language")))
        made = await import_form(session, staff, imported, code=form.value("form"), version=version)
    except FormRefused as refused:
        return await _show_import(page, session, form, content, refused)
    except VersionTaken as taken:
        form.errors["version"] = _taken(taken)
        free = Form(form.submission, {**form.values, "version": (taken.free,)}, form.errors)
        return await _show_import(page, session, free, content)
    return page.go(page.path("desk_form_settings", version_id=made.id))


def _taken(taken: VersionTaken) -> str:
    said = _("Version %(version)s of this form is here already. The next free one is %(free)s")
    return said % {"version": taken.version, "free": taken.free}


async def _content(request: Request) -> bytes:
    """The file that was sent, if any; the reader refuses what is too large."""
    files = (await read_files(request)).get("file", ())
    content = await files[0].read() if files else NO_FILE
    await (await request.form()).close()
    return content


async def _show_import(
    page: Page,
    session: Session,
    form: Form | None = None,
    content: bytes = NO_FILE,
    refused: FormRefused | None = None,
) -> Response:
    page.title, page.own_path = _("Import a form"), page.path("desk_form_new")
    names = {code: lines[0].form.titles.to(page.language) for code, lines in await list_desk(session)}
    values = {name: form.value(name) if form else "" for name in ("form", "language", "version")}
    errors = form.errors if form else {}
    notes = note_groups(notes_as_data(refused.notes), titles_in(content), page.language) if refused else ()
    context = ImportPage(
        known=[Choice("", _("A new form")), *(Choice(code, f"{name} ({code})") for code, name in names.items())],
        values={**values, "language": values["language"] or page.language, "json": _shown_again(content)},
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
        notes=notes,
    )
    return page.show("staff/forms/import.html", context, status=422 if errors or refused else 200)


def _shown_again(content: bytes) -> str:
    """What was sent, so that it need not be found again; a file that is too long for a page is chosen again."""
    return content.decode("utf-8", "replace") if len(content) <= LARGEST_SHOWN else ""
