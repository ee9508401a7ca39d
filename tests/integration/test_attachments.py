"""Files of forms: kept encrypted, opened by those who may read the response, refused where anything is wrong."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.integrations.storage.port import Unreadable
from app.integrations.storage.postgres import CHUNK
from app.models import Attachment, AttachmentChunk, FormResponse
from app.models.context import enter
from app.services.errors import NotFound
from app.services.forms.attachments import (
    LARGEST,
    MOST,
    FileRefused,
    open_attachment,
    remove_attachment,
)
from app.services.forms.drafts import AlreadySent
from app.services.outside import WriteBeforeOutsideCall
from app.services.viewer import Viewer, context_for
from app.settings import Settings
from app.simulators.scanner.protocol import EICAR
from tests.tools.attachments import TEXT_LINE, added, new_draft, sent, storage_of, stream, upload, whole
from tests.tools.people import sign_in_many
from tests.tools.world import World

As = Callable[[Viewer], AbstractAsyncContextManager[AsyncSession]]
TASK = "families"
FIVE_MEGABYTES = TEXT_LINE * (5 * 1024 * 1024 // len(TEXT_LINE))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)


@pytest.fixture(scope="module")
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of these tests' own."""
    with world.database() as name:
        yield world.settings(name, database_pool=4)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The web's own way to the database."""
    opened = Database.for_web(settings)
    yield opened
    await opened.close()


@pytest.fixture
def as_(database: Database) -> As:
    """A transaction of a page at which somebody looks."""

    @asynccontextmanager
    async def transaction(viewer: Viewer) -> AsyncIterator[AsyncSession]:
        async with database.transaction() as session:
            await enter(session, context_for(viewer))
            yield session

    return transaction


@pytest.fixture(scope="module")
def resident(settings: Settings) -> Viewer:
    return residents(settings, 1)[0]


@pytest.fixture
def draft(settings: Settings, resident: Viewer) -> uuid.UUID:
    """An empty draft of the resident."""
    return new_draft(settings, resident)


def residents(settings: Settings, count: int) -> list[Viewer]:
    return [Viewer(one.session_id, one.person_id) for one in sign_in_many(settings, count)]


def staff(role: str, unit: str, *tasks: str) -> Viewer:
    return Viewer(uuid.uuid4(), staff_id=uuid.uuid4(), roles=(role,), units=(unit,), tasks=tasks)


def query(settings: Settings, statement: str, *values: Any) -> list[Any]:
    """The rows that the worker's role finds or changes."""
    with psycopg.connect(settings.worker_database_url) as connection:
        found = connection.execute(statement.encode(), values)
        return found.fetchall() if found.description else []


async def opened(session: AsyncSession, viewer: Viewer, file_id: str) -> bytes:
    _, content = await open_attachment(session, storage_of(session), viewer, uuid.UUID(file_id))
    return await whole(content)


