"""All answers of a form read through, and the form sent: once, however often the button is pressed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.alarm_words import Alarm
from app.domain.forms.answering.check import shown_instances
from app.domain.forms.answers import Address
from app.domain.forms.layout import FormPage
from app.domain.forms.pages import asked_pages
from app.domain.forms.state import State
from app.domain.forms.values import Coding
from app.models import Case, FormResponse
from app.services.errors import NotFound
from app.services.forms.alarm import alarm_of
from app.services.forms.drafts import Filling, is_for_another, open_draft, renewed
from app.services.forms.origins import origins_of
from app.services.forms.remember import to_remember
from app.services.forms.send import NotComplete, send_response
from app.services.own_data.needs import Needs, remember_needs
from app.services.submissions import first_result, remember_result
from app.web.access import SURE_OF_RIGHT, PublicPage, Session, Submitted
from app.web.components import FieldError
from app.web.errors import show_trouble
from app.web.forms_view.asking import Asking
from app.web.forms_view.fields import named
from app.web.forms_view.names import name_of
from app.web.forms_view.review import Section, review
from app.web.forms_view.show import path_in_form
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page
from app.web.receipts import PERHAPS_SENT, go_to_receipt, sealed_path

router = APIRouter(prefix="/{lang}/forms/fill")

ROLE, NAMED = "role", "anonymous"  # linkIds in the notices of concern


@dataclass(frozen=True)
class CheckPage:
    """All answers, each with its way back; `summary` is what is to be mended before the form can be sent;
    `needs`: what may be remembered for next time, empty where there is nothing new."""

    response: FormResponse
    sections: Sequence[Section]
    alarm: Alarm | None
    back: str
    summary: Sequence[FieldError]
    needs: Needs


@router.get("/{response_id}/check", name="form_check", dependencies=[SURE_OF_RIGHT])
async def check(page: PublicPage, session: Session, response_id: uuid.UUID) -> Response:
    """All answers before they are sent."""
    filling = await renewed(session, page.viewer, await open_draft(session, page.viewer, response_id, change=False))
    needs = await to_remember(session, page.viewer, filling, page.language)
    return _show_check(page, filling, (), needs)


@router.post("/{response_id}/check", name="form_send", dependencies=[limited("form")])
async def send(page: PublicPage, session: Session, response_id: uuid.UUID, form: Submitted) -> Response:
    """Send it: once, however often the button is pressed."""
    earlier = await first_result(session, form.submission)
    if earlier:
        return go_to_receipt(page, earlier)
    viewer = page.viewer
    try:
        filling = await open_draft(session, viewer, response_id, change=True)
    except NotFound:
        viewer = None
    if viewer is None:  # nobody without a session has a draft
        await session.rollback()
        return show_trouble(page.request, PERHAPS_SENT)
    needs = await to_remember(session, viewer, filling, page.language)
    try:
        case = await send_response(session, viewer, filling, page.language)
    except NotComplete as refused:
        await session.rollback()  # the form was not taken, so its token stays good
        filling = await open_draft(session, viewer, response_id, change=False)
        return _show_check(page, filling, _summary(page, filling, refused), needs)
    if needs and form.value("remember"):
        await remember_needs(session, viewer, needs)
    path = _receipt_path(page, filling, case)
    await remember_result(session, form.submission, path)
    return go_to_receipt(page, path)


def _receipt_path(page: Page, filling: Filling, case: Case) -> str:
    response = filling.response
    if response.subject_id is None and response.session_id is None:
        return sealed_path(page, response.code, case, _sender(filling.state))
    return page.path("form_sent", response_id=response.id)


def _sender(state: State) -> str:
    """As whom a notice of concern was made: all four ask for it alike (content/concerns.json, `after`)."""
    chosen = {one.code for link in (ROLE, NAMED) for one in state.answers.of(Address(link)) if isinstance(one, Coding)}
    return next((sender for sender in ("work", "anonymous") if sender in chosen), "named")


def _show_check(page: Page, filling: Filling, summary: Sequence[FieldError], needs: Needs) -> Response:
    pages = asked_pages(filling.read.pages, filling.state)
    asking = Asking(
        filling.state, page.language, is_for_another(filling.response), origins=origins_of(filling.response)
    )
    page.title, page.is_notice = _("Check your answers"), filling.response.subject_id is None
    context = CheckPage(
        response=filling.response,
        sections=review(asking, pages, lambda one: page.path("form_page", {"change": "1"}, **_at(filling, one))),
        alarm=alarm_of(filling.state),
        back=path_in_form(page, filling, pages[-1]) if pages else page.path("form_intro", code=filling.response.code),
        summary=summary,
        needs=needs,
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
        words = asking.error(problem, item)
        label = asking.title(item) if address else ""
        found.append(FieldError(_anchor(filling, address), named(label, words) if label else words))
    return found


def _anchor(filling: Filling, address: Address | None) -> str:
    """Where on the check page a problem is shown: the row of its question, or the first row of its group."""
    standing = (one for one in shown_instances(filling.state) if one.address == address)
    below = (below for one in standing for below in shown_instances(filling.state, [one]))
    row = next((one.address for one in below if one.item.is_question), None)
    return f"check-{name_of(filling.read.form, row)}" if row else "main"
