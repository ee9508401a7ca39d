"""The authorisation matrix: its table, the request behind each row, and what an answer means."""

import csv
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.web import troubles
from tests.tools.personas import PERSONAS
from tests.tools.requests_of_routes import RECIPES, Recipe
from tests.tools.rows import LOST

FILE = Path(__file__).parents[1] / "web" / "authorisation.csv"
COLUMNS = ("what", "method", "route", "thing", *PERSONAS, "why")
HEADING = "##"  # a row that begins so is a heading for readers
OWN_ONLY = "This page is about your own matters"


@dataclass(frozen=True)
class Row:
    """A row of the table: what is asked for, and what each persona must get."""

    what: str
    method: str
    route: str
    thing: str
    expected: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.route}" + (f" ({self.thing})" if self.thing else "")

    @property
    def recipe(self) -> Recipe:
        return RECIPES[self.route, self.thing]


def read_rows() -> list[Row]:
    """The table, without its headings."""
    with FILE.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        found = [row for row in reader if not row["what"].startswith(HEADING)]
    return [_row(row) for row in found]


def _row(row: Mapping[str, str]) -> Row:
    expected = {persona: row[persona] for persona in PERSONAS}
    return Row(row["what"], row["method"], row["route"], row["thing"], expected)


def outcome(answer: httpx.Response, mark: str = "") -> str:
    """The code of an answer. `mark`: what stands on the page where the thing is shown on it."""
    if answer.has_redirect_location:
        return _where(answer)
    if answer.is_success:
        return "ok" if not mark else "shown" if mark in answer.text else "hidden"
    if answer.status_code == 403:
        return _refusal(html.unescape(answer.text))
    return str(answer.status_code)


def _where(answer: httpx.Response) -> str:
    target = urlsplit(answer.headers["location"])
    door = "/staff/sign-in" if "/staff" in answer.request.url.path else "/sign-in"
    if target.path == f"/en{door}" and "next=" in target.query:
        return "sign-in"
    return "told" if any(f"told={word}" in target.query for word in ("failed", "refused", "cancelled")) else "ok"


def _refusal(text: str) -> str:
    words = {
        "lost": troubles.RIGHT_LOST.heading,
        "no-right": troubles.NO_RIGHT.heading,
        "own-only": OWN_ONLY,
        "reason": "/reason",
    }
    return next((code for code, said in words.items() if said in text), "403")


def judge(code: str, changed: frozenset[str], row: Row) -> str:
    """The outcome with what became of the rows: only a form that is answered as done may change any, and does."""
    if code == "ok" and row.method == "POST" and row.recipe.writes:
        return "ok" if changed else "idle"
    untold = changed - LOST if code == "lost" else changed
    return f"{code}, but changed: {', '.join(sorted(untold))}" if untold else code


def report(row: Row, wrong: Sequence[tuple[str, str]]) -> str:
    """The cells that came out otherwise, as a table."""
    lines = [f"{row}: {row.what}", f"  {'persona':<16} {'expected':<10} got"]
    lines += [f"  {persona:<16} {row.expected[persona]:<10} {got}" for persona, got in wrong]
    return "\n".join(lines)