async def test_five_megabytes_there_and_back(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """What comes out is what went in, in pieces of a bounded size, and the row tells what it is."""
    pieces = [FIVE_MEGABYTES[at : at + 100_000] for at in range(0, len(FIVE_MEGABYTES), 100_000)]
    async with as_(resident) as session:
        file = await added(session, settings, resident, draft, upload(*pieces, title="Lääkärin lausunto.pdf"))
    assert (file.title, file.content_type, file.size) == (
        "Lääkärin lausunto.pdf.txt",
        "text/plain",
        len(FIVE_MEGABYTES),
    )
    async with as_(resident) as session:
        row, content = await open_attachment(session, storage_of(session), resident, uuid.UUID(file.id))
        came = [piece async for piece in content]
    assert b"".join(came) == FIVE_MEGABYTES
    assert max(map(len, came)) <= CHUNK
    assert len(came) == 20
    assert row.scanned_at is not None
    assert len(row.digest) == 32


async def test_nothing_of_the_content_lies_in_the_table(
    as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID
) -> None:
    """Neither words nor repetition of the content are seen in what is kept; the same file is never kept the same."""
    async with as_(resident) as session:
        files = [await added(session, settings, resident, draft, upload(TEXT_LINE * 9000))]
    async with as_(resident) as session:
        files.append(await added(session, settings, resident, draft, upload(TEXT_LINE * 9000)))
    sealed = [
        b"".join(row[0] for row in query(
            settings, "select sealed from attachment_chunk where attachment_id = %s order by number", file.id
        ))
        for file in files
    ]  # fmt: skip
    for one in sealed:
        assert len(one) > 9000 * len(TEXT_LINE)
        assert not [word for word in TEXT_LINE.split() if len(word) > 3 and word in one]
        blocks = [one[at : at + 16] for at in range(0, len(one), 16)]
        assert len(set(blocks)) == len(blocks)
    assert sealed[0][32:] != sealed[1][32:]


TAMPERED = {
    "two swapped": "update attachment_chunk set number = 1 - number + 10 where attachment_id = %(id)s and number < 2;"
    " update attachment_chunk set number = number - 10 where attachment_id = %(id)s and number >= 10",
    "the last one cut off": "delete from attachment_chunk where attachment_id = %(id)s and number = 2",
    "the first one cut off": "delete from attachment_chunk where attachment_id = %(id)s and number = 0",
    "one from the middle": "delete from attachment_chunk where attachment_id = %(id)s and number = 1",
    "one more": "insert into attachment_chunk select attachment_id, 3, sealed from attachment_chunk"
    " where attachment_id = %(id)s and number = 2",
    "one of another file": "update attachment_chunk a set sealed = b.sealed from attachment_chunk b"
    " where a.attachment_id = %(id)s and b.attachment_id = %(other)s and a.number = b.number and a.number = 1",
    "one bit": "update attachment_chunk set sealed = set_byte(sealed, 5000, get_byte(sealed, 5000) # 1)"
    " where attachment_id = %(id)s and number = 1",
    "the number of pieces": "update attachment_chunk set sealed = set_byte(sealed, 10, 2)"
    " where attachment_id = %(id)s; delete from attachment_chunk where attachment_id = %(id)s and number = 2",
    "nothing but a header": "update attachment_chunk set sealed = substr(sealed, 1, 10) where attachment_id = %(id)s",
    "all of it": "delete from attachment_chunk where attachment_id = %(id)s",
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_pieces_open_only_in_their_place(
    as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID, how: str
) -> None:
    """Whoever can write to the table can't change, swap, cut or lend pieces without its being seen."""
    content, files = os.urandom(1) * (2 * CHUNK + 5), []
    for _ in range(2):
        async with as_(resident) as session:
            files.append(await stored(session, draft, content))
    with psycopg.connect(settings.worker_database_url) as connection:
        for statement in TAMPERED[how].split(";"):
            assert connection.execute(statement.encode(), {"id": files[0], "other": files[1]}).rowcount > 0
    async with as_(resident) as session:
        with pytest.raises(Unreadable):
            await whole(await storage_of(session).read(files[0]))
        assert await whole(await storage_of(session).read(files[1])) == content


async def stored(session: AsyncSession, draft: uuid.UUID, content: bytes, *keys: str) -> uuid.UUID:
    """Content put into the storage without being looked at."""
    now = await session.scalar(text("select app_now()"))
    row = Attachment(
        id=uuid.uuid4(), response_id=draft, title="x", content_type="text/plain", size=len(content), digest=b"",
        created_at=now, scanned_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await storage_of(session, *keys).put(row.id, len(content), stream(content))
    return row.id


async def test_keys_are_rotated(as_: As, resident: Viewer, draft: uuid.UUID) -> None:
    """A new key seals from now on; the old one opens what it sealed, as long as the settings have it."""
    async with as_(resident) as session:
        before = await stored(session, draft, b"before", "old")
        after = await stored(session, draft, b"after", "new", "old")
        both, only_new = storage_of(session, "new", "old"), storage_of(session, "new")
        assert await whole(await both.read(before)) == b"before"
        assert await whole(await both.read(after)) == await whole(await only_new.read(after)) == b"after"
        with pytest.raises(Unreadable, match="key"):
            await only_new.read(before)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
async def test_any_size(as_: As, resident: Viewer, draft: uuid.UUID, size: int) -> None:
    """The edges of chunks are no edges of files."""
    content = os.urandom(size)
    async with as_(resident) as session:
        file_id = await stored(session, draft, content)
        assert await whole(await storage_of(session).read(file_id)) == content


@pytest.mark.parametrize("size", [4, 6, 2 * CHUNK])
async def test_another_size_than_was_told(as_: As, resident: Viewer, draft: uuid.UUID, size: int) -> None:
    """Content that ends early or goes on is not kept as if it were whole."""
    async with as_(resident) as session:
        file_id = await stored(session, draft, b"")
        await storage_of(session).delete(file_id)
        with pytest.raises(ValueError, match="came than was told"):
            await storage_of(session).put(file_id, size, stream(b"12345"))
        await session.rollback()


async def test_only_who_sees_the_response_sees_the_file(as_: As, settings: Settings) -> None:
    """A draft's file is its filler's alone: not another person's, another browser's, or any staff's."""
    owner, other = residents(settings, 2)
    anonymous, browser = Viewer(uuid.uuid4()), Viewer(uuid.uuid4())
    foreign = {
        owner: [other, browser, staff("triage_nurse", "mikkeli"), staff("operator", "mikkeli")],
        anonymous: [owner, browser, staff("triage_nurse", "mikkeli")],
    }
    for viewer, others in foreign.items():
        draft = new_draft(settings, viewer)
        async with as_(viewer) as session:
            file = await added(session, settings, viewer, draft)
            assert await opened(session, viewer, file.id) == TEXT_LINE
        for one in others:
            await refused_to(as_, one, draft, file.id)


async def refused_to(as_: As, viewer: Viewer, draft: uuid.UUID, file_id: str) -> None:
    """Neither the service nor the tables themselves show anything to this viewer, and nothing can be removed."""
    async with as_(viewer) as session:
        with pytest.raises(NotFound):
            await opened(session, viewer, file_id)
        with pytest.raises(NotFound):
            await remove_attachment(session, storage_of(session), viewer, FormResponse(id=draft), uuid.UUID(file_id))
        with pytest.raises(Unreadable):
            await storage_of(session).read(uuid.UUID(file_id))
        for column in (Attachment.id, AttachmentChunk.attachment_id):
            assert await session.scalar(select(func.count()).where(column == uuid.UUID(file_id))) == 0
        await storage_of(session).delete(uuid.UUID(file_id))


@pytest.mark.parametrize(
    ("register", "task", "reads", "others"),
    [
        (
            "patient",
            None,
            staff("triage_nurse", "mikkeli"),
            [staff("triage_nurse", "savonlinna"), staff("social_worker", "mikkeli", TASK)],
        ),
        (
            "social",
            TASK,
            staff("social_worker", "mikkeli", TASK),
            [staff("social_worker", "mikkeli", "older_people"), staff("triage_nurse", "mikkeli")],
        ),
    ],
)
async def test_staff_of_the_case_read_it(
    as_: As, settings: Settings, register: str, task: str | None, reads: Viewer, others: list[Viewer]
) -> None:
    """A sent file is read by the case's staff and its sender; another unit, register or service task sees nothing."""
    owner = residents(settings, 1)[0]
    draft = new_draft(settings, owner, register, task)
    async with as_(owner) as session:
        file = await added(session, settings, owner, draft)
    sent(settings, draft, "mikkeli")
    for viewer in (owner, reads):
        async with as_(viewer) as session:
            assert await opened(session, viewer, file.id) == TEXT_LINE
    for one in others:
        await refused_to(as_, one, draft, file.id)
    assert readings(settings, file.id) == [
        (str(owner.person_id), "own matters", register), (str(reads.staff_id), "handling the case", register)
    ]  # fmt: skip


def readings(settings: Settings, file_id: str) -> list[tuple[str, str, str]]:
    """Who has opened the file, as the trail tells."""
    rows = query(
        settings,
        "select actor_id::text, purpose, register from audit_event where action = 'read' and target_kind = 'attachment'"
        " and target_id = %s order by id",
        file_id,
    )
    return [(actor, purpose, register) for actor, purpose, register in rows]


async def test_what_was_sent_stays(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """After sending no file comes or goes, by the service or past it."""
    async with as_(resident) as session:
        file = await added(session, settings, resident, draft)
        stale = await session.get_one(FormResponse, draft)
    sent(settings, draft, "mikkeli")
    async with as_(resident) as session:
        with pytest.raises(AlreadySent):
            await added(session, settings, resident, draft)
    for viewer, refusal in ((resident, AlreadySent), (staff("triage_nurse", "mikkeli"), NotFound)):
        async with as_(viewer) as session:
            with pytest.raises(refusal):
                await remove_attachment(session, storage_of(session), viewer, stale, uuid.UUID(file.id))
            gone = await session.execute(delete(Attachment).where(Attachment.id == uuid.UUID(file.id)))
            assert gone.rowcount == 0  # type: ignore[attr-defined]
            with pytest.raises(DBAPIError, match="row-level security"):
                await stored(session, draft, b"x")
            await session.rollback()
    async with as_(resident) as session:
        assert await opened(session, resident, file.id) == TEXT_LINE


async def test_files_go_with_their_draft(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """Whoever throws a draft away throws its files away, to the last chunk; one file goes alone when it is removed."""
    files = []
    for _ in range(2):
        async with as_(resident) as session:
            files.append(await added(session, settings, resident, draft))
    count = "select count(*) from attachment_chunk where attachment_id = any(%s::uuid[])"
    assert query(settings, count, [file.id for file in files]) == [(2,)]
    async with as_(resident) as session:
        response = await session.get_one(FormResponse, draft)
        for _ in range(2):  # twice: the button was pressed in two tabs
            await remove_attachment(session, storage_of(session), resident, response, uuid.UUID(files[0].id))
    assert query(settings, count, [file.id for file in files]) == [(1,)]
    async with as_(resident) as session:
        await session.execute(delete(FormResponse).where(FormResponse.id == draft))
    assert query(settings, count, [file.id for file in files]) == [(0,)]
    assert query(settings, "select count(*) from attachment where response_id = %s", draft) == [(0,)]


async def refusal_of(as_: As, settings: Settings, viewer: Viewer, draft: uuid.UUID, **how: Any) -> FileRefused:
    """Why a file was refused; nothing of it is kept."""
    pieces = how.pop("pieces", (TEXT_LINE,))
    async with as_(viewer) as session:
        before = query(settings, "select count(*) from attachment_chunk")
        with pytest.raises(FileRefused) as refused:
            await added(session, settings, viewer, draft, upload(*pieces, **how))
    assert query(settings, "select count(*) from attachment_chunk") == before
    return refused.value


async def test_refusals(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """Too large, empty, of a kind that is not taken here, infected, one too many: each says what it needs to say."""

    async def why(**how: Any) -> tuple[str, object]:
        refused = await refusal_of(as_, settings, resident, draft, **how)
        return refused.code, refused.largest or refused.most or tuple(kind.endings[0] for kind in refused.kinds)

    assert await why(pieces=[bytes(CHUNK)] * (LARGEST // CHUNK) + [b"x"]) == ("too_large", LARGEST)
    assert await why(largest_file=10) == ("too_large", 10)
    assert await why(pieces=[PNG * 400_000], largest_file=10**9) == ("too_large", LARGEST)
    assert await why(pieces=[b""]) == ("empty", ())
    assert await why(pieces=[b"MZ\x00"]) == ("wrong_type", ("pdf", "jpg", "png", "heic", "tif", "docx", "odt", "txt"))
    assert await why(pieces=[PNG], file_types=("application/pdf",)) == ("wrong_type", ("pdf",))
    assert await why(pieces=[EICAR]) == ("infected", ())
    assert await why(given=MOST) == ("too_many", MOST)


async def test_no_more_than_ten(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """A response has at most ten files, also where the last two come at the same moment."""
    for _ in range(MOST - 1):
        async with as_(resident) as session:
            await added(session, settings, resident, draft)

    async def one_more() -> str:
        async with as_(resident) as session:
            try:
                await added(session, settings, resident, draft)
            except FileRefused as refused:
                return refused.code
            return "kept"

    assert sorted(await asyncio.gather(one_more(), one_more())) == ["kept", "too_many"]
    assert query(settings, "select count(*) from attachment where response_id = %s", draft) == [(MOST,)]


@pytest.mark.parametrize("mode", ["slow", "error", "refuse", "drop", "malformed"])
async def test_nothing_is_kept_unseen(
    as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID, fault: Callable[..., None], mode: str
) -> None:
    """While the scanner is away or says nonsense no file is kept; the draft is as it was, and later it works."""
    fault("scanner", mode, seconds=3)
    assert (await refusal_of(as_, settings, resident, draft)).code == "scanner_away"
    fault("scanner", "none")
    async with as_(resident) as session:
        assert (await added(session, settings, resident, draft)).size == len(TEXT_LINE)


async def test_nothing_is_written_before_the_scan(
    as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID
) -> None:
    """A page that has written may not have a file looked at; and while it is looked at no connection is held."""
    async with as_(resident) as session:
        (await session.get_one(FormResponse, draft)).page = "2"
        with pytest.raises(WriteBeforeOutsideCall):
            await added(session, settings, resident, draft)
        await session.rollback()

    held: list[bool] = []

    async def watched(session: AsyncSession) -> AsyncIterator[bytes]:
        held.append(session.in_transaction())
        yield TEXT_LINE

    async with as_(resident) as session:
        one = upload()
        await added(session, settings, resident, draft, type(one)(one.title, watched(session), one.question))
    assert held == [False]


async def test_the_draft_is_fresh_afterwards(
    as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID, database: Database
) -> None:
    """What another tab saved while the file came in is there when the page goes on."""

    async def while_coming() -> AsyncIterator[bytes]:
        async with as_(resident) as other:
            (await other.get_one(FormResponse, draft)).page = "9"
        yield TEXT_LINE

    async with as_(resident) as session:
        response = await session.get_one(FormResponse, draft)
        one = upload()
        await added(session, settings, resident, draft, type(one)(one.title, while_coming(), one.question))
        assert response.page == "9"
        response.page = "10"
    async with as_(resident) as session:
        assert (await session.get_one(FormResponse, draft)).page == "10"


async def test_the_trail_tells_of_files(as_: As, settings: Settings, resident: Viewer, draft: uuid.UUID) -> None:
    """Adding, reading and removing are told to the person; of a notice of concern nothing is."""
    async with as_(resident) as session:
        file = await added(session, settings, resident, draft)
        await opened(session, resident, file.id)
        response = await session.scalar(select(FormResponse).where(FormResponse.id == draft))
        assert response is not None
        await remove_attachment(session, storage_of(session), resident, response, uuid.UUID(file.id))
    told = "select action, subject_id from audit_event where target_kind = 'attachment' and target_id = %s order by id"
    subject = resident.subject_id
    assert query(settings, told, file.id) == [(word, subject) for word in ("add_file", "read", "remove_file")]
    nobody = Viewer(uuid.uuid4())
    concern = new_draft(settings, nobody)
    async with as_(nobody) as session:
        file = await added(session, settings, nobody, concern)
        await opened(session, nobody, file.id)
    assert query(settings, told, file.id) == []
