"""How a page gets the storage of files: in its signature, working within the page's own transaction."""

from typing import Annotated

from fastapi import Depends, Request

from app.integrations.storage.port import Storage
from app.integrations.storage.postgres import PostgresStorage
from app.web.access import Session


async def file_storage(request: Request, session: Session) -> Storage:
    """The storage, seeing what the reader of the page may see."""
    return PostgresStorage(session, request.app.state.attachment_keys)


FileStorage = Annotated[Storage, Depends(file_storage)]
