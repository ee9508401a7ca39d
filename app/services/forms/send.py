"""Sending: what was asked and answered becomes a QuestionnaireResponse that never changes, and joins a case."""

import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.clock import Clock
from app.domain.forms.answering.check import Found, check_all
from app.domain.forms.answers import to_data
from app.domain.forms.computing.compute import compute
from app.domain.forms.responding.respond import response_of
from app.domain.forms.responding.valid import check_response
from app.domain.text import Language
from app.domain.urgency import Urgency
from app.models import Application, Appointment, Case, FormResponse, FormTask, Questionnaire
from app.services.audit import trail
from app.services.cases.arrivals import Arrival, Route, add_event, open_new_case, raise_urgency
from app.services.cases.tell_case import tell_form
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.forms.alarm import is_alarming
from app.services.forms.concerns import concern_of
from app.services.forms.drafts import CONCERN, Filling, is_for_another
from app.services.forms.limits import limits_of
from app.services.forms.origins import carried_origins, forget_changed
from app.services.forms.standing import forget
from app.services.viewer import Viewer

APPLICATION = "application"


class NotComplete(DomainError):
    """Something is to be mended first; `problems` in reading order."""

    def __init__(self, problems: tuple[Found, ...]) -> None:
        super().__init__(f"{len(problems)} to mend")
        self.problems = problems


async def send_response(session: AsyncSession, viewer: Viewer, filling: Filling, language: Language) -> Case:
    """Send a draft: it stays as it is from here on, and its case opens or grows. Returns the case.

    A notice of concern keeps no trace of who sent it but what they wrote themselves: its row gets a new id, and neither
    session nor person. Raises NotComplete where something is to be mended.
    """
    state = compute(filling.read.form, filling.state.answers, filling.known, finished=True).state
    problems = check_all(state)
    if problems:
        raise NotComplete(problems)
    response, clock = filling.response, await read_clock(session)
    form = await session.get_one(Questionnaire, response.questionnaire_id)
    urgency = Urgency.IMMEDIATE if is_alarming(filling.state) else Urgency.ROUTINE
    case = await _case_of(session, viewer, response, form, urgency, language)
    if form.kind == CONCERN:
        _forget_sender(response, clock)
    _keep_what_is_sent(response, filling)
    response.case_id, response.language = case.id, language
    response.state, response.sent_at, response.changed_at = "sent", clock.now, clock.now
    response.response = _written(filling, clock, language)
    await session.flush()
    await _task_done(session, response, clock)
    if response.subject_id is not None:
        await _audit(session, viewer, response, clock)
    await tell_form(session, case, response)
    return case


def _forget_sender(response: FormResponse, clock: Clock) -> None:
    """Whatever the draft held of a person goes, also what should never have come into it. When it was begun is when its
    browser session was, to the microsecond."""
    response.id, response.session_id, response.started_at = uuid.uuid4(), None, clock.now
    response.subject_id = response.actor_id = response.basis = None
    response.task_id = response.amends_id = None


def _keep_what_is_sent(response: FormResponse, filling: Filling) -> None:
    """An answer that was taken back with its question goes: whoever wrote their name and then chose to give none has
    given none."""
    state, types = filling.state, {link: item.type for link, item in filling.read.form.by_link.items()}
    asked = {address: values for address, values in state.answers.values.items() if address in state.asked}
    kept = replace(state.answers, values=asked)
    forget(response.standing)
    response.standing, response.answers = uuid.uuid4(), to_data(kept, types)
    response.memo, response.shown = [], carried_origins(response)
    forget_changed(response, kept)


def _written(filling: Filling, clock: Clock, language: Language) -> dict[str, Any]:
    """The QuestionnaireResponse. Raises InvalidResponse, a fault of ours, where it is not what the standard asks."""
    response = filling.response
    written = response_of(
        filling.state,
        identifier=response.id.urn,
        authored=clock.now,
        language=language,
        status="amended" if response.amends_id else "completed",
        subject=_person(response.subject_id),
        author=_person(response.actor_id),
        for_another=is_for_another(response),
    )
    check_response(written)
    return written


