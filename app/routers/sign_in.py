"""Signing in by Suomi.fi (residents) and by the county's own issuer (staff), and signing out."""

from dataclasses import dataclass

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.identity_code import InvalidIdentityCode
from app.domain.safe_redirect import safe_path
from app.integrations.http import OutsideError
from app.integrations.sign_in import SignInCancelled, SignInRefused
from app.integrations.staff_identification.port import StaffIdentification
from app.integrations.suomifi.identification.port import Identification
from app.services.clock import read_clock
from app.services.outside import before_outside_call
from app.services.people import register_person, register_staff
from app.services.sessions import LONGEST, end_session, start_session, take_over_anonymous_work
from app.services.sign_in import Audience, Remembered, SignInLost, recall_attempt, remember_attempt
from app.web.access import (
    RESIDENT,
    STAFF,
    Leaving,
    PlainPage,
    PlainStaffDoor,
    PublicPage,
    Session,
    StaffDoor,
    StaffLeaving,
    StaffSubmitted,
    Submitted,
)
from app.web.cookies import SIGN_IN_SECONDS, read_cookie
from app.web.i18n import current_language
from app.web.i18n import gettext as _
from app.web.middleware import requested_language
from app.web.page import Page
from app.web.tokens import hash_secret, new_secret

router = APIRouter()

BINDING = "asiointi-sign-in"


@dataclass(frozen=True)
class SignInPage:
    """`return_to`: the page that the person was on. `cancelled`: they came back without signing in."""

    return_to: str
    cancelled: bool = False


@router.get("/{lang}/sign-in", name="sign_in")
async def ask(page: PublicPage, back: str = Query("", alias="next")) -> Response:
    """Why signing in is needed, and the way to Suomi.fi."""
    return_to = safe_path(back, page.path("my_window"))
    if page.signed_in:
        return page.go(return_to)
    page.title = _("Sign in")
    return page.show("sign_in/resident.html", SignInPage(return_to))


@router.post("/{lang}/sign-in", name="sign_in_start")
async def start(page: PublicPage, session: Session, form: Submitted) -> Response:
    """Leave for Suomi.fi identification; where the person was is remembered here, not in the address."""
    return_to = safe_path(form.value("next"), page.path("my_window"))
    return await _leave(page, session, "resident", return_to)


@router.get("/sign-in/callback", name="sign_in_callback")
async def come_back(page: PlainPage, session: Session) -> Response:
    """Back from Suomi.fi: a new session begins, what was done anonymously goes along."""
    remembered = await _recall(page, session, "resident")
    _speak(page, remembered.return_to)
    try:
        identity = await page.request.app.state.identification.finish(remembered.pending, page.request.query_params)
    except SignInCancelled:
        page.title = _("Sign in")
        return page.show("sign_in/resident.html", SignInPage(remembered.return_to, cancelled=True))
    except SignInRefused as refused:
        raise SignInLost from refused
    clock = await read_clock(session)
    try:
        person = await register_person(session, page.request.app.state.vault, identity, clock, page.language)
    except InvalidIdentityCode as invalid:
        raise SignInLost from invalid
    token = new_secret()
    new = await start_session(
        session,
        hash_secret(token),
        clock,
        person=person,
        acr=identity.acr,
        provider_session=identity.provider_session,
        id_token=identity.id_token,
    )
    if page.viewer is not None:
        await take_over_anonymous_work(session, page.viewer, new, clock)
    page.keep_cookie(RESIDENT, token, int(LONGEST.total_seconds()))
    page.keep_cookie(BINDING, "", 0)
    return page.leave(remembered.return_to)


@router.post("/{lang}/sign-out", name="sign_out")
async def sign_out(page: Leaving, session: Session) -> Response:
    """End the session here and at Suomi.fi."""
    page.keep_cookie(RESIDENT, "", 0)
    return await _sign_out(page, session, page.request.app.state.identification, page.path("signed_out"))


@router.get("/{lang}/signed-out", name="signed_out")
async def signed_out(page: PublicPage) -> Response:
    """Nothing of the person is left on this device."""
    page.title = _("You have signed out")
    return page.show("sign_in/signed_out.html")


