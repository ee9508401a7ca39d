"""Who has read my data: the window's own log, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from app.services.audit.log_data import LogChoice, LogRow, first_day, read_log
from app.services.audit.log_words import log_words
from app.services.clock import read_clock
from app.web.access import Own, PublicPage, Session
from app.web.components import Choice
from app.web.forms import LenientText
from app.web.i18n import gettext as _
from app.web.i18n import pgettext
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/log")

REGISTERS = ("patient", "social")
LAST_PAGE = 999


@dataclass(frozen=True)
class LogPage:
    """`days`: rows by day, the newest first. `newer`, `older`: addresses of the pages beside this one, or empty."""

    days: Sequence[tuple[date, Sequence[LogRow]]]
    since: date
    register: str
    registers: Sequence[Choice]
    year: str
    years: Sequence[Choice]
    newer: str
    older: str
    answer_months: int


@router.get("", name="own_log")
async def show(
    page: PublicPage,
    session: Session,
    reader: Own,
    register: LenientText = "",
    year: LenientText = "",
    number: LenientText = "1",
) -> Response:
    """A page of the log; register and year narrow it."""
    since, today = first_day(await read_clock(session)), (await read_clock(session)).today
    years = range(today.year, since.year - 1, -1)
    choice = LogChoice(
        register=register if register in REGISTERS else "",
        year=_number(year) if _number(year) in years else None,
        page=min(max(_number(number), 1), LAST_PAGE),
    )
    rows, more = await read_log(session, reader, choice)
    page.title = _("Who has read my data")
    context = LogPage(
        days=[(day, list(found)) for day, found in groupby(rows, lambda row: row.day)],
        since=since,
        register=choice.register,
        registers=[
            _all(),
            Choice("patient", _("Patient register")),
            Choice("social", _("Social welfare client register")),
        ],
        year=str(choice.year or ""),
        years=[_all(), *(Choice(str(one), str(one)) for one in years)],
        newer=_path(page, choice, choice.page - 1) if choice.page > 1 else "",
        older=_path(page, choice, choice.page + 1) if more else "",
        answer_months=log_words().answer_months,
    )
    return page.show("my/log.html", context)


def _all() -> Choice:
    return Choice("", pgettext("list", "All"))


def _path(page: Page, choice: LogChoice, number: int) -> str:
    wanted = {"register": choice.register, "year": str(choice.year or ""), "number": str(number)}
    return page.path("own_log", {name: value for name, value in wanted.items() if value})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
