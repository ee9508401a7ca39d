"""Measurements from the resident's own Kanta record, fetched to a page of a form when they ask for it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.forms.layout import page_named
from app.domain.forms.pages import asked_pages
from app.integrations.http import OutsideError
from app.integrations.kanta.phr.port import Measurement, PersonalHealthRecord
from app.models.context import context_of, enter
from app.routers.health_record import in_use
from app.services.errors import NotFound
from app.services.forms.drafts import Filling, open_draft, save_answers
from app.services.forms.measured import fill_measured
from app.services.forms.versions import fit, version_shown
from app.services.health_record.access import RecordBusy, Transactions
from app.services.health_record.measurements import newest_measurements
from app.services.health_record.save import ConsentNeeded
from app.services.outside import before_outside_call
from app.services.viewer import Viewer
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.forms import Form, read_id
from app.web.forms_view.record import Told
from app.web.forms_view.show import path_in_form, questions_on
from app.web.forms_view.taking import TO_CHECK, VERSION, take
from app.web.limits import limited
from app.web.outside import HealthRecord
from app.web.page import Page

router = APIRouter(prefix="/{lang}/forms/fill", dependencies=[Depends(in_use)])

Newest = dict[str, Measurement]


@router.post("/{response_id}/page/{page_id}/record", name="form_record", dependencies=[limited("form")])
async def fetch(
    page: PublicPage,
    session: Session,
    resident: Own,
    phr: HealthRecord,
    response_id: uuid.UUID,
    page_id: str,
    form: Submitted,
) -> Response:
    """Keep what was typed and fill in what was measured; without a consent, on to giving one and back to the page."""
    before = await open_draft(session, resident, response_id, change=False)
    if before.response.subject_id != resident.person_id:
        raise NotFound
    await before_outside_call(session)
    told, newest = await _newest(page, session, phr, resident)
    filling = await _keep_typed(page, session, response_id, form)
    current = page_named(asked_pages(filling.read.pages, filling.state), page_id)
    if current is None:
        return page.go(page.path("form_resume", response_id=response_id))
    if told == "consent":
        return page.go(page.path("consents", {"next": path_in_form(page, filling, current)}))
    if newest:
        addresses = [one.address for one in questions_on(filling, current)]
        filling, found = await fill_measured(session, filling, addresses, newest)
        told = "filled" if found else "none"
    query = {"record": told, **({"change": "1"} if form.value(TO_CHECK) else {})}
    return page.go(page.path("form_page", query, response_id=response_id, page_id=page_id))


async def _keep_typed(page: Page, session: AsyncSession, response_id: uuid.UUID, form: Form) -> Filling:
    """What could be read of the page is kept."""
    filling = await open_draft(session, page.viewer, response_id, change=True)
    shown = await version_shown(session, filling.response, read_id(form.value(VERSION)))
    taken = take(shown.form, form.values, page.language)
    if taken.unknown:
        return filling
    return await save_answers(session, filling, fit(filling.response, filling.read, shown, taken.values))


async def _newest(
    page: Page, session: AsyncSession, phr: PersonalHealthRecord, resident: Viewer
) -> tuple[Told, Newest]:
    try:
        vault = page.request.app.state.vault
        found = await newest_measurements(_transactions(page.request, session), phr, vault, resident)
    except ConsentNeeded:
        return "consent", {}
    except (OutsideError, RecordBusy):
        return "away", {}
    return "none", dict(found)


def _transactions(request: Request, like: AsyncSession) -> Transactions:
    """Short transactions beside the page's own, with what its reader may see."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[AsyncSession]:
        async with request.app.state.database.transaction() as session:
            await enter(session, context_of(like))
            yield session

    return begin
