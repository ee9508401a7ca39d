"""Back, without signing in, to a wish to be contacted: by the code that its receipt showed."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.services.cases.return_codes import find_by_code
from app.services.errors import NotFound
from app.web.access import PublicPage, Session, Submitted
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/contact/return")


@dataclass(frozen=True)
class CodePage:
    """The form. `typed`: the code that found nothing."""

    typed: str
    error: str


@router.get("", name="contact_return")
async def ask(page: PublicPage) -> Response:
    """The form for the code."""
    return _form(page)


@router.post("", name="contact_returned", dependencies=[limited("code_check")])
async def show(page: PublicPage, session: Session, form: Submitted) -> Response:
    """What was sent, in the answer itself: the code comes into no address, and nothing that would open the matter is
    left in the browser (docs/decisions/0013)."""
    try:
        found = await find_by_code(session, page.request.app.state.vault, page.viewer, form.value("code"))
    except NotFound:
        return _form(page, form.value("code"), _("We found nothing with this code. Check it and try again."))
    page.title = _("What you sent")
    page.own_path = page.path("contact_return")
    return page.show("contact/returned.html", found)


def _form(page: Page, typed: str = "", error: str = "") -> Response:
    page.title = _("Come back with a return code")
    page.own_path = page.path("contact_return")
    return page.show("contact/return.html", CodePage(typed, error), status=422 if error else 200)
