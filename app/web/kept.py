"""What was typed into a form whose session had ended: put aside while the person signs in again, and given back."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.safe_redirect import safe_path
from app.models.context import Context, context_of, enter
from app.services.clock import read_clock
from app.services.forms.drafts import is_somebodys
from app.services.forms.ended_notices import end_notice
from app.services.identity.sessions import EndedSession
from app.services.identity.set_aside import drop_kept, is_worth_keeping, keep_typed, newest_kept, waits_for_another
from app.services.identity.vault import IdentityVault
from app.services.viewer import OWN_REGISTERS
from app.web.forms import Form, read_id, read_values, submission_of
from app.web.page import Page, path_of

Typed = Mapping[str, tuple[str, ...]]
DRAFT = re.compile(r"/forms/fill/([^/?#]*)", re.IGNORECASE)  # whatever stands there: an id is written in many ways


async def keep_of_ended(request: Request, session: AsyncSession, page: Page, ended: EndedSession) -> bool:
    """Keep the form that is sent in a session which has ended meanwhile; True where there was something to keep.

    Only a form that was shown to that very session. It is kept for whose session it was, and committed: the request
    itself comes to nothing, and leads to signing in.
    """
    if request.method != "POST":
        return False
    values = await read_values(request)
    token = next(iter(values.get("form_token", ())), "")
    if not page.tokens.fits(token, ended.session_id.bytes):
        return False
    before = context_of(session)
    # Their own again, for this only: also a draft that they began in an earlier session is seen.
    await enter(session, Context("resident", ended.person_id, ended.subject_id, registers=OWN_REGISTERS))
    path = _sent_to(request, values)
    if not await _is_keepable(session, path):
        await _end_notice(page, session, ended, path, values)
        kept = None
    else:
        worth = is_worth_keeping(values)
        kept = await _keep(page, session, ended.person_id, ended.subject_id, values) if worth else None
    await enter(session, before)
    return kept is not None


async def _end_notice(page: Page, session: AsyncSession, ended: EndedSession, path: str, values: Typed) -> None:
    """What was sent is a page of a notice of concern: it goes, and the page says so instead of asking to sign in."""
    token = page.tokens.read(values["form_token"][0], ended.session_id.bytes)
    draft_id = _draft_in(path)
    if draft_id is None:
        return
    page.ended_notice = await end_notice(session, ended.session_id, draft_id, submission_of(token, values))
    await session.commit()
    session.info.pop("written", False)


async def keep_of_viewer(page: Page, session: AsyncSession, values: Typed) -> uuid.UUID | None:
    """Keep what the page's resident has typed, because the form can't be taken now; its name, None for nothing.

    Committed at once, so to be called before anything is written. Whoever raises then leads to where the way goes on.
    """
    viewer = page.viewer
    if viewer is None or viewer.person_id is None or viewer.subject_id is None or not is_worth_keeping(values):
        return None
    return await _keep(page, session, viewer.person_id, viewer.subject_id, values)


async def _keep(
    page: Page, session: AsyncSession, person_id: uuid.UUID, subject_id: uuid.UUID, values: Typed
) -> uuid.UUID | None:
    """None for a form that is not surely about a person: a notice of concern is nobody's, and would wait on the screen
    of whoever signs in next."""
    vault: IdentityVault = page.request.app.state.vault
    path, clock = _sent_to(page.request, values), await read_clock(session)
    if not await _is_keepable(session, path):
        return None
    kept_id = await keep_typed(session, vault, person_id, subject_id, path, values, clock)
    await session.commit()
    session.info.pop("written", False)
    return kept_id


async def _is_keepable(session: AsyncSession, path: str) -> bool:
    """Whether a form that goes to `path` is surely about a person, or has no draft at all."""
    if not DRAFT.search(unquote(path)):
        return True
    draft_id = _draft_in(path)
    return draft_id is not None and await is_somebodys(session, draft_id)


def _draft_in(path: str) -> uuid.UUID | None:
    found = DRAFT.search(unquote(path))
    return read_id(found[1]) if found else None


def _sent_to(request: Request, values: Typed) -> str:
    """Where the form goes: here, or where the page's script says that it would have gone."""
    here, named = path_of(request.scope), next(iter(values.get("set_aside_path", ())), "")
    return safe_path(named, here) if named else here


def let_go_of_kept(page: Page, form: Form) -> Form:
    """The form without the name of what was kept; that goes by `drop_taken`."""
    kept_id = read_id(form.value("set_aside"))
    if kept_id is None or page.viewer is None:
        return form
    page.request.state.taken = (kept_id, page.viewer.person_id, page.viewer.subject_id)
    return replace(form, values={name: many for name, many in form.values.items() if name != "set_aside"})


async def drop_taken(request: Request, session: AsyncSession) -> None:
    """What was kept of the request's form goes in the last transaction of the request, because one that has called
    outside has committed before, and may still have failed."""
    taken = getattr(request.state, "taken", None)
    if taken is not None:
        await drop_kept(session, *taken)


async def way_back(
    page: Page, session: AsyncSession, person_id: uuid.UUID, subject_id: uuid.UUID, return_to: str
) -> str:
    """Where to go after signing in, or after beginning to act for `subject_id`: first to what was typed before.

    The context must be the person's own.
    """
    clock = await read_clock(session)
    kept_id = await newest_kept(session, person_id, subject_id, clock)
    if kept_id is not None:
        return page.path("kept", kept_id=kept_id)
    if person_id == subject_id and await waits_for_another(session, person_id, clock):
        return page.path("kept_for_another")
    return return_to
