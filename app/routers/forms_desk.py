"""The desk of content owners: all forms with their versions, importing one, one version with its settings."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from app.domain.forms.desk.names import VERSION
from app.domain.forms.desk.texts import entries_of
from app.domain.forms.notes import FormRefused
from app.domain.text import Text, as_language
from app.models import Questionnaire, Unit
from app.services.forms.desk.edit import CodeTaken, change_settings
from app.services.forms.desk.events import DeskEvent, history
from app.services.forms.desk.import_form import import_form, read_file
from app.services.forms.desk.review import Standing, standing_of
from app.services.forms.desk.versions import (
    ChangedMeanwhile,
    NotEditable,
    VersionLine,
    VersionTaken,
    copy_version,
    list_desk,
    open_version,
)
from app.services.forms.shipped import notes_as_data
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form, read_files
from app.web.forms_desk.note_words import NoteGroup, note_groups
from app.web.forms_desk.settings_form import (
    FIELDS,
    kind_choices,
    limit_choices,
    read_settings,
    register_choices,
    settings_values,
    task_choices,
    who_choices,
)
from app.web.forms_desk.words import lack_words
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms")

Editor = Annotated[Viewer, Depends(MayStaff("edit_content"))]
LARGEST_SHOWN = 500_000  # characters of JSON that a page with an error shows again
NO_FILE = b""


@dataclass(frozen=True)
class DeskPage:
    forms: Sequence[tuple[str, Sequence[VersionLine]]]


@dataclass(frozen=True)
class ImportPage:
    """`known`: the forms of which the file may be a new version. `notes`: why the file was refused."""

    known: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    notes: Sequence[NoteGroup]


@dataclass(frozen=True)
class VersionPage:
    """One version. `lacks`: what keeps it from being published, in words; `told`: why what was just asked for was not
    done."""

    form: Questionnaire
    unit: Text
    standing: Standing
    lacks: Sequence[str]
    notes: Sequence[NoteGroup]
    events: Sequence[DeskEvent]
    told: str
    reason: str
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class SettingsPage:
    """The settings in their fields. `late`: somebody else has changed the version, what was typed is not saved."""

    form: Questionnaire
    revision: int
    kinds: Sequence[Choice]
    registers: Sequence[Choice]
    tasks: Sequence[Choice]
    units: Sequence[Choice]
    who: Sequence[Choice]
    limits: Sequence[Choice]
    chosen_limits: Sequence[str]
    late: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="desk_forms")
async def forms(page: StaffDoor, session: Session, _staff: Editor) -> Response:
    """Every form with its versions."""
    page.title = _("Forms")
    return page.show("staff/forms/list.html", DeskPage(await list_desk(session)))


@router.get("/new", name="desk_form_new")
async def new(page: StaffDoor, session: Session, _staff: Editor) -> Response:
    """Where a Questionnaire is brought in."""
    return await _show_import(page, session)


@router.post("/new", name="desk_form_import", dependencies=[limited("form")])
async def bring_in(page: StaffDoor, session: Session, staff: Editor, request: Request, form: StaffSubmitted) -> Response:
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
        free = {"version": (taken.free,)}
        form.errors["version"] = _("Version %(version)s of this form is here already. The next free one is %(free)s") % {
            "version": taken.version,
            "free": taken.free,
        }
        return await _show_import(page, session, Form(form.submission, {**form.values, **free}, form.errors), content)
    return page.go(page.path("desk_form_settings", version_id=made.id))


@router.get("/{version_id}", name="desk_form")
async def version(page: StaffDoor, session: Session, staff: Editor, version_id: uuid.UUID) -> Response:
    """One version: where it stands, what the reader noted, who did what."""
    return await show_version(page, session, staff, version_id)


@router.post("/{version_id}/copy", name="desk_form_copy", dependencies=[limited("form")])
async def copy(
    page: StaffDoor,
    session: Session,
    staff: Editor,
    form: StaffSubmitted,  # noqa: ARG001 - its token
    version_id: uuid.UUID,
) -> Response:
    """Make a new version of this one, as a draft."""
    made = await copy_version(session, staff, version_id)
    return page.go(page.path("desk_form", version_id=made.id))


@router.get("/{version_id}/settings", name="desk_form_settings")
async def settings(page: StaffDoor, session: Session, _staff: Editor, version_id: uuid.UUID) -> Response:
    """The settings of a draft."""
    return await _show_settings(page, session, version_id)


@router.post("/{version_id}/settings", name="desk_form_settings_save", dependencies=[limited("form")])
async def save_settings(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Keep the settings; where somebody else was faster, the page comes back with what was typed."""
    units = (await session.scalars(select(Unit))).all()
    typed = read_settings(form, units)
    if form.errors:
        return await _show_settings(page, session, version_id, form)
    try:
        await change_settings(session, staff, version_id, revision_of(form), typed)
    except CodeTaken:
        form.errors["code"] = _("This code is taken, or the form has other versions under the code it has")
        return await _show_settings(page, session, version_id, form)
    except ChangedMeanwhile:
        return await _show_settings(page, session, version_id, form, late=True)
    except NotEditable:
        return await show_version(page, session, staff, version_id, told=not_editable())
    return page.go(page.path("desk_form", version_id=version_id))


