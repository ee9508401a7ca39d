"""Files of forms in a case, given out to staff who may read the case."""

import uuid

from fastapi import APIRouter
from starlette.responses import Response

from app.services.forms.attachments import open_case_attachment
from app.web.access import Session, Staff
from app.web.downloads import download
from app.web.file_storage import FileStorage

router = APIRouter(prefix="/{lang}/staff/files")


@router.get("/{attachment_id}", name="staff_form_file")
async def case_file(session: Session, storage: FileStorage, staff: Staff, attachment_id: uuid.UUID) -> Response:
    """A file of a form in a case that the member of staff may read."""
    row, content = await open_case_attachment(session, storage, staff, attachment_id)
    return download(session, row.title, row.content_type, row.size, content)
