"""What has been sent: seen by whoever sent it and whoever may read it, corrected by a response of its own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answers import Answers, from_data
from app.domain.forms.computing.compute import compute
from app.domain.forms.instances import expand, walk
from app.domain.forms.state import Known, State
from app.models import Attachment, Case, FormResponse, Questionnaire
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.forms.drafts import start_from
from app.services.forms.library import ReadForm, current_version, read_version
from app.services.viewer import Viewer


@dataclass(frozen=True)
class SentForm:
    """A response that was sent, with the form as it was then, and its case."""

    response: FormResponse
    read: ReadForm
    state: State
    case: Case
    amended_by: FormResponse | None


async def list_sent(session: AsyncSession, viewer: Viewer) -> Sequence[FormResponse]:
    """What was sent for the one whose matters the viewer looks at, as far as they may see it; the latest first."""
    query = select(FormResponse).where(FormResponse.subject_id == viewer.subject_id, FormResponse.state == "sent")
    return (await session.scalars(query.order_by(FormResponse.sent_at.desc()))).all()


async def open_sent(session: AsyncSession, viewer: Viewer | None, response_id: uuid.UUID) -> SentForm:
    """One response that the resident may see; the reading is audited. Raises NotFound."""
    if viewer is None:
        raise NotFound
    query = select(FormResponse).where(FormResponse.id == response_id, FormResponse.state == "sent")
    response = await session.scalar(query)
    if response is None or not _is_of(response, viewer):
        raise NotFound
    found = await show_sent(session, response)
    if response.subject_id is not None:
        await trail.record(
            session,
            await read_clock(session),
            viewer,
            "read",
            ("form_response", response.id),
            subject_id=response.subject_id,
            register=response.register,
            service_task=response.service_task,
        )
    return found


def _is_of(response: FormResponse, viewer: Viewer) -> bool:
    """Of the one whose matters the viewer looks at, or sent in this browser; a notice of concern is nobody's."""
    if response.subject_id is None:
        return response.session_id == viewer.session_id
    return response.subject_id == viewer.subject_id


async def show_sent(session: AsyncSession, response: FormResponse) -> SentForm:
    """A response with what is needed to show it; who may see it and that it was read is the caller's."""
    read = await read_version(session, response.questionnaire_id)
    case = await session.get(Case, response.case_id) if response.case_id else None
    if case is None or response.sent_at is None:
        raise NotFound
    state = as_it_was_sent(read, from_data(response.answers), response.sent_at)
    later = select(FormResponse).where(FormResponse.amends_id == response.id, FormResponse.state == "sent").limit(1)
    return SentForm(response, read, state, case, await session.scalar(later))


def as_it_was_sent(read: ReadForm, answers: Answers, sent_at: datetime) -> State:
    """Where the form stood when it was sent: what was sent was asked, whatever is known of the person today, and what
    was calculated then stays."""
    state = compute(read.form, answers, Known(sent_at)).state
    instances = expand(read.form, answers)
    sent = {one.address for one in walk(instances) if any(below.address in answers.values for below in one.walk())}
    return State(read.form, answers, instances, state.asked | sent)


async def sent_in_case(session: AsyncSession, case_id: uuid.UUID) -> Sequence[SentForm]:
    """All responses that have arrived in a case, in the order of their arrival."""
    query = select(FormResponse).where(FormResponse.case_id == case_id, FormResponse.state == "sent")
    rows = (await session.scalars(query.order_by(FormResponse.sent_at))).all()
    return [await show_sent(session, row) for row in rows]


async def attachments_of(session: AsyncSession, response_id: uuid.UUID) -> Sequence[Attachment]:
    """The files of a response, in the order in which they were added."""
    query = select(Attachment).where(Attachment.response_id == response_id).order_by(Attachment.created_at)
    return (await session.scalars(query)).all()


async def begin_amendment(session: AsyncSession, viewer: Viewer, response_id: uuid.UUID) -> FormResponse:
    """A draft that corrects what was sent, with the same answers in it. The first response stays as it was.

    One that is begun already is gone on with. Raises NotFound, also for what somebody else has sent.
    """
    first = await open_sent(session, viewer, response_id)
    if first.response.actor_id != viewer.person_id or viewer.person_id is None:
        raise NotFound
    begun = select(FormResponse).where(FormResponse.amends_id == response_id, FormResponse.state == "draft").limit(1)
    draft = await session.scalar(begun)
    return draft or await start_from(session, viewer, await _version_to_correct(session, first), first.response)


async def _version_to_correct(session: AsyncSession, sent: SentForm) -> Questionnaire:
    """The form of today; where nobody can begin it any more, the version that was sent."""
    try:
        return await current_version(session, sent.response.code)
    except NotFound:
        return await session.get_one(Questionnaire, sent.response.questionnaire_id)
