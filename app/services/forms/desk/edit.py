"""Changing a draft: its settings, its texts and marks. Any change takes an approval away."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.forms.desk.edit import Edits, edited, wordless
from app.domain.forms.desk.texts import base_language, entries_of
from app.domain.text import Text
from app.models import Questionnaire
from app.services.errors import DomainError
from app.services.forms.desk.events import note_event
from app.services.forms.desk.versions import EDITABLE, NotEditable, lock_version, put_content, versions_of
from app.services.viewer import Viewer


class CodeTaken(DomainError):
    """Another form has this code, or this form has had other versions under its own."""


class Wordless(DomainError):
    """Texts (by number) would be left without words in the language of the form, which all translations are of."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        super().__init__(str(numbers))
        self.numbers = numbers


@dataclass(frozen=True)
class FormSettings:
    """What the window needs to know of a form beside its content."""

    code: str
    kind: str
    register: str
    service_task: str | None
    unit_code: str
    who: str
    clinical: bool
    limit_rules: list[str]
    titles: Text
    summaries: Text


async def change_settings(
    session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int, settings: FormSettings
) -> None:
    """Keep the settings. Raises NotFound, ChangedMeanwhile, NotEditable and CodeTaken."""
    form = await _draft(session, version_id, revision)
    if settings.code != form.code and await _is_named(session, form, settings.code):
        raise CodeTaken
    for name, value in vars(settings).items():
        setattr(form, name, value)
    _back_to_draft(form)
    await note_event(session, viewer, form, "settings", clinical=settings.clinical)


async def change_texts(
    session: AsyncSession, viewer: Viewer, version_id: uuid.UUID, revision: int, edits: Edits
) -> None:
    """Keep edited texts and marks. Raises NotFound, ChangedMeanwhile, NotEditable, Wordless, FormRefused."""
    form = await _draft(session, version_id, revision)
    entries = entries_of(form.content)
    faulty = wordless(entries, edits, base_language(form.content))
    if faulty:
        raise Wordless(faulty)
    content = edited(form.content, entries, edits)
    if content == form.content:
        return
    put_content(form, content)
    _back_to_draft(form)
    await note_event(session, viewer, form, "edited")


async def _draft(session: AsyncSession, version_id: uuid.UUID, revision: int) -> Questionnaire:
    form = await lock_version(session, version_id, revision)
    if form.state not in EDITABLE:
        raise NotEditable
    return form


async def _is_named(session: AsyncSession, form: Questionnaire, code: str) -> bool:
    """Whether the code can't change: it is another's, or other versions of this form go by the old one."""
    return bool(await versions_of(session, code)) or len(await versions_of(session, form.code)) > 1


def _back_to_draft(form: Questionnaire) -> None:
    """A new revision, to be reviewed anew."""
    form.state = "draft"
    flag_modified(form, "state")
