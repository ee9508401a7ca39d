"""Small files of the kinds that forms take."""

import base64
from collections.abc import Mapping

from app.domain.forms.answering.file_types import JPEG, PDF, PNG, TEXT, FileKind, kinds_for
from app.domain.forms.model import Item

Sample = tuple[str, bytes, str]  # its name, content and media type, as a browser sends them

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_CONTENT: Mapping[FileKind, bytes] = {
    PDF: b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    PNG: base64.b64decode(_PIXEL),
    JPEG: bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9"),
    TEXT: b"Vastaus tiedostossa.\n",
}


def sample_for(item: Item) -> Sample | None:
    """A file that the question takes; None where it takes none of these kinds."""
    kind = next((kind for kind in kinds_for(item.bounds.file_types) if kind in _CONTENT), None)
    return (f"liite.{kind.endings[0]}", _CONTENT[kind], kind.media_type) if kind else None
