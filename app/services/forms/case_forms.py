"""The forms of a case as a professional sees them: asked for, filled in, not needed any more."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import HELSINKI, Clock, local_instant
from app.domain.text import Text
from app.models import Case, FormResponse, FormTask, Person, Questionnaire, StaffMember
from app.services.cases.queue import handled_by, record_reading
from app.services.errors import AlreadyDecided, DomainError, NotFound
from app.services.forms.drafts import CONCERN
from app.services.forms.form_tasks import ask_for_form, may_be_asked, note_asking
from app.services.forms.library import list_forms
from app.services.viewer import OWN_REGISTERS, Viewer

LONGEST = timedelta(days=90)
END_OF_DAY = time(23, 59)

# Why nothing can be asked for in a case; empty where it can.
WhyNot = Literal["", "concern", "nobody", "deceased", "closed"]


class NotAskable(DomainError):
    """The form is not asked for: it waits already, or it is not in use any more (`gone`)."""

    def __init__(self, *, gone: bool) -> None:
        super().__init__("gone" if gone else "asked already")
        self.gone = gone


@dataclass(frozen=True)
class Asking:
    """A case that the viewer handles, and whose it is (None: nobody's)."""

    case: Case
    subject: Person | None

    @property
    def why_not(self) -> WhyNot:
        """Why no form can be asked for in it; empty where one can."""
        return why_not(self.case, self.subject)


@dataclass(frozen=True)
class CaseTask:
    """A form that was asked for in a case. `by`: the professional, empty where a booked time asks for it; `response`:
    what came, as far as the viewer may see it; `in_use`: whether it can be begun today. A draft is the resident's own
    until it is sent: whether there is one is not told."""

    task: FormTask
    titles: Text
    by: str
    response: FormResponse | None
    in_use: bool

    @property
    def can_withdraw(self) -> bool:
        """Whether a professional can take it back: what a booked time asks for goes with the time."""
        return self.task.state == "open" and self.task.asked_by is not None

    @property
    def due_on(self) -> date | None:
        return due_day(self.task)

    def is_late(self, now: datetime) -> bool:
        return self.task.state == "open" and self.task.due_at is not None and self.task.due_at < now


def why_not(case: Case, subject: Person | None) -> WhyNot:
    """Why no form can be asked for in a case; empty where one can."""
    if case.kind == CONCERN:
        return "concern"
    if subject is None:
        return "nobody"
    if subject.deceased_on is not None:
        return "deceased"
    return "closed" if case.state == "closed" else ""


def can_have_forms(case: Case) -> bool:
    """Whether residents have forms to fill in the case's register at all: not in that of rescue services."""
    return case.register in OWN_REGISTERS


def due_days(clock: Clock) -> tuple[date, date]:
    """The first and the last day by which a form may be asked for."""
    return clock.today, clock.today + LONGEST


def due_day(task: FormTask) -> date | None:
    """By which day it is to be filled in, in Helsinki; None where nobody said."""
    return task.due_at.astimezone(HELSINKI).date() if task.due_at else None


async def read_asking(session: AsyncSession, staff: Viewer, case_id: uuid.UUID) -> Asking:
    """The case in which the professional is about to ask for something; audited. Raises NotFound."""
    found = await _find(session, staff, case_id)
    await record_reading(session, staff, found.case)
    return found


async def forms_to_ask(session: AsyncSession, case: Case) -> Sequence[Questionnaire]:
    """The forms that can be asked for in the case today."""
    return [form for form in await list_forms(session) if may_be_asked(form, case)]


async def ask_in_case(
    session: AsyncSession, staff: Viewer, case_id: uuid.UUID, code: str, due_on: date | None
) -> FormTask:
    """Ask the subject for a form, by the end of a day where there is one. Raises NotFound; NotAskable for a form that
    waits in the case already or is not in use; AlreadyDecided where nothing can be asked for in the case any more."""
    found = await _find(session, staff, case_id, change=True)
    if found.why_not:
        raise AlreadyDecided
    if code not in {form.code for form in await forms_to_ask(session, found.case)}:
        raise NotAskable(gone=True)
    waiting = select(FormTask.id).where(FormTask.case_id == case_id, FormTask.code == code, FormTask.state == "open")
    if await session.scalar(waiting.limit(1)) is not None:
        raise NotAskable(gone=False)
    return await ask_for_form(session, staff, found.case, code, local_instant(due_on, END_OF_DAY) if due_on else None)


async def open_task(session: AsyncSession, staff: Viewer, case_id: uuid.UUID, task_id: uuid.UUID) -> CaseTask:
    """What a professional asked for in a case that the viewer handles. Raises NotFound."""
    await _find(session, staff, case_id)
    found = [one for one in await tasks_of_case(session, case_id) if one.task.id == task_id and one.task.asked_by]
    if not found:
        raise NotFound
    return found[0]


async def withdraw(session: AsyncSession, staff: Viewer, case_id: uuid.UUID, task_id: uuid.UUID) -> None:
    """The form is not waited for any more; twice is once. A draft stays the resident's: sent, it still joins the case.

    Raises NotFound, and AlreadyDecided for a form that was filled in meanwhile.
    """
    found = await _find(session, staff, case_id, change=True)
    query = select(FormTask).where(FormTask.id == task_id, FormTask.case_id == case_id, FormTask.asked_by.is_not(None))
    task = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if task is None:
        raise NotFound
    if task.state == "done":
        raise AlreadyDecided
    if task.state == "open":
        task.state = "cancelled"
        await session.flush()
        await note_asking(session, staff, found.case, task, "withdraw_form", "form_withdrawn")


async def tasks_of_case(session: AsyncSession, case_id: uuid.UUID) -> Sequence[CaseTask]:
    """All that was asked for in a case that the viewer sees, the latest first."""
    query = (
        select(FormTask, StaffMember.name, FormResponse)
        .outerjoin(StaffMember, StaffMember.id == FormTask.asked_by)
        .outerjoin(FormResponse, (FormResponse.task_id == FormTask.id) & (FormResponse.state == "sent"))
        .where(FormTask.case_id == case_id)
        .order_by(FormTask.asked_at.desc(), FormTask.code, FormResponse.sent_at)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return ()
    in_use = {form.code: form.titles for form in await list_forms(session)}
    titles = {**await _titles(session, {task.code for task, _name, _response in rows}), **in_use}
    # Somebody who began the form twice may have sent it twice: the first is what was asked for.
    found = {
        task.id: CaseTask(task, titles.get(task.code, Text({})), name or "", response, task.code in in_use)
        for task, name, response in reversed(rows)
    }
    return list(reversed(found.values()))


async def _titles(session: AsyncSession, codes: set[str]) -> Mapping[str, Text]:
    """The names of forms by their codes, also of those that are out of use."""
    query = select(Questionnaire.code, Questionnaire.titles).where(
        Questionnaire.code.in_(codes), Questionnaire.published_at.is_not(None)
    )
    rows = (await session.execute(query.order_by(Questionnaire.published_at))).all()
    return {row[0]: row[1] for row in rows}


async def _find(session: AsyncSession, staff: Viewer, case_id: uuid.UUID, *, change: bool = False) -> Asking:
    """A case that the professional handles; `change` locks it, so that two who ask at once ask once."""
    query = select(Case, Person).outerjoin(Person, Person.id == Case.subject_id)
    query = query.where(Case.id == case_id, handled_by(staff))
    locked = query.with_for_update(of=Case).execution_options(populate_existing=True)
    row = (await session.execute(locked if change else query)).one_or_none()
    if row is None or not can_have_forms(row[0]) or not staff.may("handle_cases", row[0].register):
        raise NotFound
    return Asking(row[0], row[1])
