"""A file is what its content says, whatever its name and its sender say; what is two things at once is refused."""

import io
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forms.answering.file_types import (
    DOCX,
    HEIC,
    JPEG,
    KINDS,
    LONGEST_TITLE,
    ODT,
    OPEN_DOCUMENT,
    PDF,
    PNG,
    TEXT,
    TIFF,
    WORD,
    FileKind,
    kind_of,
    kinds_for,
    tidy_title,
)

TYPES = '<Types><Override PartName="/word/document.xml" ContentType="{}"/></Types>'
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
VBA = "application/vnd.ms-office.vbaProject"


def archive(**members: str | bytes) -> bytes:
    """An archive of members in this order; `__` in a name stands for a slash, `_DOT_` for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return made.getvalue()


def word(types: str = f"{WORD}.main+xml", **more: str | bytes) -> bytes:
    content_types = {"[Content_Types]_DOT_xml": TYPES.format(types)}
    return archive(**content_types, word__document_DOT_xml="<w:document/>", **more)


def open_document(mimetype: str = OPEN_DOCUMENT, **more: str | bytes) -> bytes:
    return archive(mimetype=mimetype, content_DOT_xml="<office:document-content/>", **more)


PDF_FILE = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG_FILE = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(60) + b"\xff\xd9"
PNG_FILE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
TIFF_FILE = b"II*\x00\x08\x00\x00\x00" + bytes(20)
HEIC_FILE = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + bytes(40)
TEXT_FILE = "Hei, äiti!\nTässä ne 3 asiaa.\n".encode()

TAKEN: Mapping[str, tuple[bytes, FileKind]] = {
    "pdf": (PDF_FILE, PDF),
    "jpeg with exif": (JPEG_FILE, JPEG),
    "jpeg with jfif": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(60) + b"\xff\xd9", JPEG),
    "plain jpeg": (b"\xff\xd8\xff\xdb\x00\x43" + bytes(60) + b"\xff\xd9", JPEG),
    "jpeg with a film behind it, as phones make": (JPEG_FILE + b"\x00\x00\x00\x18ftypmp42" + bytes(60), JPEG),
    "png": (PNG_FILE, PNG),
    "tiff": (TIFF_FILE, TIFF),
    "tiff of the other order": (b"MM\x00*\x00\x00\x00\x08" + bytes(20), TIFF),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40), HEIC),
    "heic under its other brand": (HEIC_FILE, HEIC),
    "docx": (word(), DOCX),
    "odt": (open_document(), ODT),
    "text": (TEXT_FILE, TEXT),
    "text with a mark of its encoding": (b"\xef\xbb\xbf" + TEXT_FILE, TEXT),
    "text of old Windows": ("Hyvää yötä – €5".encode("cp1252"), TEXT),
    "text that begins like an archive": (b"PK-yritys", TEXT),
    "text that begins like a program": (b"MZ on nimikirjaimeni", TEXT),
}
REFUSED: Mapping[str, bytes] = {
    "nothing": b"",
    "program for Windows": b"MZ\x90\x00\x03" + bytes(100),
    "program for Linux": b"\x7fELF\x02\x01\x01" + bytes(100),
    "shell script": b"#!/bin/sh\nrm -r ~\n",
    "web page": b"<!DOCTYPE html><html><body onload=alert(1)>",
    "web page after blank lines": b"\xef\xbb\xbf\n\n  <script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><a/>',
    "postscript": b"%!PS-Adobe-3.0\n",
    "rtf": b"{\\rtf1 hello}",
    "gif": b"GIF89a" + bytes(40),
    "film": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + bytes(40),
    "avif": b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif" + bytes(40),
    "old Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "text with a NUL": b"Hei\x00",
    "binary that is no text": bytes(range(256)),
    "plain archive": archive(a_DOT_txt="x"),
    "empty archive": archive(),
    "archive cut in two": word()[:-30],
    "workbook": archive(**{"[Content_Types]_DOT_xml": TYPES.format("x"), "xl__workbook_DOT_xml": "<x/>"}),
    "java archive": archive(**{"META-INF__MANIFEST_DOT_MF": "x"}),
    "docm": word(MACRO, word__vbaProject_DOT_bin=b"\xd0\xcf"),
    "docx that carries macros": word(word__vbaProject_DOT_bin=b"\xd0\xcf"),
    "docx that carries macros under another name": word(f'{WORD}.main+xml" x="{VBA}', word__a_DOT_bin=b"\xd0\xcf"),
    "docx without a document": archive(**{"[Content_Types]_DOT_xml": TYPES.format(f"{WORD}.main+xml")}),
    "odt that carries macros": open_document(Basic__Standard__Module1_DOT_xml="<x/>"),
    "odt that carries scripts": open_document(Scripts__python__a_DOT_py="x"),
    "open spreadsheet": open_document("application/vnd.oasis.opendocument.spreadsheet"),
    "odt whose type comes late": archive(content_DOT_xml="<x/>", mimetype=OPEN_DOCUMENT),
}
POLYGLOTS: Mapping[str, bytes] = {
    "jpeg and archive": JPEG_FILE + archive(a_DOT_txt="x"),
    "png and archive": PNG_FILE + archive(a_DOT_class="x"),
    "pdf and archive": PDF_FILE + archive(a_DOT_txt="x"),
    "pdf and docx": PDF_FILE + word(),
    "heic and archive": HEIC_FILE + archive(a_DOT_txt="x"),
    "jpeg and pdf": JPEG_FILE[:20] + PDF_FILE,
    "text and pdf": b"Hei\n" + PDF_FILE[:9],
    "docx and pdf": archive(**{"%PDF-1_DOT_7": "x"}),
    "pdf after something else": b"\x00" + PDF_FILE,
    "program and archive": b"MZ\x90\x00\x03" + bytes(100) + archive(a_DOT_txt="x"),
}


def kind(content: bytes) -> FileKind | None:
    return kind_of(io.BytesIO(content))


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    """What people attach is known by its content."""
    content, expected = TAKEN[name]
    assert kind(content) == expected


@pytest.mark.parametrize("name", [*REFUSED, *POLYGLOTS])
def test_refused(name: str) -> None:
    """Programs, pages, archives, macros, and whatever is two kinds at once are none of our kinds."""
    assert kind({**REFUSED, **POLYGLOTS}[name]) is None


def test_the_samples_cover_all_kinds() -> None:
    """No kind is taken that nobody has tried."""
    assert {expected for _, expected in TAKEN.values()} == set(KINDS)


def test_a_huge_table_of_contents_is_not_read() -> None:
    """An archive of ten thousand empty parts costs no time: no honest document has so many."""
    parts = {f"word__{number:030}": "" for number in range(5000)}
    assert kind(word(**parts)) is None


def test_a_bomb_is_not_blown_up() -> None:
    """Of a part that would unpack to a hundred times its size only the beginning is read."""
    bomb = {"[Content_Types]_DOT_xml": " " * 50_000_000, "word__document_DOT_xml": "x"}
    assert kind(archive(**bomb)) is None


@given(st.binary(max_size=300), st.sampled_from([content for content, _ in TAKEN.values()]), st.integers(0, 300))
def test_nothing_makes_it_stumble(noise: bytes, content: bytes, cut: int) -> None:
    """Any bytes are one of the kinds or none; cut and mixed files raise nothing."""
    for one in (noise, content[:cut] + noise, noise + content[cut:], content + noise):
        assert kind(one) in {None, *KINDS}


@pytest.mark.parametrize(
    ("file_types", "expected"),
    [
        ((), KINDS),
        (("*/*",), KINDS),
        (("application/pdf",), (PDF,)),
        (("image/*",), (JPEG, PNG, HEIC, TIFF)),
        (("image/jpg", "IMAGE/PNG"), (JPEG, PNG)),
        (("text/plain; charset=utf-8",), (TEXT,)),
        (("application/zip", "image/svg+xml", "application/x-msdownload"), ()),
    ],
)
def test_a_form_only_narrows(file_types: tuple[str, ...], expected: tuple[FileKind, ...]) -> None:
    """A question may take fewer kinds than we do, never another one."""
    assert kinds_for(file_types) == expected


@pytest.mark.parametrize(
    ("given_title", "file_kind", "kept"),
    [
        ("lausunto.pdf", PDF, "lausunto.pdf"),
        ("KUVA.JPEG", JPEG, "KUVA.JPEG"),
        ("lausunto.pdf.exe", PDF, "lausunto.pdf.exe.pdf"),
        ("lasku.exe", JPEG, "lasku.exe.jpg"),
        ("kuva", PNG, "kuva.png"),
        ("C:\\Users\\äiti\\työ.docx", DOCX, "työ.docx"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("a\x00b\r\nc\t d.txt", TEXT, "ab c d.txt"),
        ("fdp.\u202eexe.pdf", PDF, "fdp.exe.pdf"),
        ("a\u0308iti.odt", ODT, "äiti.odt"),
        ("  .htaccess ", TEXT, "htaccess.txt"),
        (".pdf", PDF, "pdf.pdf"),
        ("", PDF, "2026-11-24.pdf"),
        ("/\u200b", PDF, "2026-11-24.pdf"),
        ("a" * 500 + ".pdf", PDF, "a" * 196 + ".pdf"),
    ],
)
def test_titles(given_title: str, file_kind: FileKind, kept: str) -> None:
    """A name loses its path and what can't be seen, and ends as its content is."""
    assert tidy_title(given_title, file_kind, "2026-11-24") == kept


@given(st.text(), st.sampled_from(KINDS))
def test_any_title(title: str, file_kind: FileKind) -> None:
    """Whatever a file is called, what is kept is one short visible line with the right ending."""
    kept = tidy_title(title, file_kind, "x")
    assert 0 < len(kept) <= LONGEST_TITLE
    assert kept.isprintable()
    assert not set(kept) & set("/\\")
    assert kept.rpartition(".")[2].lower() in file_kind.endings
    assert kept == tidy_title(kept, file_kind, "x")
