"""Files that go out to be kept by the reader: never shown as a page of ours, never kept on the way."""

import unicodedata
from collections.abc import AsyncIterator
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

# What a browser that opens it all the same may do with it: nothing.
POLICY = "; ".join(("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'", "sandbox"))
_ATTR_CHAR = "!#$&+-.^_`|~"  # beside letters and figures: what RFC 8187 lets stand in a value as it is


def download(
    session: AsyncSession, title: str, media_type: str, size: int, content: AsyncIterator[bytes]
) -> StreamingResponse:
    """The answer with a file of `size` bytes; `content` is read from the database with the request's session.

    The request's transaction must have ended when the answer is sent (a session in function scope): each piece is read
    in a short one of its own, so that somebody with a slow line keeps no connection.
    """
    headers = {
        "Content-Disposition": disposition(title),
        "Content-Length": str(size),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_one_by_one(session, content), media_type=media_type, headers=headers)


def disposition(title: str) -> str:
    """The header that has a file saved under `title` (RFC 6266), with a name of plain letters for old programs."""
    decomposed = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = "".join(one if one.isalnum() or one in " -._()" else "_" for one in decomposed).strip() or "_"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title, safe=_ATTR_CHAR)}"


async def _one_by_one(session: AsyncSession, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if session.in_transaction():
        raise RuntimeError("a file would be sent before the request's transaction has ended")
    async for piece in content:
        await session.rollback()  # gives the connection back; nothing has been written
        yield piece
