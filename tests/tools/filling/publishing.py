"""A file as the content owner brings it in: imported and published by the desk's own services."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.model import Form
from app.domain.forms.notes import Note
from app.domain.forms.reading.questionnaire import read_form
from app.domain.text import LANGUAGES, Text
from app.services.clock import read_clock
from app.services.forms.desk.import_form import Imported, import_form
from app.services.forms.desk.review import publish
from app.services.viewer import Viewer


@dataclass(frozen=True)
class Published:
    """A form that can be filled in, by its code, and what was said of its file."""

    code: str
    form: Form
    notes: tuple[Note, ...]


async def publish_file(session: AsyncSession, owner: Viewer, imported: Imported, unit: str) -> Published:
    """Import and publish with the settings that need one person only; what residents send comes to `unit`."""
    new = await import_form(session, owner, imported)
    title = imported.reading.form.title.to("fi") or new.code
    new.titles = new.summaries = Text(dict.fromkeys(LANGUAGES, title))
    new.clinical, new.unit_code = False, unit
    await session.flush()
    today = (await read_clock(session)).today
    await publish(session, owner, new.id, new.revision, today, although_missing=True)
    return Published(new.code, read_form(new.content).form, imported.reading.notes)
