"""Contact details: a phone number that is proved by a code, and an e-mail address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.phone import can_get_texts
from app.models import ContactPoint
from app.services.clock import read_clock
from app.services.contact_points import (
    check_code,
    keep_contact,
    looks_like_email,
    own_contact_points,
    remove_contact,
    send_code,
    waits_for_code,
)
from app.services.errors import NotFound
from app.services.identity_vault import IdentityVault
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.limits import hold_back, limited
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my/contact-details")

LONGEST_EMAIL = 254  # RFC 5321


@dataclass(frozen=True)
class ContactPage:
    """`asked`: a code is on its way or has come. `values`: what was typed and not taken."""

    phone: ContactPoint | None
    email: ContactPoint | None
    asked: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    told: str


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
    await send_code(session, own, _vault(page))
    return _told(page, "code_sent", "code")


@router.post("/code/again", name="own_contact_again", dependencies=[limited("form")])
async def send_again(page: PublicPage, session: Session, own: Own, _form: Submitted) -> Response:
    """Another code to the same number."""
    phone = (await own_contact_points(session, own)).get("phone")
    if phone is None:
        return _told(page, "code_over", "phone")
    await hold_back(page.request, session, "code_send", str(own.person_id), phone.value)
    await send_code(session, own, _vault(page))
    return _told(page, "code_sent", "code")


@router.post("/code", name="own_contact_code", dependencies=[limited("form")])
async def check(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """The code that came: the number is proved, or another try."""
    await hold_back(page.request, session, "code_check", str(own.person_id))
    code = "".join(form.value("code").split())
    found = await check_code(session, own, _vault(page), code)
    await session.commit()  # a wrong one is counted whatever becomes of the page
    if found == "verified":
        return _told(page, "verified")
    if found == "over":
        return _told(page, "code_over", "phone")
    form.errors["code"] = _("This is not the code that we sent last. Look at the newest message.")
    return await _show(page, session, own, form)


@router.post("/email", name="own_contact_email", dependencies=[limited("form")])
async def keep_email(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Keep an address."""
    message = _("Write the address like this: name@example.fi")
    address = form.text("email", longest=LONGEST_EMAIL, required=message, too_long=message)
    if not looks_like_email(address):
        form.errors["email"] = message
    if form.errors:
        return await _show(page, session, own, form)
    await keep_contact(session, own, "email", address)
    return _told(page, "email_kept")


@router.post("/{kind}/remove", name="own_contact_remove")
async def remove(page: PublicPage, session: Session, own: Own, _form: Submitted, kind: str) -> Response:
    """Forget a number or an address."""
    if kind not in {"phone", "email"}:
        raise NotFound
    await remove_contact(session, own, "phone" if kind == "phone" else "email")
    return _told(page, "removed")


async def _show(page: Page, session: Session, own: Own, form: Form | None = None, told: str = "") -> Response:
    page.title = _("Contact details")
    page.own_path = page.path("own_contact")
    points = await own_contact_points(session, own)
    errors = form.errors if form else {}
    context = ContactPage(
        phone=points.get("phone"),
        email=points.get("email"),
        asked=waits_for_code(points.get("phone"), await read_clock(session)),
        values={name: form.value(name) for name in ("phone", "email")} if form else {},
        errors=errors,
        summary=[FieldError(name, message) for name, message in errors.items()],
        told=told,
    )
    return page.show("my/contact.html", context, status=422 if errors else 200)


def _told(page: Page, told: str, where: str = "") -> Response:
    path = page.path("own_contact", {"told": told})
    return page.go(f"{path}#{where}" if where else path)


def _vault(page: Page) -> IdentityVault:
    vault: IdentityVault = page.request.app.state.vault
    return vault