@router.get("/{lang}/staff/sign-in", name="staff_sign_in")
async def staff_ask(page: StaffDoor, back: str = Query("", alias="next")) -> Response:
    """The way to the staff issuer."""
    return_to = safe_path(back, page.path("staff_queue"))
    if page.signed_in:
        return page.go(return_to)
    page.title = _("Staff sign-in")
    return page.show("sign_in/staff.html", SignInPage(return_to))


@router.post("/{lang}/staff/sign-in", name="staff_sign_in_start")
async def staff_start(page: StaffDoor, session: Session, form: StaffSubmitted) -> Response:
    """Leave for the staff issuer."""
    return await _leave(page, session, "staff", safe_path(form.value("next"), page.path("staff_queue")))


@router.get("/staff/sign-in/callback", name="staff_sign_in_callback")
async def staff_come_back(page: PlainStaffDoor, session: Session) -> Response:
    """Back from the staff issuer, with the roles and units that its claims name."""
    remembered = await _recall(page, session, "staff")
    _speak(page, remembered.return_to)
    try:
        identity = await page.request.app.state.staff_identification.finish(
            remembered.pending, page.request.query_params
        )
    except SignInCancelled:
        page.title = _("Staff sign-in")
        return page.show("sign_in/staff.html", SignInPage(remembered.return_to, cancelled=True))
    except SignInRefused as refused:
        raise SignInLost from refused
    clock = await read_clock(session)
    staff = await register_staff(session, identity, clock)
    token = new_secret()
    await start_session(
        session,
        hash_secret(token),
        clock,
        staff=staff,
        provider_session=identity.provider_session,
        id_token=identity.id_token,
    )
    if page.viewer is not None:
        await end_session(session, page.viewer.session_id, clock)
    page.keep_cookie(STAFF, token, int(LONGEST.total_seconds()))
    page.keep_cookie(BINDING, "", 0)
    return page.leave(remembered.return_to)


@router.post("/{lang}/staff/sign-out", name="staff_sign_out")
async def staff_sign_out(page: StaffLeaving, session: Session) -> Response:
    """End the session here and at the staff issuer."""
    page.keep_cookie(STAFF, "", 0)
    return await _sign_out(page, session, page.request.app.state.staff_identification, page.path("staff_sign_in"))


async def _leave(page: Page, session: AsyncSession, audience: Audience, return_to: str) -> Response:
    identification = _identification(page, audience)
    await before_outside_call(session)
    request = await identification.begin(redirect_uri=_callback(page, audience), language=page.language)
    binding = new_secret()
    await remember_attempt(
        session, audience, request.pending, hash_secret(request.pending.state), hash_secret(binding), return_to
    )
    page.keep_cookie(BINDING, binding, SIGN_IN_SECONDS)
    return page.leave(request.url)


async def _recall(page: Page, session: AsyncSession, audience: Audience) -> Remembered:
    """The attempt that came back, used up for good before the answer is looked at."""
    state = page.request.query_params.get("state", "")
    binding = read_cookie(page.request, page.settings, BINDING)
    remembered = await recall_attempt(
        session, audience, state, hash_secret(state), hash_secret(binding), _callback(page, audience)
    )
    await session.commit()
    return remembered


def _speak(page: Page, return_to: str) -> None:
    """The callback's address has no language: take that of the page the person was on."""
    page.language = requested_language(return_to, "")
    current_language.set(page.language)


def _callback(page: Page, audience: Audience) -> str:
    path = "/sign-in/callback" if audience == "resident" else "/staff/sign-in/callback"
    return page.settings.public_url + path


def _identification(page: Page, audience: Audience) -> Identification | StaffIdentification:
    state = page.request.app.state
    found: Identification | StaffIdentification = (
        state.identification if audience == "resident" else state.staff_identification
    )
    return found


async def _sign_out(
    page: Page, session: AsyncSession, identification: Identification | StaffIdentification, here: str
) -> Response:
    """Our session ends first and for sure; then the issuer's, if it answers."""
    ended = await end_session(session, page.viewer.session_id, await read_clock(session)) if page.viewer else None
    await session.commit()
    page.viewer = None
    if ended is None or ended.id_token is None:
        return page.leave(here)
    try:
        return page.leave(
            await identification.sign_out_url(id_token=ended.id_token, return_to=page.settings.public_url + here)
        )
    except OutsideError:
        return page.leave(here)
