"""The port of the storage of files: bytes under an id, streamed both ways, never whole in memory.

Who may read them is not decided here: the storage works within a transaction, and sees what that sees.
"""

import uuid
from collections.abc import AsyncIterable, AsyncIterator
from typing import Protocol


class Unreadable(Exception):
    """The content is not there as it was put: a piece is missing, changed or of another file, or sealed by a key that
    the settings don't have (any more). The message says which, and nothing of the content."""


class Storage(Protocol):
    """Keeps contents by the id of their file."""

    async def put(self, file_id: uuid.UUID, size: int, content: AsyncIterable[bytes]) -> None:
        """Keep `size` bytes. Raises ValueError where there come more or fewer; what has been put then is of no use,
        and the transaction must not be committed."""

    async def read(self, file_id: uuid.UUID) -> AsyncIterator[bytes]:
        """The content in order. Raises Unreadable at once where it can be known at once, else while it is read.

        A transaction that has ended meanwhile does no harm: the next piece is read in a new one of the same reader.
        """

    async def delete(self, file_id: uuid.UUID) -> None:
        """Remove the content; nothing happens where there is none."""
