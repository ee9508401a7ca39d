"""What a resident needs to be served well: to see, change and forget what we remember of it."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.services.own_data.needs import Needs, remember_needs, remembered_needs
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.components import FieldError
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.needs_form import FIELDS, NeedsFields, needs_values, read_needs
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/needs")


@dataclass(frozen=True)
class NeedsPage:
    """The fields with what is remembered. `told`: what has just happened."""

    needs: NeedsFields
    summary: list[FieldError]
    told: str


@router.get("", name="own_needs")
async def show(page: PublicPage, session: Session, own: Own, told: str = "") -> Response:
    """The form with what is remembered."""
    needs = await remembered_needs(session, own)
    return _show(page, NeedsFields(needs_values(needs), {}, bool(needs)), told)


@router.post("", name="own_needs_save", dependencies=[limited("form")])
async def save(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Remember them in place of the earlier ones."""
    needs = read_needs(form)
    if form.errors:
        saved = bool(await remembered_needs(session, own))
        return _show(page, NeedsFields({name: form.value(name) for name in FIELDS}, form.errors, saved))
    await remember_needs(session, own, needs)
    return page.go(page.path("own_needs", {"told": "saved"}))


@router.post("/forget", name="own_needs_forget", dependencies=[limited("form")])
async def forget(page: PublicPage, session: Session, own: Own, _form: Submitted) -> Response:
    """Remember nothing any more. What was told with matters already sent stays with them."""
    await remember_needs(session, own, Needs())
    return page.go(page.path("own_needs", {"told": "forgotten"}))


def _show(page: Page, needs: NeedsFields, told: str = "") -> Response:
    page.title = _("Interpreter and accessibility")
    page.own_path = page.path("own_needs")
    summary = [FieldError(name, needs.errors[name]) for name in FIELDS if name in needs.errors]
    return page.show("my/needs.html", NeedsPage(needs, summary, told), status=422 if needs.errors else 200)
