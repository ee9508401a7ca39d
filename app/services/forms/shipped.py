"""The forms that come with the installation: content/forms, brought in as published versions."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.forms.reading.questionnaire import read_form
from app.domain.text import Text
from app.models import FormResponse, Questionnaire, QuestionnaireEvent
from app.services.clock import read_clock
from app.services.errors import DomainError


class VersionInUse(DomainError):
    """The content of a version changed after somebody had begun to fill it in: it needs a new version number."""


async def install_forms(session: AsyncSession) -> None:
    """Bring in the forms of content/forms/catalogue.json that are not there yet, as versions that everybody can fill.

    Raises VersionInUse where a file changed and kept its version although it has been filled in.
    """
    catalogue = load("forms/catalogue.json")
    since = date.fromisoformat(catalogue["effective_from"])
    for row in catalogue["forms"]:
        await _install(session, row, load(f"forms/{row['file']}"), since)


async def _install(session: AsyncSession, row: Mapping[str, Any], content: dict[str, Any], since: date) -> None:
    clock, values = await read_clock(session), _values(row, content)
    query = select(Questionnaire).where(Questionnaire.code == row["code"], Questionnaire.version == values["version"])
    known = await session.scalar(query)
    if known is None:
        new = Questionnaire(id=uuid.uuid4(), state="published", effective_from=since, published_at=clock.now)
        known = new
        session.add(new)
        session.add(QuestionnaireEvent(questionnaire_id=new.id, at=clock.now, event="installed"))
    elif known.digest != values["digest"] and await _is_filled_in(session, known.id):
        raise VersionInUse(f"{row['code']} {values['version']}")
    for name, value in values.items():
        setattr(known, name, value)
    await session.flush()


async def _is_filled_in(session: AsyncSession, questionnaire_id: uuid.UUID) -> bool:
    query = select(FormResponse.id).where(FormResponse.questionnaire_id == questionnaire_id).limit(1)
    return await session.scalar(query) is not None


def _values(row: Mapping[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    reading = read_form(content)
    return {
        "code": row["code"],
        "version": reading.form.version,
        "url": reading.form.url,
        "kind": row["kind"],
        "titles": Text(row["title"]),
        "summaries": Text(row["summary"]),
        "register": row["register"],
        "service_task": row["service_task"],
        "unit_code": row["unit"],
        "who": row["who"],
        "limit_rules": row["limits"],
        "clinical": row["register"] == "patient",
        "content": content,
        "notes": notes_as_data(reading.notes),
        "digest": digest_of(content),
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of a Questionnaire's content, in hexadecimal digits; the order of keys makes no difference."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def notes_as_data(notes: Any) -> list[dict[str, str]]:
    """The reader's notes as they are kept with a version."""
    return [
        {"weight": note.weight, "code": note.code, "link_id": note.link_id, "detail": note.detail} for note in notes
    ]
