"""The desk of content owners: all forms with their versions, and one version."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.domain.forms.desk.texts import entries_of
from app.domain.text import Text
from app.models import Questionnaire
from app.services.forms.desk.events import DeskEvent, history
from app.services.forms.desk.review import Standing, standing_of
from app.services.forms.desk.versions import VersionLine, copy_version, list_desk, list_units, open_version
from app.services.viewer import Viewer
from app.web.access import MayStaff, Session, StaffDoor, StaffSubmitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.forms_desk.note_words import NoteGroup, note_groups
from app.web.forms_desk.settings_form import limit_name
from app.web.forms_desk.words import lack_words
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms")

Editor = Annotated[Viewer, Depends(MayStaff("edit_content"))]


@dataclass(frozen=True)
class DeskPage:
    forms: Sequence[tuple[str, Sequence[VersionLine]]]


@dataclass(frozen=True)
class VersionPage:
    """One version. `lacks`: what keeps it from being published, in words; `told`: why what was just asked for was not
    done."""

    form: Questionnaire
    unit: Text
    standing: Standing
    lacks: Sequence[str]
    limits: Sequence[str]
    notes: Sequence[NoteGroup]
    events: Sequence[DeskEvent]
    told: str
    reason: str
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.get("", name="desk_forms")
async def forms(page: StaffDoor, session: Session, _staff: Editor) -> Response:
    """Every form with its versions."""
    page.title = _("Forms")
    return page.show("staff/forms/list.html", DeskPage(await list_desk(session)))


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


async def show_version(
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
    titles = {entry.link_id: entry.title for entry in entries_of(found.content)}
    errors = form.errors if form else {}
    page.title = _("%(name)s, version %(version)s") % {
        "name": found.titles.to(page.language) or found.code,
        "version": found.version,
    }
    page.own_path = page.path("desk_form", version_id=version_id)
    context = VersionPage(
        form=found,
        unit=next(unit.names for unit in await list_units(session) if unit.code == found.unit_code),
        standing=standing,
        lacks=[lack_words(lack) for lack in standing.lacks if lack != "approval" or found.state == "draft"],
        limits=[limit_name(rule, page.language) for rule in found.limit_rules],
        notes=note_groups(found.notes, titles, page.language),
        events=await history(session, version_id),
        told=told,
        reason=form.value("reason") if form else "",
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
    )
    return page.show("staff/forms/version.html", context, status=409 if told else 422 if errors else 200)
