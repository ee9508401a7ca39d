"""Back from Kanta's consent page. The address has no language, and whoever comes may have been signed out meanwhile."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.integrations.http import OutsideError
from app.integrations.kanta.phr.port import ConsentCancelled, ConsentFailed, Grant, PersonalHealthRecord
from app.routers.health_record import CALLBACK, tell
from app.services.health_record.consent import NotOwnRecord, keep_consent, refuse_grant
from app.services.health_record.consent_attempts import ConsentLost, RecalledConsent, recall_consent_attempt
from app.services.outside import before_outside_call
from app.services.viewer import Viewer
from app.web.access import PlainPage, Session
from app.web.i18n import current_language
from app.web.middleware import requested_language
from app.web.outside import HealthRecord
from app.web.page import Page
from app.web.tokens import hash_secret

router = APIRouter()


@router.get(CALLBACK, name="health_record_callback")
async def come_back(page: PlainPage, session: Session, phr: HealthRecord) -> Response:
    """Keep the consent that was given; whatever else happened is told on the page of consents."""
    try:
        recalled = await _recall(page, session)
    except ConsentLost:
        return tell(page, "failed")
    try:
        grant = await phr.finish_consent(recalled.pending, page.request.query_params)
    except ConsentCancelled:
        return tell(page, "cancelled", recalled.return_to)
    except ConsentFailed:
        return tell(page, "failed", recalled.return_to)
    assert page.viewer is not None  # noqa: S101 - nothing is recalled for nobody
    return await _keep(page, session, phr, page.viewer, grant, recalled.return_to)


async def _recall(page: Page, session: AsyncSession) -> RecalledConsent:
    """The attempt that came back, used up for good before the answer is looked at. Raises ConsentLost."""
    state = page.request.query_params.get("state", "")
    redirect_uri = page.settings.public_url + CALLBACK
    recalled = await recall_consent_attempt(session, page.viewer, state, hash_secret(state), redirect_uri)
    await session.commit()
    await before_outside_call(session)
    page.language = requested_language(recalled.return_to, "")
    current_language.set(page.language)
    return recalled


async def _keep(
    page: Page, session: AsyncSession, phr: PersonalHealthRecord, resident: Viewer, grant: Grant, return_to: str
) -> Response:
    vault = page.request.app.state.vault
    try:
        identity_code = await phr.identity_code(grant.access)
    except OutsideError:
        await refuse_grant(session, resident, grant, vault)
        await session.commit()  # the page says that it failed, so nothing may stay given
        raise
    try:
        await keep_consent(session, resident, grant, identity_code, vault)
    except NotOwnRecord:
        await refuse_grant(session, resident, grant, vault)
        return tell(page, "other", return_to)
    consents = page.path("consents")
    return tell(page, "given") if return_to == consents else page.go(return_to)
