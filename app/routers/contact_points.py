"""Contact details: a phone number and an e-mail address, each proved by a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.email_address import LONGEST, is_email_address
from app.domain.phone import can_get_texts
from app.models import ContactPoint
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault
from app.services.reaching.contact_points import (
    Kind,
    check_code,
    keep_contact,
    own_contact_points,
    remove_contact,
    send_code,
    waits_for_code,
)
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import hold_back, limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/contact-details")


@dataclass(frozen=True)
class ContactPage:
    """`asked`, `email_asked`: a code is on its way or has come. `sends_email`: the county has e-mail in use. `values`:
    what was typed and not taken."""

    phone: ContactPoint | None
    email: ContactPoint | None
    asked: bool
    email_asked: bool
    sends_email: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    told: str


@dataclass(frozen=True)
class _After:
    """What is said after a code was sent and after it proved something, and the field that takes it."""

    sent: str
    verified: str
    field: str


_AFTER: Mapping[Kind, _After] = {
    "phone": _After("code_sent", "verified", "code"),
    "email": _After("email_code_sent", "email_verified", "email_code"),
}


@router.get("", name="own_contact")
async def show(page: PublicPage, session: Session, own: Own, told: str = "") -> Response:
    """What we have, and how to change it."""
    return await _show(page, session, own, told=told)


@router.post("/phone", name="own_contact_phone", dependencies=[limited("form")])
async def keep_phone(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Keep a number, and send a code to it."""
    message = _("Write a mobile number, such as 040 123 4567")
    number = form.phone("phone", message=message)
    if not form.errors and not can_get_texts(number):
        form.errors["phone"] = message
    if form.errors:
        return await _show(page, session, own, form)
    await hold_back(page.request, session, "code_send", str(own.person_id), number)
    await keep_contact(session, own, "phone", number)
    await send_code(session, own, "phone", _vault(page))
    return _told(page, "code_sent", "code")


@router.post("/code/again", name="own_contact_again", dependencies=[limited("form")])
async def send_again(page: PublicPage, session: Session, own: Own, _form: Submitted) -> Response:
    """Another code to the same number."""
    return await _send_again(page, session, own, "phone")


@router.post("/code", name="own_contact_code", dependencies=[limited("form")])
async def check(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """The code that came: the number is proved, or another try."""
    return await _check(page, session, own, form, "phone")


@router.post("/email", name="own_contact_email", dependencies=[limited("form")])
async def keep_email(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Keep an address, and send a code to it where the county sends e-mail."""
    message = _("Write the address like this: name@example.fi")
    address = form.text("email", longest=LONGEST, required=message, too_long=message)
    if not is_email_address(address):
        form.errors["email"] = message
    if form.errors:
        return await _show(page, session, own, form)
    if not _sends_email(page):
        await keep_contact(session, own, "email", address)
        return _told(page, "email_kept")
    await hold_back(page.request, session, "code_send", str(own.person_id), address.casefold())
    await keep_contact(session, own, "email", address)
    await send_code(session, own, "email", _vault(page))
    return _told(page, "email_code_sent", "email_code")


@router.post("/email/code/again", name="own_contact_email_again", dependencies=[limited("form")])
async def send_email_again(page: PublicPage, session: Session, own: Own, _form: Submitted) -> Response:
    """Another code to the same address."""
    if not _sends_email(page):
        raise NotFound
    return await _send_again(page, session, own, "email")


@router.post("/email/code", name="own_contact_email_code", dependencies=[limited("form")])
async def check_email(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """The code that came: the address is proved, or another try."""
    return await _check(page, session, own, form, "email")


@router.post("/{kind}/remove", name="own_contact_remove")
async def remove(page: PublicPage, session: Session, own: Own, _form: Submitted, kind: str) -> Response:
    """Forget a number or an address."""
    if kind not in {"phone", "email"}:
        raise NotFound
    await remove_contact(session, own, "phone" if kind == "phone" else "email")
    return _told(page, "removed")


async def _send_again(page: Page, session: Session, own: Own, kind: Kind) -> Response:
    point = (await own_contact_points(session, own)).get(kind)
    if point is None:
        return _told(page, "code_over", kind)
    await hold_back(page.request, session, "code_send", str(own.person_id), point.value.casefold())
    await send_code(session, own, kind, _vault(page))
    return _told(page, _AFTER[kind].sent, _AFTER[kind].field)


async def _check(page: Page, session: Session, own: Own, form: Form, kind: Kind) -> Response:
    after = _AFTER[kind]
    await hold_back(page.request, session, "code_check", str(own.person_id))
    code = "".join(form.value(after.field).split())
    found = await check_code(session, own, kind, _vault(page), code)
    await session.commit()  # a wrong one is counted whatever becomes of the page
    if found == "verified":
        return _told(page, after.verified)
    if found == "over":
        return _told(page, "code_over", kind)
    form.errors[after.field] = _("This is not the code that we sent last. Look at the newest message.")
    return await _show(page, session, own, form)


async def _show(page: Page, session: Session, own: Own, form: Form | None = None, told: str = "") -> Response:
    page.title = _("Contact details")
    page.own_path = page.path("own_contact")
    points, clock = await own_contact_points(session, own), await read_clock(session)
    errors = form.errors if form else {}
    context = ContactPage(
        phone=points.get("phone"),
        email=points.get("email"),
        asked=waits_for_code(points.get("phone"), clock),
        email_asked=waits_for_code(points.get("email"), clock),
        sends_email=_sends_email(page),
        values={name: form.value(name) for name in ("phone", "email")} if form else {},
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
        told=told,
    )
    return page.show("my/contact.html", context, status=422 if errors else 200)


def _sends_email(page: Page) -> bool:
    return "email" not in page.settings.not_in_use


def _told(page: Page, told: str, where: str = "") -> Response:
    path = page.path("own_contact", {"told": told})
    return page.go(f"{path}#{where}" if where else path)


def _vault(page: Page) -> IdentityVault:
    vault: IdentityVault = page.request.app.state.vault
    return vault
