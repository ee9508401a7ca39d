"""Files of forms, given out to the resident who may read the form."""

import uuid

from fastapi import APIRouter
from starlette.responses import Response

from app.services.forms.attachments import open_attachment
from app.web.access import SURE_OF_RIGHT, PublicPage, Session
from app.web.downloads import download
from app.web.file_storage import FileStorage

router = APIRouter(prefix="/{lang}/forms/files")


@router.get("/{attachment_id}", name="form_file", dependencies=[SURE_OF_RIGHT])
async def own_file(page: PublicPage, session: Session, storage: FileStorage, attachment_id: uuid.UUID) -> Response:
    """A file of a form that the resident may read."""
    row, content = await open_attachment(session, storage, page.viewer, attachment_id)
    return download(session, row.title, row.content_type, row.size, content)
