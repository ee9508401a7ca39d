"""Who hears that a form waits: whoever is asked, and by the usual rules whoever acts for them.

A job does it: staff see neither notices nor by which right somebody acts.
"""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case, FormTask
from app.services.reaching.case_actor import actor_of
from app.services.reaching.notices import tell_of_case

ASKED = "form_asked"


async def tell_form_asked(session: AsyncSession, task_id: uuid.UUID) -> None:
    """Notices that a form waits; told once, however often it is called, and not of what was taken back meanwhile."""
    task = await session.get_one(FormTask, task_id)
    if task.state != "open" or task.case_id is None:
        return
    case = await session.get_one(Case, task.case_id)
    await tell_of_case(session, case, ASKED, of=task_id, actor=await actor_of(session, case))
