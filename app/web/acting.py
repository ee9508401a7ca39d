"""Acting for another, request by request: is the right still there?

It is asked anew before each change, and for reading where the last answer is older than a minute. Where nobody can say,
nothing of the other person is read or changed; own matters work as ever.
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from app.integrations.budget import declare
from app.integrations.http import OutsideError
from app.integrations.suomifi.mandates.port import Mandates, SessionEnded
from app.models import Person, Representation
from app.models.context import enter
from app.services.acting.representations import keep_right, open_access, running, stop_acting
from app.services.acting.rights import Granted, right_by_suomifi, still_granted_here
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault
from app.services.outside import before_outside_call
from app.services.viewer import Acting, Doubt, Viewer, context_for
from app.web.cookies import SESSION_SECONDS
from app.web.middleware import SAFE_METHODS
from app.web.page import Page
from app.web.tokens import hash_secret, new_secret

FRESH = timedelta(seconds=60)
HELD_HERE = frozenset({"local_mandate", "foster_carer"})
SYSTEM = "suomifi-mandates"
log = structlog.get_logger(__name__)


class OwnMattersOnly(Exception):
    """The page is about the reader's own matters, and they act for somebody else just now."""


class RightInDoubt(Exception):
    """Nobody can say whether the viewer may still act for the other person: nothing was read or changed.

    `kept`: the name of what was typed into the refused form, if anything was.
    """

    def __init__(self, acting: Acting, kept: uuid.UUID | None = None) -> None:
        super().__init__(acting.doubt)
        self.acting = acting
        self.kept = kept


class RightLost(Exception):
    """The viewer may not act for the other person any more; they are back in their own matters."""


async def confirm_right(page: Page, session: AsyncSession, cookie: str, token: bytes) -> None:
    """Make sure of the right by which the page's viewer acts, where the last answer is too old for this request.

    `cookie` is the viewer's, which hashes to `token`. Raises RightLost; a viewer whose right is in doubt stays, with
    a right to nothing. Raises SessionGone where another tab has changed the session just now.
    """
    viewer = page.viewer
    if viewer is None or viewer.acting is None:
        return
    clock = await read_clock(session)
    if page.request.method in SAFE_METHODS and _goes_without_asking(viewer.acting, clock.now):
        return
    granted = await _ask(page.request, session, viewer)
    if granted is None:
        await _lose(page, session, viewer, cookie)
    elif isinstance(granted, Granted):
        now = replace(
            viewer.acting, basis=granted.basis, registers=granted.right.registers, readable=granted.right.readable
        )
        if now != viewer.acting or now.basis not in HELD_HERE:
            await keep_right(session, now.representation_id, granted)
            await session.commit()  # the answer is true whatever becomes of the request
        _go_on(page, viewer, now)
    else:
        nothing: frozenset[str] = frozenset()
        _go_on(page, viewer, replace(viewer.acting, registers=nothing, readable=nothing, doubt=granted))
    await enter(session, context_for(page.viewer, token))


def _goes_without_asking(acting: Acting, now: datetime) -> bool:
    """Whether Suomi.fi has been asked just now. Our own record is here to be asked at every request, and a right to
    nothing is one that has ended."""
    return acting.basis not in HELD_HERE and bool(acting.registers) and now - acting.asked_at < FRESH


def _go_on(page: Page, viewer: Viewer, acting: Acting) -> None:
    page.viewer = replace(viewer, acting=acting)


async def _ask(request: Request, session: AsyncSession, viewer: Viewer) -> Granted | Doubt | None:
    """The right as its source says now; None: there is none; a doubt: the source doesn't say."""
    representation = await running(session, viewer)
    if representation is None:
        return None
    actor = await session.get_one(Person, representation.actor_id)
    subject = await session.get_one(Person, representation.subject_id)
    if representation.access_sealed is None:
        return await still_granted_here(session, representation, actor, subject, await read_clock(session))
    return await _ask_suomifi(request, session, representation, actor, subject)


async def _ask_suomifi(
    request: Request, session: AsyncSession, representation: Representation, actor: Person, subject: Person
) -> Granted | Doubt | None:
    vault: IdentityVault = request.app.state.vault
    access = open_access(vault, representation)
    if access is None or subject.identity_sealed is None:
        return None
    clock = await read_clock(session)
    await before_outside_call(session)
    declare(SYSTEM)
    mandates: Mandates = request.app.state.outside.ports.of(SYSTEM)
    try:
        roles = await mandates.roles(access, vault.open(subject.identity_sealed))
    except SessionEnded:
        return "session_ended"
    except OutsideError:
        return "unreachable"
    return right_by_suomifi(roles, actor, subject, clock)


async def _lose(page: Page, session: AsyncSession, viewer: Viewer, cookie: str) -> None:
    """The right is gone: a session of one's own begins, and the page says so."""
    token = new_secret()
    page.viewer = await stop_acting(session, viewer, hash_secret(token), "lost")
    await session.commit()
    page.keep_cookie(cookie, token, SESSION_SECONDS)
    log.info("right_to_act_lost")
    raise RightLost
