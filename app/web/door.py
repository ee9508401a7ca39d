"""What both ways into the house share: leaving for the identification service, coming back, and signing out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.device import device_of
from app.domain.safe_redirect import safe_path
from app.integrations.http import OutsideError
from app.integrations.sign_in import SignInRefused, SignInRequest
from app.integrations.staff_identification.port import StaffIdentification, StaffIdentity
from app.integrations.suomifi.identification.port import Identification, Identity
from app.models.context import Context, enter
from app.services.clock import read_clock
from app.services.identity.sessions import LONGEST, AtProvider, end_session
from app.services.identity.sign_in import Audience, Remembered, SignInLost, recall_attempt, remember_attempt
from app.services.identity.vault import IdentityVault
from app.services.outside import before_outside_call
from app.web.access import RESIDENT, STAFF
from app.web.cookies import RECEIPT, RETURN_CODE, SIGN_IN_SECONDS, read_cookie
from app.web.i18n import N_, current_language
from app.web.i18n import gettext as _
from app.web.middleware import FORGET, requested_language
from app.web.page import Page
from app.web.tokens import hash_secret, new_secret

BINDING = "asiointi-sign-in"
log = structlog.get_logger(__name__)

SignInService = Identification | StaffIdentification
Begin = Callable[..., Awaitable[SignInRequest]]  # a service's `begin`


@dataclass(frozen=True)
class Door:
    """One way in. `cookie` keeps its sessions, `callback` is where its identification service sends people back to,
    `inside` names the page behind it, `outside` the one after signing out."""

    audience: Audience
    cookie: str
    callback: str
    template: str
    title: str
    inside: str
    outside: str


RESIDENTS = Door(
    "resident", RESIDENT, "/sign-in/callback", "sign_in/resident.html", N_("Sign in"), "my_window", "signed_out"
)
STAFF_DOOR = Door(
    "staff",
    STAFF,
    "/staff/sign-in/callback",
    "sign_in/staff.html",
    N_("Staff sign-in"),
    "staff_queue",
    "staff_sign_in",
)


@dataclass(frozen=True)
class SignInPage:
    """`return_to`: the page that the person was on. `cancelled`: they came back without signing in. `told`: why their
    session has ended, `kept`: and what they had typed is in safety."""

    return_to: str
    cancelled: bool = False
    told: str = ""
    kept: bool = False


def show_door(
    page: Page, door: Door, return_to: str, *, cancelled: bool = False, told: str = "", kept: bool = False
) -> Response:
    """The page with the button that leads to the identification service."""
    page.title = _(door.title)
    return page.show(door.template, SignInPage(return_to, cancelled, told, kept))


def ask(page: Page, door: Door, back: str, told: str = "", *, kept: bool = False) -> Response:
    """The door's page; whoever is inside already goes on to where they wanted."""
    return_to = safe_path(back, page.path(door.inside))
    return page.go(return_to) if page.signed_in else show_door(page, door, return_to, told=told, kept=kept)


async def leave(page: Page, session: AsyncSession, door: Door, begin: Begin, back: str) -> Response:
    """Leave for the identification service; where the person was is remembered here, not in the address."""
    await before_outside_call(session)
    request = await begin(redirect_uri=_callback(page, door), language=page.language)
    binding, return_to = new_secret(), safe_path(back, page.path(door.inside))
    await remember_attempt(
        session, door.audience, request.pending, hash_secret(request.pending.state), hash_secret(binding), return_to
    )
    page.keep_cookie(BINDING, binding, SIGN_IN_SECONDS)
    return page.leave(request.url)


async def recall(page: Page, session: AsyncSession, door: Door) -> Remembered:
    """The attempt that came back, used up for good before the answer is looked at. Raises SignInLost.

    The callback's address has no language: the page takes that of the page the person was on.
    """
    state = page.request.query_params.get("state", "")
    binding = read_cookie(page.request, page.settings, BINDING)
    remembered = await recall_attempt(
        session, door.audience, state, hash_secret(state), hash_secret(binding), _callback(page, door)
    )
    await session.commit()
    page.language = requested_language(remembered.return_to, "")
    current_language.set(page.language)
    return remembered


async def identify(page: Page, door: Door, service: SignInService, remembered: Remembered) -> Identity | StaffIdentity:
    """Who came back. Raises SignInCancelled, and SignInLost where the answer can't be trusted."""
    try:
        return await service.finish(remembered.pending, page.request.query_params)
    except SignInRefused as refused:
        log.warning("sign_in_refused", audience=door.audience, reason=refused.reason)
        raise SignInLost from refused


def at_provider(vault: IdentityVault, identity: Identity | StaffIdentity) -> AtProvider:
    """The identification service's own session, by which it may end the one that begins here."""
    acr, assurance = (identity.acr, identity.assurance) if isinstance(identity, Identity) else (None, "")
    sealed = vault.seal(identity.id_token)
    return AtProvider(identity.issuer, identity.provider_session, identity.subject, sealed, acr, assurance)


def device(page: Page) -> str:
    """What the browser says of itself, for whom looks at their own sessions later."""
    return device_of(page.request.headers.get("user-agent", ""))


def let_in(page: Page, door: Door, token: str, return_to: str) -> Response:
    """On to where the person was, with the cookie of the new session."""
    page.keep_cookie(door.cookie, token, int(LONGEST.total_seconds()))
    page.keep_cookie(BINDING, "", 0)
    return page.leave(return_to)


def goes_on(page: Page, back: str, default: str) -> Response:
    """The session has been extended by the request itself: a script is told nothing more, a plain browser goes back."""
    if page.request.headers.get("HX-Request") == "true":
        return Response(status_code=204)
    return page.go(safe_path(back, default))


async def sign_out(page: Page, session: AsyncSession, door: Door, service: SignInService) -> Response:
    """Our session ends first and for sure, then the identification service's, if it answers; the browser forgets the
    pages that it has seen."""
    for cookie in (door.cookie, RETURN_CODE, RECEIPT):
        page.keep_cookie(cookie, "", 0)
    answer = page.leave(await _way_out(page, session, door, service))
    answer.headers["Clear-Site-Data"] = FORGET
    return answer


async def _way_out(page: Page, session: AsyncSession, door: Door, service: SignInService) -> str:
    """End the session; where to go then: through the identification service, so that its session ends too."""
    here = page.path(door.outside)
    await enter(session, Context("door"))  # to end all that has come from the same sign-in
    ended = await end_session(session, page.viewer.session_id, await read_clock(session)) if page.viewer else None
    await session.commit()
    page.viewer = None
    if ended is None or ended.id_token_sealed is None:
        return here
    vault: IdentityVault = page.request.app.state.vault
    id_token, return_to = vault.open(ended.id_token_sealed), page.settings.public_url + here
    try:
        return await service.sign_out_url(id_token=id_token, return_to=return_to)
    except OutsideError:
        return here


def _callback(page: Page, door: Door) -> str:
    return page.settings.public_url + door.callback
