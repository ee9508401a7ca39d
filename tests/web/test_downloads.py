"""A file goes out as a file: under its name, never shown as a page, without keeping a connection."""

import uuid
from collections.abc import AsyncIterator
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from app.database import Database
from app.integrations.storage.sealing import ChunkKeys
from app.models.context import enter
from app.services.forms.attachments import open_attachment
from app.services.viewer import Viewer, context_for
from app.settings import Settings
from app.web.access import Session
from app.web.downloads import POLICY, disposition, download
from app.web.file_storage import FileStorage
from app.web.middleware import SecurityHeaders
from tests.tools.attachments import TEXT_LINE, added, new_draft, storage_of, upload
from tests.tools.people import sign_in_many


def file_name(header: str) -> str:
    """What a browser of today makes of the header."""
    return unquote(header.partition("filename*=UTF-8''")[2], errors="strict")


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("lausunto.pdf", "lausunto.pdf"),
        ("Lääkärin lausunto.pdf", "Laakarin lausunto.pdf"),
        ('a"; filename="b.exe', "a__ filename__b.exe"),
        ("100 %.txt", "100 _.txt"),
        ("日本.png", ".png"),
        ("日本", "_"),
    ],
)
def test_names(title: str, plain: str) -> None:
    """Browsers get the whole name, old programs one of plain letters; no name begins another parameter."""
    header = disposition(title)
    assert header.startswith(f'attachment; filename="{plain}"; ')
    assert file_name(header) == title


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name(title: str) -> None:
    """Any name is one header of plain signs, and comes back as it was."""
    header = disposition(title)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert file_name(header) == title


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The web's way to the database, with a single connection."""
    opened = Database.for_web(settings.model_copy(update={"database_pool": 1}))
    yield opened
    await opened.close()


def window(settings: Settings, database: Database, viewer: Viewer) -> FastAPI:
    """A window with one page: the file of the address, for `viewer`."""
    app = FastAPI()
    app.state.database, app.state.attachment_keys = database, ChunkKeys(["a key of tests"])
    app.add_middleware(SecurityHeaders, settings=settings)

    @app.get("/{file_id}")
    async def page(session: Session, storage: FileStorage, file_id: uuid.UUID) -> Response:
        await enter(session, context_for(viewer))
        row, content = await open_attachment(session, storage, viewer, file_id)
        return download(session, row.title, row.content_type, row.size, content)

    return app


async def test_a_download(settings: Settings, database: Database) -> None:
    """The whole file comes with all that keeps it from being taken for a page; the reading has been written down
    before, and no connection is held by whoever reads slowly or goes away."""
    resident = sign_in_many(settings, 1)[0]
    viewer = Viewer(resident.session_id, resident.person_id)
    draft, content = new_draft(settings, viewer), TEXT_LINE * 20_000
    async with database.transaction() as session:
        await enter(session, context_for(viewer))
        file = await added(session, settings, viewer, draft, upload(content, title="Ämpäri.txt"))
    transport = httpx.ASGITransport(window(settings, database, viewer))
    async with httpx.AsyncClient(transport=transport, base_url="http://window.test") as browser:
        answer = await browser.get(f"/{file.id}")
    assert answer.content == content
    told = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(content)),
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    assert answer.headers.items() >= told.items()
    assert file_name(answer.headers["content-disposition"]) == "Ämpäri.txt"


async def test_pieces_in_transactions_of_their_own(settings: Settings, database: Database) -> None:
    """Between two pieces the only connection is free; a download within the request's transaction is refused."""
    resident = sign_in_many(settings, 1)[0]
    viewer = Viewer(resident.session_id, resident.person_id)
    draft = new_draft(settings, viewer)
    async with database.transaction() as session:
        await enter(session, context_for(viewer))
        file = await added(session, settings, viewer, draft, upload(TEXT_LINE * 20_000))
    async with database.transaction() as session:
        await enter(session, context_for(viewer))
        row, content = await open_attachment(session, storage_of(session), viewer, uuid.UUID(file.id))
        answer = download(session, row.title, row.content_type, row.size, content)
        with pytest.raises(RuntimeError):
            await anext(aiter(answer.body_iterator))
    answer = download(session, row.title, row.content_type, row.size, content)
    came = b""
    async for piece in answer.body_iterator:
        assert isinstance(piece, bytes)
        came += piece
        async with database.transaction() as other:
            await enter(other, context_for(viewer))
    assert came == TEXT_LINE * 20_000
