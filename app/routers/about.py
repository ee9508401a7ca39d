"""What every public service must tell: accessibility, privacy, acting for another."""

from fastapi import APIRouter
from starlette.responses import Response

from app.web.access import PublicPage
from app.web.i18n import gettext as _

router = APIRouter(prefix="/{lang}")


@router.get("/accessibility", name="accessibility")
async def accessibility(page: PublicPage) -> Response:
    """The accessibility statement (digital services act 306/2019)."""
    page.title = _("Accessibility statement")
    return page.show("about/accessibility.html")


@router.get("/privacy", name="privacy")
async def privacy(page: PublicPage) -> Response:
    """The privacy notice of each register (GDPR, articles 13 and 14)."""
    page.title = _("Privacy notice")
    return page.show("about/privacy.html")


@router.get("/acting-for-another", name="acting_for_another")
async def acting_for_another(page: PublicPage) -> Response:
    """How to handle the matters of a child, a parent or somebody close."""
    page.title = _("Acting for another person")
    return page.show("about/acting.html")
