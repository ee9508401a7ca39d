"""Who may: identity is resolved in a router's signature, before its body runs."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.staff_roles import Permission, may
from app.domain.text import Language
from app.models.context import enter
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.sessions import find_ended, find_viewer, start_session
from app.services.viewer import Viewer, context_for
from app.web.acting import OwnMattersOnly, RightInDoubt, confirm_right
from app.web.cookies import ANONYMOUS_SECONDS, read_cookie
from app.web.forms import Form, read_values, submission_of
from app.web.kept import drop_taken, keep_of_ended, keep_of_viewer, let_go_of_kept
from app.web.middleware import SAFE_METHODS, check_origin
from app.web.page import ANONYMOUS, Page
from app.web.tokens import FormExpired, hash_secret, new_secret

RESIDENT, STAFF = "asiointi", "asiointi-staff"


class SignInNeeded(Exception):
    """The page belongs to somebody signed in; `audience` says who signs in where."""

    def __init__(self, audience: str) -> None:
        super().__init__(audience)
        self.audience = audience


class StepUpNeeded(Exception):
    """Personal data needs a surer proof of who the person is than the one they signed in by."""


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's transaction; committed before the answer is sent, rolled back on any exception. A form that had
    been kept is dropped with it, and not before: whatever fails until then leaves it where it is."""
    try:
        async with request.app.state.database.transaction() as session:
            yield session
            await drop_taken(request, session)
    finally:
        await request.close()  # files that came with a form go with the request


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]


async def _page_for(request: Request, session: AsyncSession, cookie: str, *, confirm: bool = True) -> Page:
    check_origin(request, request.app.state.settings)
    token = read_cookie(request, request.app.state.settings, cookie)
    viewer = None
    if token:
        viewer = await find_viewer(session, hash_secret(token), await read_clock(session))
    else:
        await enter(session, context_for(None))
    ended = await find_ended(session, hash_secret(token), await read_clock(session)) if token and not viewer else None
    if viewer is not None:
        if (viewer.staff_id is not None) != (cookie == STAFF):
            viewer = None  # a session opens only the side of the house that it was made for
            await enter(session, context_for(None))
        if session.info.pop("written", False):
            await session.commit()  # "seen just now" is true whatever becomes of the request
    page = Page(request, viewer)
    request.state.page = page
    if ended is not None and cookie == RESIDENT:
        page.ended, page.kept = ended, await keep_of_ended(request, session, page, ended)
    if token and confirm:
        await confirm_right(page, session, cookie, hash_secret(token))
    return page


async def resident_page(request: Request, session: Session, lang: Language) -> Page:  # noqa: ARG001 - checks the path
    """A page of the resident side, looked at by anybody."""
    return await _page_for(request, session, RESIDENT)


async def unasked_page(request: Request, session: Session, lang: Language) -> Page:  # noqa: ARG001 - checks the path
    """The page of a resident who does something about the session itself, or leaves it: whether they may still act for
    another is not asked, because nothing of the other person is read or changed."""
    return await _page_for(request, session, RESIDENT, confirm=False)


async def staff_page(request: Request, session: Session, lang: Language) -> Page:  # noqa: ARG001 - checks the path
    """A page of the staff side, looked at by anybody."""
    return await _page_for(request, session, STAFF)


async def plain_resident_page(request: Request, session: Session) -> Page:
    """A resident page whose address has no language."""
    return await _page_for(request, session, RESIDENT)


async def plain_unasked_page(request: Request, session: Session) -> Page:
    """As `plain_resident_page`, for the way back from signing in, or from choosing for whom to act: it leads out of
    the session that was there before, whatever that one's right has come to."""
    return await _page_for(request, session, RESIDENT, confirm=False)


async def plain_staff_page(request: Request, session: Session) -> Page:
    """A staff page whose address has no language."""
    return await _page_for(request, session, STAFF)


PublicPage = Annotated[Page, Depends(resident_page, scope="function")]
PlainPage = Annotated[Page, Depends(plain_resident_page, scope="function")]
UnaskedPage = Annotated[Page, Depends(unasked_page, scope="function")]
PlainUnaskedPage = Annotated[Page, Depends(plain_unasked_page, scope="function")]
StaffDoor = Annotated[Page, Depends(staff_page, scope="function")]
PlainStaffDoor = Annotated[Page, Depends(plain_staff_page, scope="function")]


async def signed_in_resident_anyhow(page: PublicPage) -> Viewer:
    """The resident who is signed in, whatever else stands: for what is about the session itself. Raises
    SignInNeeded."""
    if page.viewer is None or page.viewer.person_id is None:
        raise SignInNeeded("resident")
    return page.viewer


async def unasked_resident(page: UnaskedPage) -> Viewer:
    """As `signed_in_resident_anyhow`, on a page that does not ask for the right to act for another."""
    return await signed_in_resident_anyhow(page)


async def signed_in_resident_sure(page: PublicPage) -> Viewer:
    """The resident, of whom it is sure enough who they are. Raises SignInNeeded, StepUpNeeded."""
    viewer = await signed_in_resident_anyhow(page)
    if not viewer.is_sure:
        raise StepUpNeeded
    return viewer


UnaskedResident = Annotated[Viewer, Depends(unasked_resident)]
SureResident = Annotated[Viewer, Depends(signed_in_resident_sure)]


