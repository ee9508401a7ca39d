"""A resident's forms: those to fill in, drafts, and what has been sent, to read, print and correct."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.forms.pages import asked_pages
from app.domain.text import Text
from app.models import Attachment, FormResponse
from app.services.forms.drafts import is_for_another, list_drafts, open_draft, throw_away
from app.services.forms.sent import SentForm, attachments_of, begin_amendment, list_sent, open_sent
from app.services.forms.waiting_forms import WaitingForm, waiting_forms
from app.web.access import PublicPage, Resident, Session, Submitted
from app.web.forms_view.asking import Asking
from app.web.forms_view.pdf import pdf_of
from app.web.forms_view.review import Section, review
from app.web.forms_view.waiting import due_words, purpose_words
from app.web.i18n import gettext as _
from app.web.limits import limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/forms")


@dataclass(frozen=True)
class WaitingRow:
    """A form that somebody asked for: by when, who and for what, and where it is begun."""

    titles: Text
    text: str
    href: str


@dataclass(frozen=True)
class MyFormsPage:
    waiting: Sequence[WaitingRow]
    drafts: Sequence[FormResponse]
    sent: Sequence[FormResponse]


@dataclass(frozen=True)
class SentPage:
    """What was sent, as it was asked and answered. `can_amend`: the reader sent it themselves."""

    response: FormResponse
    reference: str
    sections: Sequence[Section]
    files: Sequence[Attachment]
    can_amend: bool
    amended_by: FormResponse | None


@dataclass(frozen=True)
class ThrowAwayPage:
    draft: FormResponse


@router.get("", name="my_forms")
async def show_all(page: PublicPage, session: Session, resident: Resident) -> Response:
    """Everything about forms that is the subject's."""
    waiting = [_waiting_row(page, one) for one in await waiting_forms(session, resident)]
    page.title = _("Forms")
    drafts, sent = await list_drafts(session, resident), await list_sent(session, resident)
    return page.show("my/forms.html", MyFormsPage(waiting, drafts, sent))


@router.get("/{response_id}", name="my_form")
async def show(page: PublicPage, session: Session, resident: Resident, response_id: uuid.UUID) -> Response:
    """One form that was sent."""
    found = await open_sent(session, resident, response_id)
    page.title = found.response.titles.to(page.language)
    return page.show("my/form.html", await _sent_page(page, session, found))


@router.get("/{response_id}/print", name="my_form_print")
async def print_view(page: PublicPage, session: Session, resident: Resident, response_id: uuid.UUID) -> Response:
    """The same on a page for the printer."""
    found = await open_sent(session, resident, response_id)
    page.title = found.response.titles.to(page.language)
    return page.show("my/form_print.html", await _sent_page(page, session, found))


@router.get("/{response_id}/pdf", name="my_form_pdf")
async def as_pdf(page: PublicPage, session: Session, resident: Resident, response_id: uuid.UUID) -> Response:
    """The same as a file to keep."""
    found = await open_sent(session, resident, response_id)
    page.title = found.response.titles.to(page.language)
    return await pdf_of(page, "my/form_print.html", await _sent_page(page, session, found), found.case.reference)


@router.post("/{response_id}/amend", name="my_form_amend", dependencies=[limited("form")])
async def amend(
    page: PublicPage,
    session: Session,
    resident: Resident,
    response_id: uuid.UUID,
    form: Submitted,  # noqa: ARG001
) -> Response:
    """Begin a correction: a form of its own, with the same answers in it."""
    draft = await begin_amendment(session, resident, response_id)
    return page.go(page.path("form_check", response_id=draft.id))


@router.get("/{response_id}/delete", name="my_form_delete")
async def ask_delete(page: PublicPage, session: Session, resident: Resident, response_id: uuid.UUID) -> Response:
    """Whether the draft is really to go."""
    filling = await open_draft(session, resident, response_id, change=False)
    page.title = _("Delete the draft?")
    return page.show("my/form_delete.html", ThrowAwayPage(filling.response))


@router.post("/{response_id}/delete", name="my_form_deleted", dependencies=[limited("form")])
async def delete(
    page: PublicPage,
    session: Session,
    resident: Resident,
    response_id: uuid.UUID,
    form: Submitted,  # noqa: ARG001
) -> Response:
    """Throw a draft away."""
    await throw_away(session, resident, response_id)
    return page.go(page.path("my_forms"))


def _waiting_row(page: Page, one: WaitingForm) -> WaitingRow:
    words = (due_words(one.task), purpose_words(one.purpose, page.language))
    href = page.path("form_intro", {"task": str(one.task.id)}, code=one.task.code)
    return WaitingRow(one.titles, " · ".join(part for part in words if part), href)


async def _sent_page(page: Page, session: Session, found: SentForm) -> SentPage:
    response = found.response
    asking = Asking(found.state, page.language, is_for_another(response))
    return SentPage(
        response=response,
        reference=found.case.reference,
        sections=review(asking, asked_pages(found.read.pages, found.state)),
        files=await attachments_of(session, response.id),
        can_amend=page.viewer is not None and response.actor_id == page.viewer.person_id and not found.amended_by,
        amended_by=found.amended_by,
    )