def _person(person_id: uuid.UUID | None) -> str:
    return f"Patient/{person_id}" if person_id else ""


async def _case_of(
    session: AsyncSession,
    viewer: Viewer,
    response: FormResponse,
    form: Questionnaire,
    urgency: Urgency,
    language: Language,
) -> Case:
    """The case that the response joins: that of what it corrects, of the task or of the visit that it was asked for;
    else a new one."""
    found = None
    if form.kind != CONCERN:
        await _one_by_one(session, response)
        found = await _known_case(session, response, form)
    if found is not None:
        await raise_urgency(session, found, urgency)
        clock = await read_clock(session)
        await add_event(session, clock, found.id, "arrived", viewer, kind="form", form=response.code)
        return found
    concern = concern_of(form.code) if form.kind == CONCERN else None
    arrival = Arrival(
        route=Route(form.register, form.unit_code, form.service_task),
        titles=concern.queue_title if concern else form.titles,
        language=language,
        urgency=urgency,
        kind=form.kind if form.kind in (CONCERN, APPLICATION) else "form",
        limits=limits_of(form),
        nobodys=form.kind == CONCERN,
    )
    case = await open_new_case(session, viewer, arrival)
    if form.kind == APPLICATION:
        session.add(Application(case_id=case.id, kind=form.code, pending_since=case.arrived_at))
        await add_event(session, await read_clock(session), case.id, "pending", viewer)
    return case


async def _one_by_one(session: AsyncSession, response: FormResponse) -> None:
    """Forms of one visit wait for each other here: the second one that is sent finds the case of the first."""
    visit = select(FormTask.appointment_id).where(FormTask.id == response.task_id).scalar_subquery()
    together = select(FormTask.id).where(FormTask.appointment_id == visit).order_by(FormTask.id)
    await session.execute(together.with_for_update())


async def _known_case(session: AsyncSession, response: FormResponse, form: Questionnaire) -> Case | None:
    """The open case that is waiting for this response; never one of another register or service task than the form's,
    where others would read it. An application that somebody was asked for is a matter of its own: it is decided."""
    amended = select(FormResponse.case_id).where(FormResponse.id == response.amends_id)
    if form.kind == APPLICATION:
        return await _open_case(session, form, Case.id.in_(amended))
    asked = select(FormTask.case_id).where(FormTask.id == response.task_id)
    visit = (
        select(Appointment.case_id)
        .join(FormTask, FormTask.appointment_id == Appointment.id)
        .where(FormTask.id == response.task_id)
    )
    wanted = Case.id.in_(amended) | Case.id.in_(asked) | Case.id.in_(visit)
    beside = Case.id.in_(_of_visit(response)) & (Case.kind != APPLICATION)
    return await _open_case(session, form, wanted) or await _open_case(session, form, beside)


def _of_visit(response: FormResponse) -> Select[uuid.UUID | None]:
    """The cases of the other forms that were asked for and have been sent for the same visit."""
    task, other = aliased(FormTask), aliased(FormTask)
    return (
        select(FormResponse.case_id)
        .join(other, other.id == FormResponse.task_id)
        .join(task, task.appointment_id == other.appointment_id)
        .where(task.id == response.task_id, FormResponse.state == "sent")
    )


async def _open_case(session: AsyncSession, form: Questionnaire, wanted: ColumnElement[bool]) -> Case | None:
    same = (Case.register == form.register) & Case.service_task.is_not_distinct_from(form.service_task)
    return await session.scalar(select(Case).where(wanted, same, Case.state == "open").limit(1))


async def _task_done(session: AsyncSession, response: FormResponse, clock: Clock) -> None:
    task = await session.get(FormTask, response.task_id) if response.task_id else None
    if task is not None and task.state == "open":
        task.state, task.done_at = "done", clock.now
        await session.flush()


async def _audit(session: AsyncSession, viewer: Viewer, response: FormResponse, clock: Clock) -> None:
    target = ("form_response", response.id)
    register, task = response.register, response.service_task
    await trail.record(
        session, clock, viewer, "send", target, subject_id=response.subject_id, register=register, service_task=task
    )
