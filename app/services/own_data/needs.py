"""What somebody needs to be served well, asked once and carried along: an interpreter, and what else matters.

It is kept only where the person, or who may read their matters, asks us to remember it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Language, Text
from app.models import PersonNeeds
from app.services.acting.note_reading import note_reading
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NoRight
from app.services.viewer import Viewer

LONGEST_LANGUAGE, LONGEST_ACCESSIBILITY = 60, 1000


@dataclass(frozen=True)
class Needs:
    """`interpreter`: a code of content/interpreter_languages.json, or a language in the resident's own words;
    `accessibility`: in their own words. Both empty: nothing is known."""

    interpreter: str = ""
    accessibility: str = ""

    def __bool__(self) -> bool:
        return bool(self.interpreter or self.accessibility)


@cache
def interpreter_languages() -> Mapping[str, Text]:
    """The languages that are offered, in their order."""
    return {row["code"]: Text(row["names"]) for row in load("interpreter_languages.json")["languages"]}


def language_name(interpreter: str, language: Language) -> str:
    """The language to interpret in, by its name in `language`; one that isn't offered as it was written."""
    offered = interpreter_languages().get(interpreter)
    return offered.to(language) if offered else interpreter


async def needs_of(session: AsyncSession, person_id: uuid.UUID | None) -> Needs:
    """What is remembered of the person, as far as the reader may see it: to staff, with a case of theirs."""
    found = await session.get(PersonNeeds, person_id) if person_id else None
    return Needs(found.interpreter, found.accessibility) if found else Needs()


async def remembered_needs(session: AsyncSession, viewer: Viewer | None) -> Needs:
    """What is remembered of the one whose matters the viewer looks at. Who acts for another leaves a row in the trail
    where there was something to read."""
    if viewer is None or viewer.subject_id is None:
        return Needs()
    needs = await needs_of(session, viewer.subject_id)
    if needs:
        await note_reading(session, viewer, ("needs", viewer.subject_id), None)
    return needs


def can_remember(viewer: Viewer | None) -> bool:
    """Whether the viewer may see, and so change, what is remembered: in own matters, and where they may read those of
    the one for whom they act. The row-level policy says the same."""
    return viewer is not None and viewer.person_id is not None and bool(viewer.can_read)


async def remember_needs(session: AsyncSession, viewer: Viewer, needs: Needs) -> None:
    """Keep `needs` in place of what was remembered; empty ones forget it. Raises NoRight."""
    if not can_remember(viewer) or viewer.subject_id is None:
        raise NoRight
    clock, subject = await read_clock(session), viewer.subject_id
    kept = {"interpreter": needs.interpreter, "accessibility": needs.accessibility, "changed_at": clock.now}
    statement = insert(PersonNeeds).values(person_id=subject, **kept)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=kept))
    await trail.record(session, clock, viewer, "change_needs", ("needs", subject), subject_id=subject)
