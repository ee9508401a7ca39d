"""A notice of concern whose session has ended half-way: it is nobody's, so nobody goes on with it."""

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import FormResponse, Submission
from app.models.context import Context, enter


@dataclass(frozen=True)
class EndedNotice:
    """What became of it. `receipt`: the address of its receipt, where it was sent by this very form; `form`: its code,
    where it was not sent and has now been thrown away. Neither, where it is not there any more."""

    receipt: str = ""
    form: str = ""


async def end_notice(
    session: AsyncSession, session_id: uuid.UUID, draft_id: uuid.UUID, submission: uuid.UUID
) -> EndedNotice:
    """Throw away the notice `draft_id` that was begun in the ended session `session_id`. The context becomes that
    browser's: the caller enters its own again."""
    receipt = await session.scalar(select(Submission.result_path).where(Submission.token == submission))
    if receipt:
        return EndedNotice(receipt=receipt)
    await enter(session, Context("browser", session=session_id))
    mine = (FormResponse.session_id == session_id, FormResponse.subject_id.is_(None), FormResponse.state == "draft")
    gone = delete(FormResponse).where(FormResponse.id == draft_id, *mine).returning(FormResponse.code)
    return EndedNotice(form=await session.scalar(gone) or "")
