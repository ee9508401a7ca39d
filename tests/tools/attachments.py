"""Drafts and sent responses with files, made directly in the database, and files to add to them."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.model import Bounds, Item
from app.domain.forms.values import File
from app.integrations.scanner.clamd import Clamd, ClamdConfig
from app.integrations.storage.postgres import PostgresStorage
from app.integrations.storage.sealing import ChunkKeys
from app.models import FormResponse
from app.services.forms.attachments import Upload, add_attachment
from app.services.viewer import Viewer
from app.settings import Settings

NAMES = Jsonb({"fi": "Lomake", "sv": "Blankett", "en": "Form"})
QUESTION = Item(1, "files", "attachment", repeats=True)
TEXT_LINE = "Tämä rivi on liitteen salaista sisältöä.\n".encode()


def new_draft(settings: Settings, viewer: Viewer, register: str = "patient", task: str | None = None) -> uuid.UUID:
    """A draft of the viewer's: of the person where they have signed in, else of the browser."""
    form, draft = uuid.uuid4(), uuid.uuid4()
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            "insert into questionnaire (id, code, version, url, state, kind, titles, summaries, register, unit_code,"
            " who, limit_rules, clinical, content, notes, digest, revision) values (%s, %s, '1', 'u', 'draft', 'other',"
            " %s, %s, %s, 'mikkeli', 'anyone', '{}', false, '{}', '[]', %s, 1)",
            [form, form.hex, NAMES, NAMES, register, form.hex],
        )
        connection.execute(
            "insert into form_response (id, questionnaire_id, code, titles, register, service_task, session_id,"
            " subject_id, actor_id, state, language, answers, memo, shown, page, alarmed, started_at, changed_at,"
            " revision) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'draft', 'fi', '{}', '[]', '{}', '', false, now(),"
            " now(), 1)",
            [draft, form, form.hex, NAMES, register, task, viewer.session_id, viewer.subject_id, viewer.person_id],
        )
    return draft


def sent(settings: Settings, draft: uuid.UUID, unit: str) -> None:
    """The draft is sent, and joins a case of this unit."""
    case = uuid.uuid4()
    with psycopg.connect(settings.worker_database_url) as connection:
        connection.execute(
            'insert into "case" (id, reference, subject_id, actor_id, register, service_task, unit_code, kind, titles,'
            " language, urgency, urgency_rank, arrived_at, due_at, state, version) select %s, %s, subject_id, actor_id,"
            " register, service_task, %s, 'contact', titles, 'fi', 'today', 1, now(), now(), 'open', 1"
            " from form_response where id = %s",
            [case, case.hex[:12], unit, draft],
        )
        connection.execute(
            "update form_response set state = 'sent', sent_at = now(), response = '{}', case_id = %s where id = %s",
            [case, draft],
        )


def storage_of(session: AsyncSession, *keys: str) -> PostgresStorage:
    """The storage of the session, with these keys, newest first."""
    return PostgresStorage(session, ChunkKeys(keys or ("a key of tests",)))


def scanner_of(settings: Settings) -> Clamd:
    return Clamd(ClamdConfig(settings.scanner_url, settings.scanner_seconds))


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def upload(*pieces: bytes, title: str = "lausunto.txt", given: int = 0, **bounds: object) -> Upload:
    """A file on its way; `bounds` are those of the question."""
    question = replace(QUESTION, bounds=Bounds(**bounds))  # type: ignore[arg-type]
    return Upload(title, stream(*(pieces or (TEXT_LINE,))), question, given)


async def added(
    session: AsyncSession, settings: Settings, viewer: Viewer, draft: uuid.UUID, one: Upload | None = None
) -> File:
    """A file that has been added to a draft."""
    response = await session.get_one(FormResponse, draft)
    return await add_attachment(session, storage_of(session), scanner_of(settings), viewer, response, one or upload())


async def whole(content: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in content])
