"""The forms that wait for a resident: which, by when, who asks and for what."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Text
from app.models import Appointment, BookableService, Case, FormTask, Unit
from app.services.forms.form_tasks import open_tasks
from app.services.forms.library import list_forms
from app.services.viewer import Viewer


@dataclass(frozen=True)
class Purpose:
    """Who asks and for what: a `unit` in a `matter`, or a booked time of the `service`."""

    unit: Text | None = None
    matter: Text | None = None
    service: Text | None = None
    visit_at: datetime | None = None


@dataclass(frozen=True)
class WaitingForm:
    """A form that waits. One that is out of use is none: nobody can begin it."""

    task: FormTask
    titles: Text
    purpose: Purpose


async def waiting_forms(session: AsyncSession, viewer: Viewer) -> Sequence[WaitingForm]:
    """What waits for the one whose matters the viewer looks at, the one due first first."""
    tasks = await open_tasks(session, viewer)
    titles = {form.code: form.titles for form in await list_forms(session)} if tasks else {}
    return [
        WaitingForm(task, titles[task.code], await purpose_of(session, task)) for task in tasks if task.code in titles
    ]


async def purpose_of(session: AsyncSession, task: FormTask) -> Purpose:
    """Who asks for it and for what, as far as the resident may know."""
    if task.appointment_id is not None:
        return await _of_visit(session, task.appointment_id)
    query = select(Case.titles, Unit.names).join(Unit, Unit.code == Case.unit_code).where(Case.id == task.case_id)
    row = (await session.execute(query)).one_or_none()
    return Purpose(unit=row[1], matter=row[0]) if row else Purpose()


async def _of_visit(session: AsyncSession, appointment_id: uuid.UUID) -> Purpose:
    query = (
        select(BookableService.names, Appointment.during)
        .join(BookableService, BookableService.code == Appointment.service_code)
        .where(Appointment.id == appointment_id)
    )
    row = (await session.execute(query)).one_or_none()
    return Purpose(service=row[0], visit_at=row[1].lower) if row else Purpose()
