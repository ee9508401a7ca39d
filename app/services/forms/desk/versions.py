"""The versions of forms as content owners see them: found, locked for a change, copied as a new one."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.domain.forms.desk.expressions import try_expressions
from app.domain.forms.desk.names import free_version
from app.domain.forms.notes import FormRefused, Note
from app.domain.forms.reading.questionnaire import Reading, read_form
from app.domain.text import Language
from app.models import Questionnaire, Unit
from app.services.errors import DomainError, NotFound
from app.services.forms.desk.events import DeskEvent, last_events, note_event
from app.services.forms.library import list_forms
from app.services.forms.shipped import digest_of, notes_as_data
from app.services.viewer import Viewer

EDITABLE = ("draft", "in_review")
COPIED = (
    *("code", "url", "kind", "titles", "summaries", "register", "service_task", "unit_code", "who", "limit_rules"),
    "clinical",
)


class ChangedMeanwhile(DomainError):
    """Somebody else has changed the version since it was opened; nothing was saved."""


class NotEditable(DomainError):
    """A published or retired version stays as it is: a new version is made of it."""


class VersionTaken(DomainError):
    """The form has a version of this number already; `free` is the next that it has not."""

    def __init__(self, code: str, version: str, free: str) -> None:
        super().__init__(f"{code} {version}")
        self.code = code
        self.version = version
        self.free = free


@dataclass(frozen=True)
class VersionLine:
    """A version, what was done last to it, and whether it is the one that is filled in today."""

    form: Questionnaire
    last: DeskEvent | None
    in_force: bool


async def list_desk(session: AsyncSession) -> Sequence[tuple[str, Sequence[VersionLine]]]:
    """Every form by its code, with all its versions, the newest first."""
    rows = (await session.scalars(select(Questionnaire).order_by(Questionnaire.code))).all()
    last, in_force = await last_events(session), {form.id for form in await list_forms(session)}
    lines = [VersionLine(form, last.get(form.id), form.id in in_force) for form in rows]
    return [
        (code, sorted(same, key=_order, reverse=True)) for code, same in groupby(lines, key=lambda line: line.form.code)
    ]


async def open_version(session: AsyncSession, version_id: uuid.UUID) -> Questionnaire:
    """A version with its content. Raises NotFound."""
    query = select(Questionnaire).options(undefer(Questionnaire.content)).where(Questionnaire.id == version_id)
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def lock_version(session: AsyncSession, version_id: uuid.UUID, revision: int) -> Questionnaire:
    """A version that nobody else changes until the transaction ends. `revision`: as it was when the page was opened.

    Raises NotFound and ChangedMeanwhile.
    """
    query = select(Questionnaire).options(undefer(Questionnaire.content)).where(Questionnaire.id == version_id)
    found = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    if found.revision != revision:
        raise ChangedMeanwhile
    return found


async def versions_of(session: AsyncSession, code: str) -> Sequence[Questionnaire]:
    """All versions of a form, without their content."""
    return (await session.scalars(select(Questionnaire).where(Questionnaire.code == code))).all()


async def list_units(session: AsyncSession) -> Sequence[Unit]:
    """The teams to which forms may come."""
    return (await session.scalars(select(Unit).order_by(Unit.code))).all()


async def copy_version(session: AsyncSession, viewer: Viewer, version_id: uuid.UUID) -> Questionnaire:
    """A draft with the next number and the same content. Raises NotFound."""
    first = await open_version(session, version_id)
    taken = {one.version for one in await versions_of(session, first.code)}
    version = free_version(first.version, taken)
    new = Questionnaire(
        id=uuid.uuid4(), version=version, state="draft", **{name: getattr(first, name) for name in COPIED}
    )
    put_content(new, {**first.content, "version": version})
    session.add(new)
    await note_event(session, viewer, new, "copied", of=first.version)
    return new


def read_whole(content: Mapping[str, Any], language: Language = "fi") -> Reading:
    """The form that this content makes, its expressions tried; `language` is that of its texts where it does not say.

    Raises FormRefused with everything that was found.
    """
    reading = read_form(content, language=language)
    notes = (*reading.notes, *try_expressions(reading.form))
    if any(note.weight == "refused" for note in notes):
        raise FormRefused(notes)
    return Reading(reading.form, notes)


def put_content(form: Questionnaire, content: dict[str, Any], found: Sequence[Note] = ()) -> None:
    """Give a version its content; `found` are notes that the file had and the content has no more. Raises
    FormRefused."""
    notes = dict.fromkeys((*found, *read_whole(content).notes))
    form.content, form.digest, form.notes = content, digest_of(content), notes_as_data(notes)


def _order(line: VersionLine) -> tuple[bool, str, list[Any]]:
    """What is being made first, then by the day from which it is filled in."""
    form = line.form
    return (form.state in EDITABLE, str(form.effective_from or ""), [len(form.version), form.version])
