"""The simulators' front page: every system with its state, its switches, and the ways to what has arrived."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.text import Language, as_language
from app.simulators.faults import LONGEST_SECONDS, MODES
from app.simulators.pages import Pages
from app.simulators.scenario import examples
from app.simulators.stage import Stage

Done = Literal["fault", "reset", "scenario"]


class IndexPage:
    """Shows the systems as they are; after a form it says what has been done, or why not."""

    def __init__(self, stage: Stage, pages: Pages) -> None:
        self._stage = stage
        self._pages = pages

    async def show(self, request: Request) -> Response:
        done = request.query_params.get("done")
        return self._page(language_of(request), done=done if done in {"fault", "reset", "scenario"} else None)

    def done(self, request: Request, what: Done, system: str = "") -> Response:
        """Back to the page, at the system's place."""
        place = f"#{system}" if system else ""
        return RedirectResponse(f"/?lang={language_of(request)}&done={what}{place}", status_code=303)

    def refused(self, request: Request, reason: str) -> Response:
        """The page with what was wrong; nothing has been changed."""
        return self._page(language_of(request), refusal=reason, status=400)

    def _page(
        self, language: Language, *, done: str | None = None, refusal: str | None = None, status: int = 200
    ) -> Response:
        context = {
            "here": "/",  # also where a refused form has been sent elsewhere
            "systems": list(self._stage.systems.values()),
            "faults": {name: self._stage.board.current(name) for name in self._stage.systems},
            "modes": MODES,
            "longest": int(LONGEST_SECONDS),
            "examples": examples(),
            "done": done,
            "refusal": refusal,
        }
        return self._pages.show("index.html", language, context, status=status)


def language_of(request: Request) -> Language:
    return as_language(request.query_params.get("lang"))
