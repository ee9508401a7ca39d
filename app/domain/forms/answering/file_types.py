"""What kind of file something is, by its content alone: neither its name nor what the browser says is believed.

Only kinds that people attach to forms and staff can open are taken. What could be taken for two kinds at once (a
picture that is also an archive) is none of them, and neither is a document that carries macros.
"""

import codecs
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
HEAD = 1024  # bytes: as far in as a reader of PDF looks for its beginning
LARGEST_DIRECTORY = 256 * 1024  # bytes; the table of contents of an honest document takes some kilobytes
LARGEST_PART = 1024 * 1024
LONGEST_TITLE = 200
_LONGEST_ENDING = 10


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is taken. `endings` of names: the first one is given to a file whose name has none of them;
    `also`: other names of the type that forms use."""

    media_type: str
    endings: tuple[str, ...]
    also: tuple[str, ...] = ()

    def is_named(self, media_type: str) -> bool:
        """Whether a form's `media_type` means this kind; `image/*` means all pictures."""
        wanted = media_type.partition(";")[0].strip().lower()
        group = f"{self.media_type.partition('/')[0]}/*"
        return wanted in {"*/*", group, self.media_type, *self.also}


PDF = FileKind("application/pdf", ("pdf",))
JPEG = FileKind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), ("image/jpg", "image/pjpeg"))
PNG = FileKind("image/png", ("png",))
TIFF = FileKind("image/tiff", ("tif", "tiff"), ("image/tif",))
HEIC = FileKind("image/heic", ("heic", "heif"), ("image/heif",))
DOCX = FileKind(WORD, ("docx",))
ODT = FileKind(OPEN_DOCUMENT, ("odt",))
TEXT = FileKind("text/plain", ("txt",))
KINDS = (PDF, JPEG, PNG, HEIC, TIFF, DOCX, ODT, TEXT)

_BY_SIGNATURE = (PDF, JPEG, PNG, TIFF)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
# Beginnings of texts that programs carry out or draw: pages, scripts, PostScript, RTF.
_NOT_PLAIN = ("<", "#!", "%!", "{\\rtf")
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, KeyError, OSError)


def kinds_for(file_types: Sequence[str]) -> tuple[FileKind, ...]:
    """The kinds that a question takes whose form names these types; all of ours where it names none."""
    return tuple(kind for kind in KINDS if not file_types or any(map(kind.is_named, file_types)))


def kind_of(file: BinaryIO) -> FileKind | None:
    """The kind of a file, None where it is none that is taken. Reads it from its beginning to its end."""
    file.seek(0)
    head = file.read(HEAD)
    if b"%PDF-" in head[1:]:
        return None  # readers of PDF would open it, whatever else it is
    if head.startswith(b"PK\3\4"):
        return _document(file)
    found = _by_signature(file, head) or _text(file, head)
    return None if zipfile.is_zipfile(file) else found


def tidy_title(title: str, kind: FileKind, otherwise: str) -> str:
    """The name under which a file is kept: without its path, without invisible characters, of a bounded length, and
    with an ending of its kind. `otherwise` where nothing is left."""
    name = title.replace("\\", "/").rpartition("/")[2]
    seen = "".join(" " if one.isspace() else one for one in unicodedata.normalize("NFC", name))
    shown = " ".join("".join(one for one in seen if unicodedata.category(one)[0] != "C").split()).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and stem and ending.lower() in kind.endings and len(ending) <= _LONGEST_ENDING:
        return f"{stem[: LONGEST_TITLE - len(ending) - 1]}.{ending}"
    return f"{(shown or otherwise)[: LONGEST_TITLE - len(kind.endings[0]) - 1]}.{kind.endings[0]}"


def _by_signature(file: BinaryIO, head: bytes) -> FileKind | None:
    if head[4:8] == b"ftyp":
        length = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
        return HEIC if brands & _HEIC_BRANDS else None
    file.seek(0)
    try:
        names = {match.mime_type for match in puremagic.magic_stream(file)}
    except (puremagic.PureError, ValueError):  # it knows nothing like this; there is nothing in it
        return None
    found = next((kind for kind in _BY_SIGNATURE if kind.media_type in names), None)
    return None if found is PDF and not head.startswith(b"%PDF-") else found


def _document(file: BinaryIO) -> FileKind | None:
    """A text document of one of the two families of office programs; any other archive is none."""
    if not _has_small_directory(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = [one.filename for one in archive.infolist()]
            if "[Content_Types].xml" in names:
                return DOCX if _is_word(archive, names) else None
            return ODT if _is_open_document(archive, names) else None
    except _BROKEN_ARCHIVE:
        return None


def _has_small_directory(file: BinaryIO) -> bool:
    """Whether the archive's table of contents, which is read as a whole, is as small as that of an honest document
    (its length stands 12 bytes after the last `PK\\5\\6`; the long form `PK\\6\\7` is for gigabytes)."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 66_000))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    return at >= 0 and b"PK\6\7" not in tail and size <= LARGEST_DIRECTORY


def _is_word(archive: zipfile.ZipFile, names: Sequence[str]) -> bool:
    types = _part(archive, "[Content_Types].xml").lower()
    macros = b"macroenabled" in types or b"vbaproject" in types or any("vbaproject" in one.lower() for one in names)
    return "word/document.xml" in names and f"{WORD}.main+xml".encode() in types and not macros


def _is_open_document(archive: zipfile.ZipFile, names: Sequence[str]) -> bool:
    if names[:1] != ["mimetype"] or _part(archive, "mimetype").strip() != OPEN_DOCUMENT.encode():
        return False
    return "content.xml" in names and not any(one.startswith(("Basic/", "Scripts/")) for one in names)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(LARGEST_PART)


def _text(file: BinaryIO, head: bytes) -> FileKind | None:
    """Plain text: UTF-8, or what Windows wrote before that; without control characters."""
    opening = _opening(file, "utf-8-sig")
    if opening is None and not head.startswith(codecs.BOM_UTF8):
        opening = _opening(file, "cp1252")
    return TEXT if opening and not opening.lower().startswith(_NOT_PLAIN) else None


def _opening(file: BinaryIO, encoding: str) -> str | None:
    """The beginning of the text that the whole file is, None where it is none in this encoding."""
    file.seek(0)
    decoder, opening = codecs.getincrementaldecoder(encoding)(), ""
    try:
        while piece := file.read(64 * 1024):
            text = decoder.decode(piece)
            if any(one < " " and one not in "\t\n\r\f" for one in text) or "\x7f" in text:
                return None
            opening = opening or text.lstrip()[:HEAD]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return opening