async def signed_in_resident(page: PublicPage) -> Viewer:
    """The resident who is signed in. Raises SignInNeeded, StepUpNeeded, and RightInDoubt while nobody can say whether
    they may act for another."""
    viewer = await signed_in_resident_sure(page)
    # A change is refused by its form, which keeps what was typed.
    if viewer.acting is not None and viewer.acting.doubt and page.request.method in SAFE_METHODS:
        raise RightInDoubt(viewer.acting)
    return viewer


async def own_resident(viewer: SureResident) -> Viewer:
    """The resident in their own matters. Raises SignInNeeded, StepUpNeeded, and OwnMattersOnly while they act for
    another."""
    if viewer.acting is not None:
        raise OwnMattersOnly
    return viewer


async def signed_in_staff(page: StaffDoor) -> Viewer:
    """The member of staff who is signed in. Raises SignInNeeded."""
    if page.viewer is None or page.viewer.staff_id is None:
        raise SignInNeeded("staff")
    return page.viewer


async def sure_of_right(page: PublicPage) -> None:
    """For a page that shows the other person's answers to whoever acts for them. Raises RightInDoubt."""
    if page.viewer is not None and page.viewer.acting is not None and page.viewer.acting.doubt:
        raise RightInDoubt(page.viewer.acting)


SURE_OF_RIGHT = Depends(sure_of_right)


Resident = Annotated[Viewer, Depends(signed_in_resident)]
Own = Annotated[Viewer, Depends(own_resident)]
Staff = Annotated[Viewer, Depends(signed_in_staff)]


class MayStaff:
    """Who is signed in as staff and has one of the permissions `needed`, in whichever register.

    Raises SignInNeeded, and NotFound for other staff: for them there is no such page.
    """

    def __init__(self, *needed: Permission) -> None:
        self.needed = needed

    async def __call__(self, viewer: Staff) -> Viewer:
        if not any(may(viewer.roles, permission) for permission in self.needed):
            raise NotFound
        return viewer


Operator = Annotated[Viewer, Depends(MayStaff("operate_systems"))]


async def _form(request: Request, page: Page) -> Form:
    values = await read_values(request)
    token = next(iter(values.get("form_token", ())), "")
    return Form(submission_of(_read_token(page, token), values), values)


def _read_token(page: Page, token: str) -> uuid.UUID:
    """The id in the token of a form. A form that was opened before this browser had an anonymous session is good
    still: nobody signs in by it, and the person may have begun an assessment in another tab. Raises FormExpired, and
    SignInNeeded where the form's session has ended meanwhile."""
    try:
        return page.tokens.read(token, page.binding)
    except FormExpired:
        if page.signed_in:
            raise
        if page.ended is not None and page.tokens.fits(token, page.ended.session_id.bytes):
            raise SignInNeeded("resident") from None
        return page.tokens.read(token, ANONYMOUS)


async def submitted_form(request: Request, page: PublicPage, session: Session) -> Form:
    """The resident's form, its token checked; what was kept of it goes once the request has come to an end. Raises
    FormExpired, SignInNeeded, StepUpNeeded, and RightInDoubt; what was typed is kept then."""
    form = await _form(request, page)
    if page.viewer is not None and page.viewer.acting is not None and page.viewer.acting.doubt:
        raise RightInDoubt(page.viewer.acting, await keep_of_viewer(page, session, form.values))
    if page.viewer is not None and not page.viewer.is_sure:
        await keep_of_viewer(page, session, form.values)
        raise StepUpNeeded
    return let_go_of_kept(page, form)


async def any_form(request: Request, page: PublicPage) -> Form:
    """A form that can be sent also while the right to act for another is in doubt: for getting out of that."""
    return await _form(request, page)


async def unasked_form(request: Request, page: UnaskedPage) -> Form:
    """As `any_form`, on a page that does not ask for the right to act for another."""
    return await _form(request, page)


async def staff_form(request: Request, page: StaffDoor) -> Form:
    """The member of staff's form, its token checked. Raises FormExpired."""
    return await _form(request, page)


async def leaving_resident(request: Request, page: UnaskedPage) -> Page:
    """The page of a resident who signs out. The token is asked for only where there is a session to end: whoever
    signs out after it has run out must not be told that a form is too old. Raises FormExpired."""
    if page.signed_in:
        await _form(request, page)
    return page


async def leaving_staff(request: Request, page: StaffDoor) -> Page:
    """The page of a member of staff who signs out, as `leaving_resident`."""
    if page.signed_in:
        await _form(request, page)
    return page


Leaving = Annotated[Page, Depends(leaving_resident)]
StaffLeaving = Annotated[Page, Depends(leaving_staff)]
Submitted = Annotated[Form, Depends(submitted_form)]
AnyForm = Annotated[Form, Depends(any_form)]
UnaskedForm = Annotated[Form, Depends(unasked_form)]
StaffSubmitted = Annotated[Form, Depends(staff_form)]

Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]


async def ensure_session(page: Page, session: AsyncSession) -> Viewer:
    """The page's viewer; a browser without a session gets an anonymous one, because there is something to keep."""
    if page.viewer is not None:
        return page.viewer
    token = new_secret()
    started = await start_session(session, hash_secret(token), await read_clock(session))
    page.keep_cookie(RESIDENT, token, ANONYMOUS_SECONDS)
    page.viewer = Viewer(started.id)
    await enter(session, context_for(page.viewer, hash_secret(token)))
    return page.viewer
