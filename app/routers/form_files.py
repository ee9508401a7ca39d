"""Files of forms: taken in with a page of a draft, and given out to whoever may read the form."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.domain.forms.answers import Address
from app.domain.forms.shown import size_shown
from app.domain.forms.values import File, Value
from app.domain.text import Language
from app.integrations.scanner.port import Scanner
from app.integrations.storage.postgres import PostgresStorage
from app.services.forms.attachments import (
    FileRefused,
    Upload,
    add_attachment,
    open_attachment,
    remove_attachment,
)
from app.services.forms.drafts import Filling, open_draft, save_answers
from app.services.viewer import Viewer
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Staff, StaffDoor
from app.web.downloads import download
from app.web.forms import Form, read_files
from app.web.forms_view.names import address_of, file_of
from app.web.i18n import gettext as _

router = APIRouter(prefix="/{lang}/forms/files")
staff_router = APIRouter(prefix="/{lang}/staff/files")

PIECE = 64 * 1024


@router.get("/{attachment_id}", name="form_file", dependencies=[SURE_OF_RIGHT])
async def own_file(page: PublicPage, session: Session, attachment_id: uuid.UUID) -> Response:
    """A file of a form that the resident may read."""
    row, content = await open_attachment(session, _storage(page.request, session), page.viewer, attachment_id)
    return download(session, row.title, row.content_type, row.size, content)


@staff_router.get("/{attachment_id}", name="staff_form_file")
async def case_file(page: StaffDoor, session: Session, staff: Staff, attachment_id: uuid.UUID) -> Response:
    """A file of a form in a case that the member of staff may read."""
    row, content = await open_attachment(session, _storage(page.request, session), staff, attachment_id)
    return download(session, row.title, row.content_type, row.size, content)


async def take_files(
    request: Request, session: Session, scanner: Scanner, viewer: Viewer, filling: Filling, language: Language
) -> Mapping[Address, str]:
    """Keep the files that came with a page, each in a transaction of its own; returns why those that were not kept
    were refused, by question."""
    refused: dict[Address, str] = {}
    form = filling.read.form
    for name, uploads in (await read_files(request)).items():
        address = address_of(form, name)
        if address is None or form.by_link[address.link_id].type != "attachment":
            continue
        for one in uploads:
            try:
                await _keep(request, session, scanner, viewer, filling.response.id, address, one)
            except FileRefused as error:
                refused[address] = refusal_text(error, language)
            await session.commit()  # a file is looked at outside of any transaction that has written
    return refused


async def _keep(
    request: Request,
    session: Session,
    scanner: Scanner,
    viewer: Viewer,
    response_id: uuid.UUID,
    address: Address,
    one: UploadFile,
) -> None:
    before = await open_draft(session, viewer, response_id, change=False)
    item, given = before.read.form.by_link[address.link_id], before.state.answers.of(address)
    upload = Upload(one.filename or "", _pieces(one), item, len(given) if item.repeats else 0)
    storage = _storage(request, session)
    file = await add_attachment(session, storage, scanner, viewer, before.response, upload)
    filling = await open_draft(session, viewer, response_id, change=True)
    already = filling.state.answers.of(address)
    if not item.repeats:
        await _forget(request, session, viewer, filling, already)
        already = ()
    await save_answers(session, filling, {address: (*already, file)})


async def drop_file(request: Request, session: Session, viewer: Viewer, filling: Filling, form: Form) -> None:
    """Take the file away that a ”Remove” button names."""
    named = file_of(filling.read.form, form.value("detach"))
    if named is None:
        return
    address, file_id = named
    given = filling.state.answers.of(address)
    gone = [one for one in given if isinstance(one, File) and one.id == file_id]
    await _forget(request, session, viewer, filling, gone)
    await save_answers(session, filling, {address: tuple(one for one in given if one not in gone)})


async def _forget(
    request: Request, session: Session, viewer: Viewer, filling: Filling, answers: Sequence[Value]
) -> None:
    storage = _storage(request, session)
    for one in answers:
        if isinstance(one, File):
            await remove_attachment(session, storage, viewer, filling.response, uuid.UUID(one.id))


def _storage(request: Request, session: Session) -> PostgresStorage:
    return PostgresStorage(session, request.app.state.attachment_keys)


async def _pieces(one: UploadFile) -> AsyncIterator[bytes]:
    while piece := await one.read(PIECE):
        yield piece


def refusal_text(error: FileRefused, language: Language) -> str:
    """Why a file was not kept and what to do."""
    about = {
        "size": size_shown(error.largest, language),
        "kinds": ", ".join(sorted({kind.endings[0].lstrip(".").upper() for kind in error.kinds})),
        "num": error.most,
    }
    said = {
        "too_large": _("The file is too large. It may have at most %(size)s."),
        "wrong_type": _("We can't take this kind of file. Choose one of these: %(kinds)s."),
        "empty": _("The file is empty. Choose another one."),
        "too_many": _("There may be at most %(num)s files. Remove one first."),
        "infected": _("The file was not kept: malware was found in it. Check your device and choose another file."),
        "scanner_away": _("We can't check files just now. Try again in a while, or send the form without the file."),
    }
    return said[error.code] % about
