"""Search over services, assessments and bookable times with the words people use."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.services.county_rules import alarm_words
from app.services.search.index import Found, Hit, NoIndex, SearchIndex
from app.web.access import PublicPage
from app.web.forms import clean_query
from app.web.i18n import gettext as _
from app.web.limits import limited

router = APIRouter()

NOTHING = Found((), None)


@dataclass(frozen=True)
class ResultRow:
    """A hit as the page shows it."""

    title: str
    text: str
    href: str
    kind: str


@dataclass(frozen=True)
class SearchPage:
    """Results. `alarm`: the words typed are alarming, so the emergency card comes first.
    `ready`: there is an index to search in."""

    q: str
    results: Sequence[ResultRow]
    did_you_mean: str | None
    alarm: Alarm | None
    ready: bool


@router.get("/{lang}/search", name="search", dependencies=[limited("search")])
async def search(page: PublicPage, q: str = Query("")) -> Response:
    """Results for `q`; an empty search shows the field alone."""
    words = clean_query(q)
    found, ready = await _find(page, words) if words else (NOTHING, True)
    page.title = _("Search results") if words else _("Search")
    context = SearchPage(
        q=words,
        results=[_row(page, hit) for hit in found.hits],
        did_you_mean=found.did_you_mean,
        alarm=alarm_words().alarm_in(words),
        ready=ready,
    )
    return page.show("search/search.html", context, block="main")


async def _find(page: PublicPage, words: str) -> tuple[Found, bool]:
    """What is found, and whether there is an index to search in (none before the worker has built the first)."""
    index: SearchIndex = page.request.app.state.search
    try:
        return await run_in_threadpool(index.find, words, page.language), True
    except NoIndex:
        return NOTHING, False


def _row(page: PublicPage, hit: Hit) -> ResultRow:
    href = {
        "service": lambda: page.path("service", service_id=hit.id),
        "assessment": lambda: page.path("assess_intro", assessment=hit.id),
        "bookable": lambda: page.path("book_times", service=hit.id),
        "form": lambda: page.path("form_intro", code=hit.id),
        "page": lambda: page.path(hit.id),
    }[hit.kind]()
    return ResultRow(hit.names.to(page.language), hit.summary.to(page.language), href, hit.kind)