def revision_of(form: Form) -> int:
    """The revision that the page showed; one that can't be read is none."""
    value = form.value("revision")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1


def not_editable() -> str:
    """Why a version was not changed that is no draft any more."""
    return _("This can't be done to the version any more: somebody has sent it on, published it or retired it.")


def changed_meanwhile() -> str:
    """Why nothing was done on a page that was too old."""
    return _("Somebody else changed the version after you opened the page. Nothing was done. Look at it first.")


async def show_version(  # noqa: PLR0913 - the page and what is said on it
    page: Page,
    session: Session,
    staff: Viewer,
    version_id: uuid.UUID,
    *,
    told: str = "",
    form: Form | None = None,
) -> Response:
    """The page of a version; with `told`, why nothing was done (409); with `form`, what is to be mended (422)."""
    found = await open_version(session, version_id)
    standing = await standing_of(session, staff, found)
    unit = await session.get_one(Unit, found.unit_code)
    titles = {entry.link_id: entry.title for entry in entries_of(found.content)}
    errors = form.errors if form else {}
    page.title = _("%(name)s, version %(version)s") % {
        "name": found.titles.to(page.language) or found.code,
        "version": found.version,
    }
    page.own_path = page.path("desk_form", version_id=version_id)
    context = VersionPage(
        form=found,
        unit=unit.names,
        standing=standing,
        lacks=[lack_words(lack) for lack in standing.lacks],
        notes=note_groups(found.notes, titles, page.language),
        events=await history(session, version_id),
        told=told,
        reason=form.value("reason") if form else "",
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
    )
    return page.show("staff/forms/version.html", context, status=409 if told else 422 if errors else 200)


async def _content(request: Request) -> bytes:
    """The file that was sent, if any; the reader refuses what is too large."""
    files = (await read_files(request)).get("file", ())
    return await files[0].read() if files else NO_FILE


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
    notes = note_groups(notes_as_data(refused.notes), _titles(content), page.language) if refused else ()
    context = ImportPage(
        known=[Choice("", _("A new form")), *(Choice(code, f"{name} ({code})") for code, name in names.items())],
        values={**values, "language": values["language"] or page.language, "json": _shown_again(content)},
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
        notes=notes,
    )
    return page.show("staff/forms/import.html", context, status=422 if errors or refused else 200)


def _titles(content: bytes) -> Mapping[str, Text]:
    """The texts of items, for the notes about a file that was refused; none where it can't be parsed."""
    try:
        return {entry.link_id: entry.title for entry in entries_of(parse_questionnaire(content))}
    except FormRefused:
        return {}


def _shown_again(content: bytes) -> str:
    """What was sent, so that it need not be found again; a file that is too long for a page is chosen again."""
    return content.decode("utf-8", "replace") if len(content) <= LARGEST_SHOWN else ""


async def _show_settings(
    page: Page, session: Session, version_id: uuid.UUID, form: Form | None = None, *, late: bool = False
) -> Response:
    found = await open_version(session, version_id)
    units = (await session.scalars(select(Unit).order_by(Unit.code))).all()
    page.title = _("Settings of %(name)s") % {"name": found.titles.to(page.language) or found.code}
    page.own_path = page.path("desk_form_settings", version_id=version_id)
    errors = form.errors if form else {}
    context = SettingsPage(
        form=found,
        revision=found.revision,
        kinds=kind_choices(),
        registers=register_choices(),
        tasks=task_choices(page.language),
        units=[Choice(unit.code, unit.names.to(page.language)) for unit in units],
        who=who_choices(),
        limits=limit_choices(),
        chosen_limits=form.many("limits") if form else found.limit_rules,
        late=late,
        values={name: form.value(name) for name in FIELDS} if form else settings_values(found),
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/forms/settings.html", context, status=409 if late else 422 if errors else 200)
