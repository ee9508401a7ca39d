"""Forms as a person's own data: drafts, what was sent with its answers in words, and what is asked for.

A draft is of the one who writes it. Nothing of one's own answers is kept back, also not what was answered in a draft to
a question that is not asked any more; answers that somebody else gave in the person's matter are that other's. A notice
of concern is nobody's, so it is in nobody's data.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answers import from_data
from app.domain.forms.instances import expand, walk
from app.domain.forms.model import Form
from app.domain.text import Language
from app.models import Attachment, FormResponse, FormTask
from app.services.forms.in_words import answers_in_words
from app.services.forms.library import list_forms, read_version
from app.services.forms.sent import attachments_of
from app.services.viewer import Viewer

Row = dict[str, Any]


async def forms(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """What was sent for the person and the viewer's own drafts for them, the latest first."""
    seen = or_(FormResponse.state == "sent", FormResponse.actor_id == viewer.person_id)
    query = select(FormResponse).where(and_(FormResponse.subject_id == viewer.subject_id, seen))
    found = (await session.scalars(query.order_by(FormResponse.changed_at.desc()))).all()
    return [
        _form(one, (await read_version(session, one.questionnaire_id)).form, files, viewer, language)
        for one in found
        for files in [await attachments_of(session, one.id)]
    ]


def _form(one: FormResponse, form: Form, files: Sequence[Attachment], viewer: Viewer, language: Language) -> Row:
    others = one.actor_id not in {viewer.subject_id, viewer.person_id}
    answers = list(_answers(one, form, language))
    return {
        "title": one.titles.to(language),
        "register": one.register,
        "state": one.state,
        "begun_at": one.started_at,
        "changed_at": one.changed_at,
        "sent_at": one.sent_at,
        "correction": one.amends_id is not None,
        "basis": one.basis,
        "answers": [] if others else answers,
        "files": [] if others else [file.title for file in files],
        "left_out": ["what_others_wrote"] if others and (answers or files) else [],
    }


def _answers(one: FormResponse, form: Form, language: Language) -> Iterator[Row]:
    answers, for_another = from_data(one.answers), one.subject_id != one.actor_id
    for instance in walk(expand(form, answers)):
        given = answers.of(instance.address)
        if given:
            question, told = answers_in_words(instance.item, given, language, for_another=for_another)
            yield {"question": question, "answers": told}


async def form_tasks(session: AsyncSession, viewer: Viewer, language: Language) -> list[Row]:
    """Forms that the person has been asked to fill in, the latest first."""
    query = select(FormTask).where(FormTask.subject_id == viewer.subject_id).order_by(FormTask.asked_at.desc())
    tasks = (await session.scalars(query)).all()
    titles = {form.code: form.titles.to(language) for form in await list_forms(session)} if tasks else {}
    return [
        {
            "title": titles.get(one.code, one.code),
            "register": one.register,
            "state": "not_needed" if one.state == "cancelled" else one.state,
            "requested_at": one.asked_at,
            "fill_by": one.due_at,
            "filled_at": one.done_at,
        }
        for one in tasks
    ]
