"""A Questionnaire made elsewhere becomes a draft."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.fhir import language_of
from app.domain.forms.desk.names import VERSION, code_from, free_code, free_version
from app.domain.forms.desk.texts import entries_of
from app.domain.forms.notes import FormRefused
from app.domain.forms.reading.questionnaire import Reading, parse_questionnaire
from app.domain.text import Language, Text
from app.models import Questionnaire, Unit
from app.services.forms.desk.events import note_event
from app.services.forms.desk.versions import COPIED, VersionTaken, put_content, read_whole, versions_of
from app.services.viewer import Viewer

FIRST = "1"


@dataclass(frozen=True)
class Imported:
    """A file that could be read: the Questionnaire, its form and all notes about it."""

    content: Mapping[str, Any]
    reading: Reading


def read_file(file: bytes, language: Language) -> Imported:
    """Read a file whose texts are in `language` where it does not say so itself; expressions are tried.

    Raises FormRefused with everything that was found.
    """
    content = parse_questionnaire(file)
    reading = read_whole(content, language)
    known = language_of(content.get("language"))
    whole = dict(content) if known else {**content, "language": language}
    return Imported(whole, reading)


def titles_in(file: bytes) -> Mapping[str, Text]:
    """What the items are called, by linkId, for the notes about a file that was refused; empty where it can't be
    parsed."""
    try:
        return {entry.link_id: entry.title for entry in entries_of(parse_questionnaire(file))}
    except FormRefused:
        return {}


async def import_form(
    session: AsyncSession, viewer: Viewer, imported: Imported, *, code: str = "", version: str = ""
) -> Questionnaire:
    """Keep it as a draft: a version of the form `code`, else a new form, whose settings are proposed.

    `version` is that of the file, else 1, where it is empty. Raises VersionTaken.
    """
    form = imported.reading.form
    earlier = await _newest(session, code)
    wanted = version or (form.version if VERSION.fullmatch(form.version) else FIRST)
    taken = {one.version for one in await versions_of(session, code)} if earlier else set()
    if wanted in taken:
        raise VersionTaken(code, wanted, free_version(wanted, taken))
    values = {name: getattr(earlier, name) for name in COPIED} if earlier else await _proposed(session, imported)
    new = Questionnaire(id=uuid.uuid4(), version=wanted, state="draft", **values)
    new.url = form.url or (earlier.url if earlier else new.id.urn)
    # What was said of the file is kept, also what is mended here: its url, its language.
    put_content(new, {**imported.content, "url": new.url, "version": wanted}, imported.reading.notes)
    session.add(new)
    await note_event(session, viewer, new, "imported")
    return new


async def _newest(session: AsyncSession, code: str) -> Questionnaire | None:
    """The version whose settings the next one takes over."""
    versions = await versions_of(session, code) if code else ()
    return max(versions, key=lambda one: (str(one.effective_from or ""), one.revision), default=None)


async def _proposed(session: AsyncSession, imported: Imported) -> dict[str, Any]:
    """Settings to begin with. Content counts as clinical until somebody says otherwise."""
    form = imported.reading.form
    taken = set(await session.scalars(select(Questionnaire.code).distinct()))
    unit = await session.scalar(select(func.min(Unit.code)))
    title = form.title
    return {
        "code": free_code(code_from(form.name, title.to("fi")), taken),
        "kind": "other",
        "titles": title,
        "summaries": Text({}),
        "register": "patient",
        "service_task": None,
        "unit_code": unit,
        "who": "signed_in",
        "limit_rules": [],
        "clinical": True,
    }
