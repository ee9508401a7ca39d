"""Acting for another: choose for whom, begin, stop. Suomi.fi says who may, and so do the county's own records."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.domain.safe_redirect import safe_path
from app.models import Person
from app.services.acting.representations import remember_choice, start_acting, stop_acting
from app.services.acting.rights import Granted, rights_held_here
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault
from app.services.outside import before_outside_call
from app.services.viewer import Viewer
from app.web.access import (
    RESIDENT,
    AnyForm,
    PublicPage,
    Session,
    SureResident,
    UnaskedForm,
    UnaskedPage,
    UnaskedResident,
)
from app.web.cookies import SESSION_SECONDS
from app.web.i18n import gettext as _
from app.web.kept import way_back
from app.web.limits import limited
from app.web.outside import MandatesPort, leads_to
from app.web.tokens import hash_secret, new_secret

CALLBACK = "/acting/callback"
router = APIRouter(prefix="/{lang}/acting")


@dataclass(frozen=True)
class HeldHere:
    """Somebody for whom the resident may act by what this county has recorded; `id` names the record."""

    id: uuid.UUID
    name: str
    basis: str


@dataclass(frozen=True)
class ActingPage:
    """`held`: paper mandates and foster care recorded here. `told`: what has just happened. `by_suomifi`: whether the
    reader can be asked about at Suomi.fi, which knows Finnish identity codes only. `back`: where to go afterwards."""

    held: Sequence[HeldHere]
    told: str
    by_suomifi: bool
    back: str


@router.get("", name="acting", dependencies=[leads_to("suomifi-mandates")])
async def choose(
    page: PublicPage, session: Session, resident: SureResident, told: str = "", back: str = Query("", alias="next")
) -> Response:
    """For whom do you act?"""
    actor = await _actor(session, resident)
    held = await rights_held_here(session, actor, await read_clock(session))
    page.title = _("Act for another person")
    page.own_path = page.path("acting")
    by_suomifi = actor.identity_kind == "finnish" and actor.identity_sealed is not None
    lines = [_line(person, granted) for person, granted in held]
    return page.show("acting/choose.html", ActingPage(lines, told, by_suomifi, safe_path(back, "")))


@router.post("/suomifi", name="acting_leave", dependencies=[limited("form")])
async def leave(
    page: PublicPage, session: Session, resident: SureResident, form: AnyForm, mandates: MandatesPort
) -> Response:
    """Leave for Suomi.fi, where the resident chooses for whom to act."""
    vault: IdentityVault = page.request.app.state.vault
    actor = await _actor(session, resident)
    if actor.identity_sealed is None or actor.identity_kind != "finnish":
        raise NotFound
    await before_outside_call(session)
    begun = await mandates.begin(
        delegate=vault.open(actor.identity_sealed),
        return_url=page.settings.public_url + CALLBACK,
        language=page.language,
        request_id=str(uuid.uuid4()),
    )
    back = safe_path(form.value("next"), page.path("my_window"))
    state = hash_secret(begun.pending.state)
    await remember_choice(session, resident, vault, begun.pending, state, back)
    return page.leave(begun.url)


@router.post("/here", name="acting_here", dependencies=[limited("form")])
async def act_here(page: PublicPage, session: Session, resident: SureResident, form: AnyForm) -> Response:
    """Begin by a paper mandate or foster care that this county has recorded."""
    actor = await _actor(session, resident)
    held = await rights_held_here(session, actor, await read_clock(session))
    chosen = next((one for one in held if _source_id(one[1]) == form.value("source")), None)
    if chosen is None:
        return page.go(page.path("acting", {"told": "refused"}))
    token = new_secret()
    await start_acting(session, resident, *chosen, hash_secret(token))
    page.keep_cookie(RESIDENT, token, SESSION_SECONDS)
    back = safe_path(form.value("next"), page.path("my_window"))
    return page.go(await way_back(page, session, actor.id, chosen[0].id, back))


@router.post("/stop", name="acting_stop")
async def stop(page: UnaskedPage, session: Session, resident: UnaskedResident, _form: UnaskedForm) -> Response:
    """Back to one's own matters, here at once; Suomi.fi's session ends by itself."""
    if resident.acting is not None:
        token = new_secret()
        page.viewer = await stop_acting(session, resident, hash_secret(token), "stopped")
        page.keep_cookie(RESIDENT, token, SESSION_SECONDS)
    return page.go(page.path("my_window"))


async def _actor(session: AsyncSession, resident: Viewer) -> Person:
    return await session.get_one(Person, resident.person_id)


def _line(person: Person, granted: Granted) -> HeldHere:
    assert granted.source is not None  # noqa: S101 - what is recorded here has a record
    return HeldHere(granted.source.id, person.called, granted.basis)


def _source_id(granted: Granted) -> str:
    return str(granted.source.id) if granted.source else ""
