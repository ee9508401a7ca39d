"""Self-care guides, read by anybody."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from app.services.assessing.guides import find_guide
from app.web.access import Code, PublicPage
from app.web.filters import markdown

router = APIRouter(prefix="/{lang}/guides")


@dataclass(frozen=True)
class GuidePage:
    """A guide with who answers for it, when it was last reviewed and what it rests on."""

    title: str
    body: Markup
    owner: str
    reviewed: date
    sources: str


@router.get("/{code}", name="guide")
async def show(page: PublicPage, code: Code) -> Response:
    """What to do oneself, and when to call."""
    guide = find_guide(code, page.language)
    page.title = guide.title
    return page.show(
        "guides/guide.html", GuidePage(guide.title, markdown(guide.text), guide.owner, guide.reviewed, guide.sources)
    )
