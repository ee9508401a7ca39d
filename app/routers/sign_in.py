"""Signing in by Suomi.fi (residents) and by the county's own issuer (staff), and signing out."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.identity_code import InvalidIdentityCode
from app.domain.safe_redirect import safe_path
from app.domain.staff_roles import may, registers_of
from app.integrations.sign_in import SignInCancelled
from app.integrations.staff_identification.port import StaffIdentity
from app.integrations.suomifi.identification.port import Identity
from app.models import BrowserSession
from app.models.context import Context, enter
from app.services.clock import read_clock
from app.services.identity.anonymous_work import seal_earlier, take_over_anonymous_work
from app.services.identity.people import register_person, register_staff
from app.services.identity.sessions import end_session, start_session
from app.services.identity.sign_in import SignInLost
from app.web import door
from app.web.access import (
    AnyForm,
    Leaving,
    PlainStaffDoor,
    PlainUnaskedPage,
    PublicPage,
    Session,
    Staff,
    StaffDoor,
    StaffLeaving,
    StaffSubmitted,
)
from app.web.door import RESIDENTS, STAFF_DOOR
from app.web.i18n import gettext as _
from app.web.kept import way_back
from app.web.limits import limited
from app.web.outside import ResidentSignIn, StaffSignIn, leads_to
from app.web.page import Page
from app.web.tokens import hash_secret, new_secret

router = APIRouter()


@router.get("/{lang}/sign-in", name="sign_in", dependencies=[leads_to("suomifi-identification")])
async def ask(page: PublicPage, back: str = Query("", alias="next"), told: str = "", kept: str = "") -> Response:
    """Why signing in is needed, and the way to Suomi.fi."""
    return door.ask(page, RESIDENTS, back, told, kept=bool(kept))


@router.post("/{lang}/sign-in", name="sign_in_start", dependencies=[limited("sign_in")])
async def start(page: PublicPage, session: Session, form: AnyForm, suomifi: ResidentSignIn) -> Response:
    """Leave for Suomi.fi identification; who is to be identified anew must prove it again there."""
    begin = partial(suomifi.begin, force=bool(form.value("force")))
    return await door.leave(page, session, RESIDENTS, begin, form.value("next"))


@router.get("/{lang}/sign-in/step-up", name="step_up", dependencies=[leads_to("suomifi-identification")])
async def step_up(page: PublicPage, back: str = Query("", alias="next")) -> Response:
    """Why a surer identification is needed, and the way to it."""
    return_to = safe_path(back, page.path("my_window"))
    if page.viewer is not None and page.viewer.is_sure and page.signed_in:
        return page.go(return_to)
    page.title = _("Identify yourself more strongly")
    return page.show("sign_in/step_up.html", return_to=return_to)


@router.get("/sign-in/callback", name="sign_in_callback", dependencies=[limited("callback")])
async def come_back(page: PlainUnaskedPage, session: Session, suomifi: ResidentSignIn) -> Response:
    """Back from Suomi.fi: a new session begins, what was done anonymously goes along."""
    remembered = await door.recall(page, session, RESIDENTS)
    try:
        identity = await door.identify(page, RESIDENTS, suomifi, remembered)
    except SignInCancelled:
        return door.show_door(page, RESIDENTS, remembered.return_to, cancelled=True)
    assert isinstance(identity, Identity)  # noqa: S101 - what the residents' door gives
    clock, vault, token = await read_clock(session), page.request.app.state.vault, new_secret()
    await enter(session, Context("door"))
    try:
        person = await register_person(session, vault, identity, clock, page.language)
    except InvalidIdentityCode as invalid:
        raise SignInLost from invalid
    new = await start_session(
        session,
        hash_secret(token),
        clock,
        person=person,
        at_provider=door.at_provider(vault, identity),
        device=door.device(page),
    )
    return_to = await _way_in(page, session, new, remembered.return_to)
    return door.let_in(page, RESIDENTS, token, return_to)


async def _way_in(page: Page, session: AsyncSession, new: BrowserSession, return_to: str) -> str:
    """Where to go first: to answers that may be somebody else's, then to what waits to be sent, then to where the
    person was."""
    assert new.person_id is not None  # noqa: S101 - a resident's
    clock, earlier = await read_clock(session), page.viewer
    older = await take_over_anonymous_work(session, earlier, new, clock) if earlier else False
    await enter(session, Context("resident", actor=new.person_id, subject=new.person_id, token=new.token_hash))
    return_to = await way_back(page, session, new.person_id, new.person_id, return_to)
    if not older or earlier is None:
        return return_to
    word = seal_earlier(page.request.app.state.vault, earlier.session_id, new.id)
    return page.path("older_answers", {"of": word, "next": return_to})


@router.post("/{lang}/sign-out", name="sign_out")
async def sign_out(page: Leaving, session: Session, suomifi: ResidentSignIn) -> Response:
    """End the session here and at Suomi.fi."""
    return await door.sign_out(page, session, RESIDENTS, suomifi)


@router.get("/{lang}/signed-out", name="signed_out")
async def signed_out(page: PublicPage) -> Response:
    """Nothing of the person is left on this device."""
    page.title = _("You have signed out")
    return page.show("sign_in/signed_out.html")


@router.get("/{lang}/staff/sign-in", name="staff_sign_in")
async def staff_ask(page: StaffDoor, back: str = Query("", alias="next")) -> Response:
    """The way to the staff issuer."""
    return door.ask(page, STAFF_DOOR, back)


@router.post("/{lang}/staff/sign-in", name="staff_sign_in_start", dependencies=[limited("sign_in")])
async def staff_start(page: StaffDoor, session: Session, form: StaffSubmitted, issuer: StaffSignIn) -> Response:
    """Leave for the staff issuer."""
    return await door.leave(page, session, STAFF_DOOR, issuer.begin, form.value("next"))


@router.get("/staff/sign-in/callback", name="staff_sign_in_callback", dependencies=[limited("callback")])
async def staff_come_back(page: PlainStaffDoor, session: Session, issuer: StaffSignIn) -> Response:
    """Back from the staff issuer, with the roles and units that its claims name."""
    remembered = await door.recall(page, session, STAFF_DOOR)
    try:
        identity = await door.identify(page, STAFF_DOOR, issuer, remembered)
    except SignInCancelled:
        return door.show_door(page, STAFF_DOOR, remembered.return_to, cancelled=True)
    assert isinstance(identity, StaffIdentity)  # noqa: S101 - what the staff door gives
    clock, vault, token = await read_clock(session), page.request.app.state.vault, new_secret()
    await enter(session, Context("door"))
    staff = await register_staff(session, identity, clock)
    await start_session(
        session,
        hash_secret(token),
        clock,
        staff=staff,
        at_provider=door.at_provider(vault, identity),
        device=door.device(page),
    )
    if page.viewer is not None:
        await end_session(session, page.viewer.session_id, clock)
    return door.let_in(page, STAFF_DOOR, token, _begins_at(page, staff.roles, remembered.return_to))


@router.post("/{lang}/staff/session/extend", name="staff_session_extend")
async def staff_extend(page: StaffDoor, viewer: Staff, form: StaffSubmitted) -> Response:  # noqa: ARG001 - seen by it
    """A sign of life: the session goes on."""
    return door.goes_on(page, form.value("next"), page.path("staff_queue"))


@router.post("/{lang}/staff/sign-out", name="staff_sign_out")
async def staff_sign_out(page: StaffLeaving, session: Session, issuer: StaffSignIn) -> Response:
    """End the session here and at the staff issuer."""
    return await door.sign_out(page, session, STAFF_DOOR, issuer)


def _begins_at(page: Page, roles: Sequence[str], return_to: str) -> str:
    """Where somebody begins who has come for no page of its own: not at a queue of cases, if they answer for forms and
    handle none."""
    at_forms = not registers_of(roles) and may(roles, "edit_content")
    return page.path("desk_forms") if at_forms and return_to == page.path("staff_queue") else return_to
