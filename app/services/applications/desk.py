"""An application as the professional who handles it sees it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case, Person, StaffMember
from app.services.applications.find import find_handled
from app.services.applications.read import OpenedApplication, gather
from app.services.cases.queue import record_reading
from app.services.viewer import Viewer


@dataclass(frozen=True)
class DeskApplication:
    """An application with its case and whose it is; `staff`: the names of those who asked and decided, by their id."""

    case: Case
    subject: Person
    opened: OpenedApplication
    staff: Mapping[uuid.UUID, str]


async def read_at_desk(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID) -> DeskApplication:
    """One application of a case that the viewer handles and may decide; the reading is audited. Raises NotFound."""
    found = await find_handled(session, viewer, case_id)
    await record_reading(session, viewer, found.case)
    opened = await gather(session, found.application, found.case, reads=True)
    ids = {one.staff_id for one in opened.requests} | ({opened.decision.staff_id} if opened.decision else set())
    members = await session.scalars(select(StaffMember).where(StaffMember.id.in_(ids)))
    return DeskApplication(found.case, found.subject, opened, {one.id: one.name for one in members})
