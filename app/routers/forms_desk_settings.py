"""The settings of a draft: where the form belongs, who fills it in, what it is called."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.models import Questionnaire
from app.routers.forms_desk import Editor, not_editable, revision_of, show_version
from app.services.forms.desk.edit import CodeTaken, change_settings
from app.services.forms.desk.versions import ChangedMeanwhile, NotEditable, list_units, open_version
from app.web.access import Session, StaffDoor, StaffSubmitted
from app.web.components import Choice, FieldError
from app.web.forms import Form
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
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/staff/forms")


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


@router.get("/{version_id}/settings", name="desk_form_settings")
async def settings(page: StaffDoor, session: Session, _staff: Editor, version_id: uuid.UUID) -> Response:
    """The settings of a draft."""
    return await _show_settings(page, session, version_id)


@router.post("/{version_id}/settings", name="desk_form_settings_save", dependencies=[limited("form")])
async def save_settings(
    page: StaffDoor, session: Session, staff: Editor, form: StaffSubmitted, version_id: uuid.UUID
) -> Response:
    """Keep the settings; where somebody else was faster, the page comes back with what was typed."""
    typed = read_settings(form, await list_units(session))
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


async def _show_settings(
    page: Page, session: Session, version_id: uuid.UUID, form: Form | None = None, *, late: bool = False
) -> Response:
    found, units = await open_version(session, version_id), await list_units(session)
    page.title = _("Settings of %(name)s") % {"name": found.titles.to(page.language) or found.code}
    page.own_path = page.path("desk_form_settings", version_id=version_id)
    errors = form.errors if form else {}
    context = SettingsPage(
        form=found,
        revision=found.revision,
        kinds=kind_choices(),
        registers=register_choices(),
        tasks=task_choices(page.language),
        units=[Choice("", _("Choose the unit")), *(Choice(unit.code, unit.names.to(page.language)) for unit in units)],
        who=who_choices(),
        limits=limit_choices(page.language),
        chosen_limits=form.many("limits") if form else found.limit_rules,
        late=late,
        values={name: form.value(name) for name in FIELDS} if form else settings_values(found),
        errors=errors,
        summary=[FieldError(name, errors[name]) for name in FIELDS if name in errors],
    )
    return page.show("staff/forms/settings.html", context, status=409 if late else 422 if errors else 200)
