"""One application of the reader's: a resident's own, or one of the cases that a member of staff handles."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Application, Case, Person
from app.services.cases.queue import handled_by
from app.services.errors import AlreadyDecided, NotFound
from app.services.viewer import Viewer, refuse_without_right

# What can still be asked, answered, decided or withdrawn.
UNDER_WAY = frozenset({"pending", "more_asked", "in_handling"})


@dataclass(frozen=True)
class Handled:
    """An application at the staff's desk: its case, and whose it is."""

    application: Application
    case: Case
    subject: Person


async def find_own(
    session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, *, change: bool = False
) -> tuple[Application, Case]:
    """An application of the one whose matters the resident looks at; `change` locks it. Raises NotFound, and for a
    change NoRight where the viewer acts for another whose matters of the register are not theirs to act in."""
    query = select(Application, Case).join(Case, Case.id == Application.case_id)
    query = query.where(Application.case_id == case_id, Case.subject_id == viewer.subject_id)
    locked = query.with_for_update(of=Application).execution_options(populate_existing=True)
    row = (await session.execute(locked if change else query)).one_or_none()
    if row is None:
        raise NotFound
    if change:
        refuse_without_right(viewer, row[1].register)
    return row[0], row[1]


async def find_handled(session: AsyncSession, viewer: Viewer, case_id: uuid.UUID, *, change: bool = False) -> Handled:
    """An application of a case that the member of staff handles and may decide; `change` locks it, so that of two who
    decide at once the second sees what the first has done. Raises NotFound for any other."""
    query = (
        select(Application, Case, Person)
        .join(Case, Case.id == Application.case_id)
        .join(Person, Person.id == Case.subject_id)
        .where(Application.case_id == case_id, handled_by(viewer))
    )
    locked = query.with_for_update(of=Application).execution_options(populate_existing=True)
    row = (await session.execute(locked if change else query)).one_or_none()
    if row is None or not viewer.may("decide_applications", row[1].register):
        raise NotFound
    return Handled(*row)


def may_read(viewer: Viewer, case: Case) -> bool:
    """Whether the resident, who sees the case, may read what staff have written in it: in a readable register, and
    where a professional has opened a minor's case to the guardians."""
    return viewer.reads(case.register) or (case.guardian_access == "open" and viewer.basis == "guardian")


def refuse_when_over(application: Application) -> None:
    """Raises AlreadyDecided where the application has been decided or withdrawn."""
    if application.state not in UNDER_WAY:
        raise AlreadyDecided
