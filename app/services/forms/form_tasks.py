"""Forms that somebody is asked to fill in: for a booked visit, or by a professional."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.text import Text
from app.models import Appointment, Case, FormTask, Questionnaire
from app.services import outbox
from app.services.audit import trail
from app.services.cases.arrivals import add_event
from app.services.cases.queue import HANDLING
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.forms.drafts import CONCERN
from app.services.forms.library import current_version, list_forms
from app.services.forms.send import APPLICATION
from app.services.viewer import Viewer


async def ask_for_visit(session: AsyncSession, viewer: Viewer, appointment: Appointment, codes: Sequence[str]) -> None:
    """Ask the subject of a booking for the forms of the booked service, by the beginning of the visit."""
    clock = await read_clock(session)
    session.add_all(
        FormTask(
            code=code,
            subject_id=appointment.subject_id,
            actor_id=viewer.person_id,
            register=appointment.register,
            case_id=appointment.case_id,
            appointment_id=appointment.id,
            asked_at=clock.now,
            due_at=appointment.during.lower,
        )
        for code in codes
    )
    await session.flush()


async def ask_for_form(
    session: AsyncSession, staff: Viewer, case: Case, code: str, due_at: datetime | None
) -> FormTask:
    """A professional asks the subject of their case for a form; whoever is asked is told that one waits. Raises
    NotFound for a form that there is not or that can't be asked for in the case, and for a case without a person."""
    form = await current_version(session, code)
    if case.subject_id is None or not may_be_asked(form, case):
        raise NotFound
    clock = await read_clock(session)
    task = FormTask(
        id=uuid.uuid4(),
        code=code,
        subject_id=case.subject_id,
        register=case.register,
        case_id=case.id,
        asked_by=staff.staff_id,
        asked_at=clock.now,
        due_at=due_at,
    )
    session.add(task)
    await session.flush()
    await note_asking(session, staff, case, task, "ask", "form_asked")
    await outbox.defer(session, "tell_form_asked", task_id=task.id)
    return task


def may_be_asked(form: Questionnaire, case: Case) -> bool:
    """Whether a form can be asked for in a case: of its register, and of its service task, so that the answer comes
    to those who asked. An application becomes a matter of its own and may be of any task. Never a notice of concern."""
    if form.kind == CONCERN or form.register != case.register:
        return False
    return form.kind == APPLICATION or form.service_task == case.service_task


async def note_asking(
    session: AsyncSession, staff: Viewer, case: Case, task: FormTask, action: str, event: str
) -> None:
    """What a professional did with a task: on the timeline, which does not say which form it is (whoever may act for a
    minor but not read sees it too), and in the audit trail."""
    clock = await read_clock(session)
    await add_event(session, clock, case.id, event, staff)
    await trail.record(
        session,
        clock,
        staff,
        action,
        ("form_task", task.id),
        subject_id=case.subject_id,
        register=case.register,
        service_task=case.service_task,
        purpose=HANDLING,
    )


async def open_tasks(session: AsyncSession, viewer: Viewer) -> Sequence[FormTask]:
    """The forms that wait for the one whose matters the viewer looks at, the one due first first."""
    query = select(FormTask).where(FormTask.subject_id == viewer.subject_id, FormTask.state == "open")
    return (await session.scalars(query.order_by(FormTask.due_at.nulls_last(), FormTask.asked_at))).all()


@dataclass(frozen=True)
class AskedForm:
    """A form that is asked for, with its titles."""

    task: FormTask
    titles: Text


async def forms_for_visit(session: AsyncSession, viewer: Viewer, appointment_id: uuid.UUID) -> Sequence[AskedForm]:
    """The forms that are asked for before a visit: those that wait and those that have been sent."""
    query = select(FormTask).where(
        FormTask.appointment_id == appointment_id,
        FormTask.subject_id == viewer.subject_id,
        FormTask.state != "cancelled",
    )
    tasks = (await session.scalars(query.order_by(FormTask.asked_at, FormTask.code))).all()
    titles = {form.code: form.titles for form in await list_forms(session)} if tasks else {}
    return [AskedForm(task, titles[task.code]) for task in tasks if task.code in titles]


async def find_task(session: AsyncSession, viewer: Viewer, form: Questionnaire, task_id: uuid.UUID) -> FormTask:
    """An open task of the subject to fill in this very form. Raises NotFound, always for a notice of concern: a task
    would tell whose notice it is."""
    query = select(FormTask).where(
        FormTask.id == task_id,
        FormTask.code == form.code,
        FormTask.subject_id == viewer.subject_id,
        FormTask.state == "open",
    )
    task = await session.scalar(query)
    if task is None or form.kind == CONCERN:
        raise NotFound
    return task


async def cancel_for_visit(session: AsyncSession, appointment_id: uuid.UUID) -> None:
    """The visit is cancelled: its forms are not waited for any more."""
    query = select(FormTask).where(FormTask.appointment_id == appointment_id, FormTask.state == "open")
    for task in await session.scalars(query):
        task.state = "cancelled"
    await session.flush()
