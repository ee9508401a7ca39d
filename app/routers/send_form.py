"""All answers of a form read through, and the form sent: once, however often the button is pressed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.forms.answers import Address
from app.domain.forms.layout import FormPage
from app.domain.forms.pages import asked_pages
from app.models import Case, FormResponse
from app.services.forms.alarm import alarm_of
from app.services.forms.drafts import Filling, is_for_another, open_draft, renewed
from app.services.forms.send import NotComplete, send_response
from app.services.submissions import first_result, remember_result
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted, ensure_session
from app.web.components import FieldError
from app.web.forms_view.asking import Asking
from app.web.forms_view.names import name_of
from app.web.forms_view.review import Section, review
from app.web.forms_view.show import path_in_form
from app.web.forms_view.words import problem_text
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page
from app.web.receipts import seal_receipt

router = APIRouter(prefix="/{lang}/forms/fill")


@dataclass(frozen=True)
class CheckPage:
    """All answers, each with its way back; `summary` is what is to be mended before the form can be sent."""

    response: FormResponse
    sections: Sequence[Section]
    alarm: Alarm | None
    back: str
    summary: Sequence[FieldError]


@router.get("/{response_id}/check", name="form_check", dependencies=[SURE_OF_RIGHT])
async def check(page: PublicPage, session: Session, response_id: uuid.UUID) -> Response:
    """All answers before they are sent."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    return _show_check(page, filling, ())


@router.post("/{response_id}/check", name="form_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, response_id: uuid.UUID, form: Submitted) -> Response:
    """Send it: once, however often the button is pressed."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return page.go(earlier)
    viewer = await ensure_session(page, session)
    filling = await open_draft(session, viewer, response_id, change=True)
    try:
        case = await send_response(session, viewer, filling, page.language)
    except NotComplete as refused:
        await session.rollback()  # the form was not taken, so its token stays good
        filling = await open_draft(session, viewer, response_id, change=False)
        return _show_check(page, filling, _summary(page, filling, refused))
    path = _receipt_path(page, filling.response, case)
    await remember_result(session, form.submission, path)
    return page.go(path)


def _receipt_path(page: Page, response: FormResponse, case: Case) -> str:
    if response.subject_id is None and response.session_id is None:
        return page.path("form_received", {"receipt": seal_receipt(page, response.code, case)})
    return page.path("form_sent", response_id=response.id)


def _show_check(page: Page, filling: Filling, summary: Sequence[FieldError]) -> Response:
    pages = asked_pages(filling.read.pages, filling.state)
    asking = Asking(filling.state, page.language, is_for_another(filling.response))
    page.title = _("Check your answers")
    context = CheckPage(
        response=filling.response,
        sections=review(asking, pages, lambda one: page.path("form_page", {"change": "1"}, **_at(filling, one))),
        alarm=alarm_of(filling.state),
        back=path_in_form(page, filling, pages[-1]) if pages else page.path("form_intro", code=filling.response.code),
        summary=summary,
    )
    return page.show("forms/check.html", context, block="main", status=422 if summary else 200)


def _at(filling: Filling, one: FormPage) -> dict[str, Any]:
    return {"response_id": filling.response.id, "page_id": one.id}


def _summary(page: Page, filling: Filling, refused: NotComplete) -> Sequence[FieldError]:
    """What is to be mended, each a link to the page where it is."""
    asking = Asking(filling.state, page.language, is_for_another(filling.response))
    found = []
    for address, problem in refused.problems:
        item = filling.read.form.by_link[address.link_id] if address else filling.read.form.items[0]
        words = problem_text(problem, item, page.language)
        label = asking.words(item.text) if address else ""
        found.append(FieldError(address_anchor(filling, address), f"{label}: {words}" if label else words))
    return found


def address_anchor(filling: Filling, address: Address | None) -> str:
    """Where on the check page a problem is shown: the row of its question."""
    return f"check-{name_of(filling.read.form, address)}" if address else "main"
