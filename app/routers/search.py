"""Search over services, assessments and bookable times with the words people use."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.services.cases import alarm_words
from app.services.find import Result, find
from app.web.access import PublicPage, Session
from app.web.forms import clean_query
from app.web.i18n import gettext as _

router = APIRouter()


@dataclass(frozen=True)
class ResultRow:
    """A hit as the page shows it."""

    title: str
    text: str
    href: str
    kind: str


@dataclass(frozen=True)
class SearchPage:
    """Results. `alarm`: the words typed are alarming, so the emergency card comes first."""

    q: str
    results: Sequence[ResultRow]
    did_you_mean: str | None
    alarm: Alarm | None


@router.get("/{lang}/search", name="search")
async def search(page: PublicPage, session: Session, q: str = Query("")) -> Response:
    """Results for `q`; an empty search shows the field alone."""
    words = clean_query(q)
    found = await run_in_threadpool(page.request.app.state.search.find, words, page.language) if words else None
    results = await find(session, found.hits if found else (), page.language)
    rows = [_row(page, result) for result in results]
    page.title = _("Search results") if words else _("Search")
    alarm = alarm_words().alarm_in(words)
    return page.show(
        "search/search.html", SearchPage(words, rows, found.did_you_mean if found else None, alarm), block="main"
    )


def _row(page: PublicPage, result: Result) -> ResultRow:
    href = {
        "service": lambda: page.path("service", service_id=uuid.UUID(result.id)),
        "assessment": lambda: page.path("assess_intro", assessment=result.id),
        "bookable": lambda: page.path("book_times", service=result.id),
        "page": lambda: page.path(result.id),
    }[result.kind]()
    return ResultRow(result.title, result.text, href, result.kind)
