"""Own data: to read as a page, and to take along as a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from app.domain.text import Language
from app.services.own_data.gather import encode, gather_own_data
from app.services.own_data.words import own_data_words
from app.web.access import PublicPage, Session
from app.web.components import Row
from app.web.i18n import format_day, format_when
from app.web.i18n import gettext as _
from app.web.own_pages import OwnOrChild

router = APIRouter(prefix="/{lang}/my")


@dataclass(frozen=True)
class SectionView:
    """A section as it is read; each of its things as rows of a summary."""

    code: str
    title: str
    things: Sequence[Sequence[Row]]


@router.get("/data", name="own_data")
async def show(page: PublicPage, session: Session, reader: OwnOrChild) -> Response:
    """Everything in words."""
    found = await gather_own_data(session, reader, page.language, "read_own_data")
    page.title = _("The data of %(name)s") % {"name": page.acting_for} if page.acting_for else _("My data")
    return page.show("my/data.html", sections=sections_of(found, page.language))


@router.get("/data.json", name="own_data_file")
async def download(page: PublicPage, session: Session, reader: OwnOrChild) -> Response:
    """The same as a file for another program; docs/own-data.md describes it."""
    found = await gather_own_data(session, reader, page.language, "download_own_data")
    return Response(
        json.dumps(found, default=encode, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="own-data.json"', "Cache-Control": "no-store"},
    )


def sections_of(found: Mapping[str, Any], language: Language) -> list[SectionView]:
    """The sections that hold something, in words."""
    words = own_data_words().sections
    return [
        SectionView(code, words[code].to(language), [_rows(thing, language) for thing in found[code]])
        for code in words
        if found[code]
    ]


def _rows(thing: Mapping[str, Any], language: Language) -> list[Row]:
    words = own_data_words().fields
    told = {field: _told(field, value, language) for field, value in thing.items()}
    return [Row(words[field].to(language), value) for field, value in told.items() if value]


def _told(field: str, value: Any, language: Language) -> str:
    """A value in words, several as a list; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _list([_told(field, one, language) for one in value])
    if isinstance(value, dict):  # a question with its answers
        return f"{value['question']} – {', '.join(value['answers'])}"
    if isinstance(value, datetime):
        return format_when(value)
    if isinstance(value, date):
        return format_day(value)
    words = own_data_words().value(field, value)
    return words.to(language) if words else str(value)


def _list(told: Sequence[str]) -> str:
    if len(told) < 2:
        return "".join(told)
    items = Markup("").join(Markup("<li>{}</li>").format(one) for one in told)
    return Markup('<ul class="bullets">{}</ul>').format(items)
