"""What a resident decides: how they hear from us, what we call them, and what they permit, forbid and consent to."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.text import LANGUAGES, Text, as_language
from app.models import Permit
from app.services.own_data.permits import PermitKind, end_permit, give_permit, national_words, own_permits, permit_kinds
from app.services.reaching.contact_points import own_contact_points
from app.services.reaching.notification_choices import LONGEST_NAME, Choices, is_name, own_choices, save_choices
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.components import FieldError
from app.web.forms import Form
from app.web.i18n import gettext as _
from app.web.page import Page

router = APIRouter(prefix="/{lang}/my")


@dataclass(frozen=True)
class ChoicesPage:
    """`verified_phone`, `verified_email`: what the resident has proved to be theirs, or empty; e-mail only where the
    county sends any."""

    choices: Choices
    verified_phone: str
    verified_email: str
    errors: Mapping[str, str]
    summary: Sequence[FieldError]
    told: str


@dataclass(frozen=True)
class PermitsPage:
    """`kinds` in the order of the page; `held` maps a scope to what holds; `earlier`: what has ended."""

    kinds: Sequence[PermitKind]
    held: Mapping[str, Permit]
    earlier: Sequence[tuple[Permit, Text]]
    national: Text
    told: str


@router.get("/choices", name="own_choices")
async def show(page: PublicPage, session: Session, own: Own, told: str = "") -> Response:
    """The form with what holds now."""
    page.own_path = page.path("own_choices")
    return await _show(page, session, own, await own_choices(session, own), told=told)


@router.post("/choices", name="own_choices_save")
async def save(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Keep them; the page goes on in the language that was chosen. What wasn't asked about e-mail stays as it is."""
    before = await own_choices(session, own)
    choices = _choices(form, before.email, asked=bool(await _verified_email(page, session, own)))
    if form.errors:
        page.own_path = page.path("own_choices")
        return await _show(page, session, own, choices, form.errors)
    await save_choices(session, own, choices)
    page.language = choices.language
    return page.go(page.path("own_choices", {"told": "saved"}))


@router.get("/permits", name="own_permits")
async def permits(page: PublicPage, session: Session, own: Own, told: str = "") -> Response:
    """What can be given, what holds, and what has ended."""
    page.title = _("Permissions, prohibitions and consents")
    page.own_path = page.path("own_permits")
    given, kinds = await own_permits(session, own), permit_kinds()
    context = PermitsPage(
        kinds=list(kinds.values()),
        held={one.scope: one for one in given if one.ended_at is None},
        earlier=[(one, kinds[one.scope].names) for one in given if one.ended_at and one.scope in kinds],
        national=national_words(),
        told=told,
    )
    return page.show("my/permits.html", context)


@router.post("/permits", name="own_permit_give")
async def give(page: PublicPage, session: Session, own: Own, form: Submitted) -> Response:
    """Give one; it holds at once."""
    await give_permit(session, own, form.value("scope"))
    return page.go(page.path("own_permits", {"told": "given"}))


@router.post("/permits/{permit_id}/end", name="own_permit_end")
async def end(page: PublicPage, session: Session, own: Own, _form: Submitted, permit_id: uuid.UUID) -> Response:
    """End one; it holds no more from now on."""
    await end_permit(session, own, permit_id)
    return page.go(page.path("own_permits", {"told": "ended"}))


async def _show(
    page: Page,
    session: Session,
    own: Own,
    choices: Choices,
    errors: Mapping[str, str] | None = None,
    told: str = "",
) -> Response:
    page.title = _("Notices, language and name")
    phone = (await own_contact_points(session, own)).get("phone")
    verified = phone.value if phone and phone.verified_at else ""
    email = await _verified_email(page, session, own)
    summary = [FieldError(name, message) for name, message in (errors or {}).items()]
    context = ChoicesPage(choices, verified, email, errors or {}, summary, told)
    return page.show("my/choices.html", context, status=422 if errors else 200)


async def _verified_email(page: Page, session: Session, own: Own) -> str:
    if "email" in page.settings.not_in_use:
        return ""
    point = (await own_contact_points(session, own)).get("email")
    return point.value if point and point.verified_at else ""


def _choices(form: Form, email: bool, *, asked: bool) -> Choices:
    """What was chosen. `email`: what holds for it, where the page has not `asked`."""
    name, language = form.value("name"), form.value("language")
    if name and not is_name(name):
        form.errors["name"] = _("Write a name with letters, at most %(longest)s characters") % {"longest": LONGEST_NAME}
    if language not in LANGUAGES:
        form.errors["language"] = _("Choose a language")
    for one in ("sms", "email", "reminders") if asked else ("sms", "reminders"):
        if form.value(one) not in {"yes", "no"}:
            form.errors[one] = _("Choose yes or no")
    return Choices(
        sms=form.value("sms") == "yes",
        email=form.value("email") == "yes" if asked else email,
        reminders=form.value("reminders") == "yes",
        language=as_language(language),
        name=name,
    )
