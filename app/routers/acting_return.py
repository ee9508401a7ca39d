"""Back from Suomi.fi, where a resident has chosen for whom to act. The address has no language."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.identity_code import InvalidIdentityCode
from app.integrations.suomifi.mandates.port import ChoiceCancelled, ChoiceRefused, SessionEnded
from app.models import Person
from app.routers.acting import CALLBACK
from app.services.acting.representations import (
    ChoiceLost,
    Recalled,
    person_of_principal,
    recall_choice,
    seal_access,
    start_acting,
)
from app.services.acting.rights import right_by_suomifi
from app.services.clock import read_clock
from app.services.identity.sessions import SessionGone
from app.services.identity.vault import IdentityVault
from app.services.outside import before_outside_call
from app.web.access import RESIDENT, PlainUnaskedPage, Session
from app.web.cookies import SESSION_SECONDS
from app.web.i18n import current_language
from app.web.kept import way_back
from app.web.limits import limited
from app.web.middleware import requested_language
from app.web.outside import MandatesPort
from app.web.page import Page
from app.web.tokens import hash_secret, new_secret

router = APIRouter()


@router.get(CALLBACK, name="acting_callback", dependencies=[limited("callback")])
async def come_back(page: PlainUnaskedPage, session: Session, mandates: MandatesPort) -> Response:
    """Begin to act for whom was chosen, where Suomi.fi says that it is right; else the page for choosing tells."""
    try:
        recalled = await _recall(page, session)
        access = await mandates.finish(recalled.pending, page.request.query_params)
        principals = await mandates.principals(access)
        if len(principals) != 1:  # our request asks for one; nobody chosen is no error
            return _tell(page, "refused" if principals else "cancelled")
        roles = await mandates.roles(access, principals[0].identity_code)
        assert page.viewer is not None  # noqa: S101 - nothing is recalled for nobody
        clock, vault = await read_clock(session), _vault(page)
        actor = await session.get_one(Person, page.viewer.person_id)
        subject = await person_of_principal(session, vault, principals[0], clock)
    except ChoiceCancelled:
        return _tell(page, "cancelled")
    except (ChoiceLost, ChoiceRefused, SessionEnded, InvalidIdentityCode):
        return _tell(page, "failed")
    granted = right_by_suomifi(roles, actor, subject, clock) if subject.id != actor.id else None
    if granted is None:
        await session.rollback()  # nobody is registered for whom nothing may be done
        return _tell(page, "refused")
    token = new_secret()
    sealed = seal_access(vault, access)
    try:
        await start_acting(
            session, page.viewer, subject, granted, hash_secret(token), access=sealed, request_id=access.request_id
        )
    except SessionGone:  # another tab has switched meanwhile
        await session.rollback()
        return _tell(page, "failed")
    page.keep_cookie(RESIDENT, token, SESSION_SECONDS)
    return page.leave(await way_back(page, session, actor.id, subject.id, recalled.return_to))


async def _recall(page: Page, session: AsyncSession) -> Recalled:
    """The attempt that came back, used up for good before the answer is looked at. Raises ChoiceLost."""
    state = hash_secret(page.request.query_params.get("state", ""))
    recalled = await recall_choice(session, page.viewer, _vault(page), state)
    await session.commit()
    await before_outside_call(session)
    page.language = requested_language(recalled.return_to, "")
    current_language.set(page.language)
    return recalled


def _vault(page: Page) -> IdentityVault:
    vault: IdentityVault = page.request.app.state.vault
    return vault


def _tell(page: Page, word: str) -> Response:
    return page.leave(page.path("acting", {"told": word}))
