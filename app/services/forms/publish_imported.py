"""A Questionnaire that was made elsewhere, published at once as it is: for trying outside material."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.reader import Reading
from app.domain.text import Text
from app.models import Questionnaire, QuestionnaireEvent
from app.services.clock import read_clock
from app.services.forms.shipped import digest_of, notes_as_data

LONGEST_VERSION = 60  # characters


async def publish_imported(
    session: AsyncSession, content: Mapping[str, Any], reading: Reading, *, code: str, unit: str
) -> Questionnaire:
    """Keep what was read of `content` as a version that whoever has signed in can fill; it comes to `unit`."""
    clock, form = await read_clock(session), reading.form
    name = Text({"fi": form.name or code})
    made = Questionnaire(
        id=uuid.uuid4(),
        code=code,
        version=form.version[:LONGEST_VERSION] or "1",
        url=form.url,
        state="published",
        kind="other",
        titles=form.title if form.title.values else name,
        summaries=form.description,
        register="patient",
        unit_code=unit,
        who="signed_in",
        content=dict(content),
        notes=notes_as_data(reading.notes),
        digest=digest_of(content),
        effective_from=clock.today,
        published_at=clock.now,
    )
    session.add(made)
    session.add(QuestionnaireEvent(questionnaire_id=made.id, at=clock.now, event="installed"))
    await session.flush()
    return made
