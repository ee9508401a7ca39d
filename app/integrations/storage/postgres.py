"""Files in PostgreSQL: in the same transaction as the rows that they belong to, behind the same row-level policies."""

import uuid
from collections.abc import AsyncIterable, AsyncIterator

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.storage.port import Unreadable
from app.integrations.storage.sealing import ChunkKeys
from app.models import AttachmentChunk

CHUNK = 256 * 1024  # bytes


class PostgresStorage:
    """Implements the port `Storage` for the attachments of one session: it sees those that the session's reader may
    see. The row of an attachment comes before its content."""

    def __init__(self, session: AsyncSession, keys: ChunkKeys) -> None:
        self._session = session
        self._keys = keys

    async def put(self, file_id: uuid.UUID, size: int, content: AsyncIterable[bytes]) -> None:
        total, number, came = max(1, -(-size // CHUNK)), 0, 0
        async for piece in _chunks(content):
            came += len(piece)
            if came > size:
                raise ValueError("more came than was told")
            sealed = self._keys.seal(file_id, number, total, piece)
            row = insert(AttachmentChunk).values(attachment_id=file_id, number=number, sealed=sealed)
            await self._session.execute(row)
            number += 1
        if came != size:
            raise ValueError("less came than was told")

    async def read(self, file_id: uuid.UUID) -> AsyncIterator[bytes]:
        counted = select(func.count()).where(AttachmentChunk.attachment_id == file_id)
        there = await self._session.scalar(counted)
        first, total = self._keys.open(file_id, 0, await self._sealed(file_id, 0))
        if there != total:
            raise Unreadable("there are more or fewer pieces than there were")
        return self._all(file_id, first, total)

    async def delete(self, file_id: uuid.UUID) -> None:
        await self._session.execute(delete(AttachmentChunk).where(AttachmentChunk.attachment_id == file_id))

    async def _all(self, file_id: uuid.UUID, first: bytes, total: int) -> AsyncIterator[bytes]:
        yield first
        for number in range(1, total):
            content, same = self._keys.open(file_id, number, await self._sealed(file_id, number))
            if same != total:
                raise Unreadable("a piece is of an earlier content")
            yield content

    async def _sealed(self, file_id: uuid.UUID, number: int) -> bytes:
        chunk = AttachmentChunk.attachment_id == file_id, AttachmentChunk.number == number
        sealed = await self._session.scalar(select(AttachmentChunk.sealed).where(*chunk))
        if sealed is None:
            raise Unreadable("a piece is missing")
        return sealed


async def _chunks(content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The content in chunks of one size, the last one smaller; one empty chunk where there is nothing."""
    waiting, begun = bytearray(), False
    async for piece in content:
        waiting += piece
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
            begun = True
    if waiting or not begun:
        yield bytes(waiting)
