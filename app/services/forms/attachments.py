"""Files that residents add to a form: looked at before they are kept, read by whoever may read the response."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Literal, cast

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.forms.answering.file_types import FileKind, kind_of, kinds_for, tidy_title
from app.domain.forms.model import Item
from app.domain.forms.values import File
from app.integrations.http import OutsideError
from app.integrations.scanner.port import Found, Scanner
from app.integrations.storage.port import Storage
from app.models import Attachment, Case, FormResponse
from app.services.audit import trail
from app.services.cases.queue import HANDLING
from app.services.cases.special_access import PURPOSE as SPECIAL
from app.services.cases.special_access import live_access
from app.services.clock import read_clock
from app.services.errors import DomainError, NotFound
from app.services.forms.drafts import AlreadySent, DraftGone
from app.services.forms.limits import FILES, FILES_HERE
from app.services.outside import before_outside_call
from app.services.viewer import Viewer

log = structlog.get_logger(__name__)

LARGEST = 10 * 1024 * 1024  # bytes
MOST = 10  # files of one response
IN_MEMORY = 1024 * 1024  # bytes; a larger file waits in a nameless file on disk until it has been looked at
PIECE = 64 * 1024
OWN = "own matters"

Refusal = Literal["too_large", "too_much", "wrong_type", "empty", "too_many", "infected", "scanner_away"]


class FileRefused(DomainError):
    """A file was not added, and nothing of it was kept; the rest of the form is as it was.

    too_large: more than `largest` bytes; too_much: all files together would be. wrong_type: by its content it is none
    of `kinds`. too_many: there are `most` already, in the response or to the question. infected: malware was found.
    scanner_away: nobody could look for it now; the form can be sent without the file, or the file added later.
    """

    def __init__(self, code: Refusal, *, largest: int = 0, most: int = 0, kinds: tuple[FileKind, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.largest = largest
        self.most = most
        self.kinds = kinds


@dataclass(frozen=True)
class Upload:
    """A file on its way in, under the name that the browser gave it, as an answer to `question`, which has `given`
    files already."""

    title: str
    content: AsyncIterable[bytes]
    question: Item
    given: int = 0

    @property
    def largest(self) -> int:
        """How many bytes are taken."""
        return min(LARGEST, self.question.bounds.largest_file or LARGEST)

    @property
    def kinds(self) -> tuple[FileKind, ...]:
        """The kinds of files that are taken."""
        return kinds_for(self.question.bounds.file_types)


@dataclass(frozen=True)
class _Seen:
    """What is known of a file that has come in and been looked at."""

    kind: FileKind
    size: int
    digest: bytes


async def add_attachment(
    session: AsyncSession, storage: Storage, scanner: Scanner, viewer: Viewer, response: FormResponse, upload: Upload
) -> File:
    """Keep a file with the viewer's draft; the value returned is to be put into the draft's answers.

    Nothing may have been written in the transaction before: while the file comes in and is looked at, the connection
    is given back. After that the draft is locked, and `response` as it is now: answers that were read before may be
    old. Raises FileRefused, DraftGone, AlreadySent, WriteBeforeOutsideCall.
    """
    await _refuse_too_many(session, response, upload)
    await before_outside_call(session)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        file = cast(BinaryIO, spool)
        seen = await _look_at(file, upload)
        await _refuse_malware(scanner, file)
        await _lock_draft(session, response)
        await _refuse_too_many(session, response, upload, seen.size)
        row = await _new_row(session, response, upload.title, seen)
        await storage.put(row.id, seen.size, _pieces(file))
    await _audit(session, viewer, "add_file", row, response)
    return File(str(row.id), row.content_type, row.title, row.size)


async def open_attachment(
    session: AsyncSession, storage: Storage, viewer: Viewer | None, attachment_id: uuid.UUID, reason: str | None = None
) -> tuple[Attachment, AsyncIterator[bytes]]:
    """A file and its content, for whoever sees the response that it belongs to; the reading is audited.

    `reason`: the code of the special reason for which a member of staff has opened the case. Raises NotFound, also for
    what the viewer may not see; Unreadable where the content is not what was kept.
    """
    query = select(Attachment, FormResponse).join(FormResponse, FormResponse.id == Attachment.response_id)
    found = (await session.execute(query.where(Attachment.id == attachment_id))).one_or_none()
    if found is None or viewer is None:
        raise NotFound
    row, response = found
    content = await storage.read(row.id)
    if response.subject_id is not None or viewer.staff_id is not None:
        await trail.record(
            session,
            await read_clock(session),
            viewer,
            "read",
            ("attachment", row.id),
            subject_id=response.subject_id,
            register=response.register,
            service_task=response.service_task,
            purpose=SPECIAL if reason else HANDLING if viewer.staff_id else OWN,
            reason=reason,
        )
    return row, content


async def open_case_attachment(
    session: AsyncSession, storage: Storage, staff: Viewer, attachment_id: uuid.UUID
) -> tuple[Attachment, AsyncIterator[bytes]]:
    """A file in a case that `staff` handles or has opened with a special reason, which the trail then tells. Raises as
    `open_attachment`."""
    query = select(Case).join(FormResponse, FormResponse.case_id == Case.id)
    query = query.join(Attachment, Attachment.response_id == FormResponse.id).where(Attachment.id == attachment_id)
    case = await session.scalar(query)
    if case is None:
        raise NotFound
    reason = None
    if case.unit_code not in staff.units:
        access = await live_access(session, staff, case, (await read_clock(session)).now)
        if access is None:
            raise NotFound
        reason = access.reason
    return await open_attachment(session, storage, staff, attachment_id, reason)


async def remove_attachment(
    session: AsyncSession, storage: Storage, viewer: Viewer, response: FormResponse, attachment_id: uuid.UUID
) -> None:
    """Remove a file of a draft. One that the draft only refers to, because it corrects an earlier response, stays with
    that. Raises DraftGone, AlreadySent."""
    await _lock_draft(session, response)
    query = select(Attachment).where(Attachment.id == attachment_id, Attachment.response_id == response.id)
    row = await session.scalar(query)
    if row is None:
        return
    await storage.delete(row.id)
    await session.delete(row)
    await _audit(session, viewer, "remove_file", row, response)


async def _refuse_too_many(session: AsyncSession, response: FormResponse, upload: Upload, size: int = 1) -> None:
    """`size` in bytes, one at least while it is not known yet."""
    question = upload.question
    most_here = question.max_occurs or (MOST if question.repeats else 1)
    if upload.given >= most_here:
        raise FileRefused("too_many", most=most_here)
    counted = select(func.count()).where(Attachment.response_id == response.id)
    if (await session.scalar(counted) or 0) >= MOST:
        raise FileRefused("too_many", most=MOST)
    room = FILES_HERE if response.subject_id is None else FILES
    if await _kept(session, response) + size > room:
        raise FileRefused("too_much", largest=room)


async def _kept(session: AsyncSession, response: FormResponse) -> int:
    """Bytes of the files that count together: those of the response, or of all that this browser has begun."""
    query = select(func.coalesce(func.sum(Attachment.size), 0))
    if response.subject_id is not None:
        return await session.scalar(query.where(Attachment.response_id == response.id)) or 0
    begun = (FormResponse.session_id == response.session_id, FormResponse.subject_id.is_(None))
    query = query.join(FormResponse, FormResponse.id == Attachment.response_id)
    return await session.scalar(query.where(*begun, FormResponse.state == "draft")) or 0


async def _look_at(file: BinaryIO, upload: Upload) -> _Seen:
    """Take the content in, and see what it is. Raises FileRefused as soon as that is known."""
    size, digest = 0, hashlib.sha256()
    async for piece in upload.content:
        size += len(piece)
        if size > upload.largest:
            raise FileRefused("too_large", largest=upload.largest)
        digest.update(piece)
        file.write(piece)
    if size == 0:
        raise FileRefused("empty")
    kind = await asyncio.to_thread(kind_of, file)  # reads it whole
    if kind is None or kind not in upload.kinds:
        raise FileRefused("wrong_type", kinds=upload.kinds)
    return _Seen(kind, size, digest.digest())


async def _refuse_malware(scanner: Scanner, file: BinaryIO) -> None:
    try:
        verdict = await scanner.scan(_pieces(file))
    except OutsideError as error:
        raise FileRefused("scanner_away") from error
    if isinstance(verdict, Found):
        log.warning("file_infected", signature=verdict.name)
        raise FileRefused("infected")


async def _lock_draft(session: AsyncSession, response: FormResponse) -> None:
    """Nobody else changes the draft until the transaction ends, and `response` is as it is now. Raises DraftGone,
    AlreadySent."""
    query = select(FormResponse).where(FormResponse.id == response.id)
    query = query.with_for_update().execution_options(populate_existing=True)
    # One that was sent while this waited for its lock: its case shows itself only to a look that begins afterwards.
    locked = await session.scalar(query) or await session.scalar(query)
    if locked is None:
        raise DraftGone
    if locked.state == "sent":
        raise AlreadySent(locked.id)


async def _new_row(session: AsyncSession, response: FormResponse, title: str, seen: _Seen) -> Attachment:
    clock = await read_clock(session)
    row = Attachment(
        id=uuid.uuid4(),
        response_id=response.id,
        title=tidy_title(title, seen.kind, str(clock.today)),
        content_type=seen.kind.media_type,
        size=seen.size,
        digest=seen.digest,
        created_at=clock.now,
        scanned_at=clock.now,
    )
    session.add(row)
    await session.flush()
    return row


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


async def _audit(session: AsyncSession, viewer: Viewer, action: str, row: Attachment, response: FormResponse) -> None:
    """What somebody does with a form of a person's; nothing of a notice of concern, which is nobody's."""
    if response.subject_id is None:
        return
    await trail.record(
        session,
        await read_clock(session),
        viewer,
        action,
        ("attachment", row.id),
        subject_id=response.subject_id,
        register=response.register,
        service_task=response.service_task,
    )
