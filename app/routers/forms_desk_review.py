"""The last steps of a version: sent for review, approved or returned, published from a day on, retired."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from app.models import Questionnaire
from app.routers.forms_desk import Editor, changed_meanwhile, not_editable, revision_of, show_version
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.forms.desk.review import (
    NotReady,
    NotSecondPerson,
    Standing,
    approve,
    older_in_force,
    publish,
    retire,
    return_draft,
    send_for_review,
    standing_of,
)
from app.services.forms.desk.versions import ChangedMeanwhile, NotEditable, open_version
from app.services.viewer import Viewer
from app.web.access import Session, StaffDoor, StaffSubmitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.forms_desk.words import lack_words
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms/{version_id}")

REASON_LENGTH = 1000
DAY = ("day", "month", "year")


@dataclass(frozen=True)
class PublishPage:
    """From which day, and although which texts are missing; `lacks` keep the version from being published at all."""

    form: Questionnaire
    standing: Standing
    lacks: Sequence[str]
    day: Mapping[str, str]
    ticked: bool
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@dataclass(frozen=True)
class RetirePage:
    """`older`: the version that would be filled in again."""

    form: Questionnaire
    older: Questionnaire | None
    errors: Mapping[str, str]
    summary: Sequence[FieldError]


@router.post("/send", name="desk_form_send", dependencies=[limited("form")])
async def send(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Ask another content owner to look at the draft."""
    try:
        await send_for_review(session, staff, version_id, revision_of(form))
    except DomainError as error:
        return await _not_done(page, session, staff, version_id, error)
    return page.go(page.path("desk_form", version_id=version_id))


@router.post("/review", name="desk_form_review", dependencies=[limited("form")])
async def review(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Approve, or give it back with the reason."""
    verdict = form.value("verdict")
    reason = form.text(
        "reason",
        longest=REASON_LENGTH,
        required=_("Write what is to be mended") if verdict == "return" else "",
        too_long=_("Shorten the text to at most 1,000 characters"),
    )
    if verdict not in ("approve", "return"):
        form.errors["verdict"] = _("Choose whether you approve the version")
    if form.errors:
        return await show_version(page, session, staff, version_id, form=form)
    try:
        if verdict == "approve":
            await approve(session, staff, version_id, revision_of(form))
        else:
            await return_draft(session, staff, version_id, revision_of(form), reason)
    except DomainError as error:
        return await _not_done(page, session, staff, version_id, error)
    return page.go(page.path("desk_form", version_id=version_id))


@router.get("/publish", name="desk_form_publish")
async def ask_publish(page: StaffDoor, session: Session, staff: Editor, version_id: uuid.UUID) -> Response:
    """From which day on the version is filled in."""
    return await _show_publish(page, session, staff, version_id)


@router.post("/publish", name="desk_form_do_publish", dependencies=[limited("form")])
async def do_publish(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Publish."""
    day = _day(form)
    if day is None:
        return await _show_publish(page, session, staff, version_id, form)
    ticked = form.value("although") == "yes"
    try:
        await publish(session, staff, version_id, revision_of(form), day, although_missing=ticked)
    except NotReady as not_ready:
        for lack in not_ready.lacks:
            form.errors[{"day": "day-day", "texts": "although"}.get(lack, "lacks")] = lack_words(lack)
        return await _show_publish(page, session, staff, version_id, form)
    except DomainError as error:
        return await _not_done(page, session, staff, version_id, error)
    return page.go(page.path("desk_form", version_id=version_id))


@router.get("/retire", name="desk_form_retire")
async def ask_retire(page: StaffDoor, session: Session, _staff: Editor, version_id: uuid.UUID) -> Response:
    """What follows from retiring the version."""
    return await _show_retire(page, session, version_id)


@router.post("/retire", name="desk_form_do_retire", dependencies=[limited("form")])
async def do_retire(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Retire, once it is said what becomes of the version before."""
    older = await older_in_force(session, await open_version(session, version_id))
    if older is not None and form.value("older") not in ("again", "too"):
        form.errors["older"] = _("Choose what happens to the earlier version")
        return await _show_retire(page, session, version_id, form)
    try:
        await retire(session, staff, version_id, revision_of(form), older_too=form.value("older") == "too")
    except DomainError as error:
        return await _not_done(page, session, staff, version_id, error)
    return page.go(page.path("desk_form", version_id=version_id))


async def _not_done(page: Page, session: Session, staff: Viewer, version_id: uuid.UUID, error: DomainError) -> Response:
    """The version as it is now, with why nothing was done; an error of another kind goes on."""
    if isinstance(error, NotSecondPerson):
        told = _("Who has imported or changed the version does not approve it. Ask another content owner.")
    elif isinstance(error, ChangedMeanwhile):
        told = changed_meanwhile()
    elif isinstance(error, NotEditable):
        told = not_editable()
    else:
        raise error
    return await show_version(page, session, staff, version_id, told=told)


def _day(form: Form) -> date | None:
    """The day that was typed; what can't be one is said in the form's errors."""
    try:
        day, month, year = (int(form.value(f"day-{part}")) for part in DAY)
        return date(year, month, day)
    except (ValueError, OverflowError):
        form.errors["day-day"] = _("Write the day in numbers, for example 1 12 2026")
        return None


async def _show_publish(
    page: Page, session: Session, staff: Viewer, version_id: uuid.UUID, form: Form | None = None
) -> Response:
    found = await open_version(session, version_id)
    if found.state not in ("draft", "in_review"):
        return await show_version(page, session, staff, version_id, told=not_editable())
    standing, today = await standing_of(session, staff, found), (await read_clock(session)).today
    page.title = _("Publish %(name)s") % {"name": found.titles.to(page.language) or found.code}
    page.own_path = page.path("desk_form_publish", version_id=version_id)
    errors = form.errors if form else {}
    context = PublishPage(
        form=found,
        standing=standing,
        lacks=[lack_words(lack) for lack in standing.lacks],
        day={part: form.value(f"day-{part}") if form else str(getattr(today, part)) for part in DAY},
        ticked=form is not None and form.value("although") == "yes",
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
    )
    return page.show("staff/forms/publish.html", context, status=422 if errors else 200)


async def _show_retire(page: Page, session: Session, version_id: uuid.UUID, form: Form | None = None) -> Response:
    found = await open_version(session, version_id)
    title = _("Retire %(name)s") if found.state == "published" else _("Discard the draft of %(name)s")
    page.title = title % {"name": found.titles.to(page.language) or found.code}
    page.own_path = page.path("desk_form_retire", version_id=version_id)
    errors = form.errors if form else {}
    context = RetirePage(
        form=found,
        older=await older_in_force(session, found),
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
    )
    return page.show("staff/forms/retire.html", context, status=422 if errors else 200)
