"""The files that come with a page of a form: kept one by one, and taken away again."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from app.domain.forms.answering.shown import size_shown
from app.domain.forms.answers import Address
from app.domain.forms.layout import answerable
from app.domain.forms.model import Form
from app.domain.forms.values import File, Value
from app.domain.text import Language
from app.integrations.scanner.port import Scanner
from app.integrations.storage.port import Storage
from app.services.forms.attachments import FileRefused, Upload, add_attachment, remove_attachment
from app.services.forms.drafts import Filling, open_draft, save_answers
from app.services.viewer import Viewer
from app.web.forms_view.names import address_of, file_of
from app.web.i18n import gettext as _

PIECE = 64 * 1024


@dataclass(frozen=True)
class Uploads:
    """Takes in the files of one page that `viewer` sends."""

    session: AsyncSession
    storage: Storage
    scanner: Scanner
    viewer: Viewer
    response_id: uuid.UUID

    async def take(
        self, filling: Filling, shown: Form, files: Mapping[str, Sequence[UploadFile]]
    ) -> dict[Address, FileRefused]:
        """Keep the files of a page of the version `shown`, each in a transaction of its own, because it is looked at
        outside of any that has written; returns why those that were not kept were refused, by question."""
        refused: dict[Address, FileRefused] = {}
        for name, uploads in files.items():
            address = address_of(shown, name)
            item = filling.read.form.by_link.get(address.link_id) if address else None
            if address is None or item is None or item.type != "attachment" or not answerable(item):
                continue
            for one in uploads:
                try:
                    await self._keep(address, one)
                except FileRefused as error:
                    refused[address] = error
                await self.session.commit()
                self.session.info.pop("written", None)  # the next one is looked at outside of a transaction too
        return refused

    async def drop(self, filling: Filling, button: str) -> None:
        """Take the file away that a ”Remove” button names."""
        named = file_of(filling.read.form, button)
        if named is None:
            return
        address, file_id = named
        given = filling.state.answers.of(address)
        gone = [one for one in given if isinstance(one, File) and one.id == file_id]
        await self._forget(filling, gone)
        await save_answers(self.session, filling, {address: tuple(one for one in given if one not in gone)})

    async def _keep(self, address: Address, one: UploadFile) -> None:
        before = await open_draft(self.session, self.viewer, self.response_id, change=False)
        item, given = before.read.form.by_link[address.link_id], before.state.answers.of(address)
        upload = Upload(one.filename or "", _pieces(one), item, len(given) if item.repeats else 0)
        file = await add_attachment(self.session, self.storage, self.scanner, self.viewer, before.response, upload)
        filling = await open_draft(self.session, self.viewer, self.response_id, change=True)
        already = filling.state.answers.of(address)
        if not item.repeats:
            await self._forget(filling, already)
        await save_answers(self.session, filling, {address: (*(already if item.repeats else ()), file)})

    async def _forget(self, filling: Filling, answers: Sequence[Value]) -> None:
        for one in answers:
            if isinstance(one, File):
                file_id = uuid.UUID(one.id)
                await remove_attachment(self.session, self.storage, self.viewer, filling.response, file_id)


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
        "too_much": _("The files are too large together. There is room for %(size)s in all. Remove one first."),
        "wrong_type": _("We can't take this kind of file. Choose one of these: %(kinds)s."),
        "empty": _("The file is empty. Choose another one."),
        "too_many": _("There may be at most %(num)s files. Remove one first."),
        "infected": _("The file was not kept: malware was found in it. Check your device and choose another file."),
        "scanner_away": _("We can't check files just now. Try again in a while, or send the form without the file."),
    }
    return said[error.code] % about
