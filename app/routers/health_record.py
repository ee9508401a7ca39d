"""Consents: that the window may use the resident's own Kanta record; and saving a result there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.domain.safe_redirect import safe_path
from app.models import HealthRecordConsent
from app.services.assessing.runs import find_real_run
from app.services.errors import NotFound
from app.services.health_record.consent import (
    SYSTEM,
    allows_reading,
    allows_saving,
    find_consent,
    is_known_to_kanta,
    withdraw_consent,
)
from app.services.health_record.consent_attempts import begin_consent
from app.services.health_record.save import ConsentNeeded, save_run_to_health_record
from app.services.outside import before_outside_call
from app.web.access import Own, PublicPage, Session, Submitted
from app.web.i18n import gettext as _
from app.web.outside import HealthRecord, leads_to
from app.web.page import Page
from app.web.tokens import hash_secret

CALLBACK = "/health-record/callback"


async def in_use(page: PublicPage) -> None:
    """Raises NotFound where the county does not use the Personal Health Record."""
    if SYSTEM in page.settings.not_in_use:
        raise NotFound


router = APIRouter(prefix="/{lang}/my", dependencies=[Depends(in_use), leads_to(SYSTEM)])


@dataclass(frozen=True)
class ConsentsPage:
    """`consent`: the one that holds, `ended`: else the one that held last. `allowed`: what it lets us do, in words.
    `told`: what has just happened. `back`: the page that needs a consent, empty where there is none. `known`: Kanta
    can know the reader, by a Finnish identity code."""

    consent: HealthRecordConsent | None
    ended: HealthRecordConsent | None
    allowed: Sequence[str]
    allows_saving: bool
    allows_reading: bool
    told: str
    back: str
    known: bool


@router.get("/consents", name="consents")
async def show(
    page: PublicPage, session: Session, resident: Own, told: str = "", back: str = Query("", alias="next")
) -> Response:
    """What has been consented to, since when, and how to withdraw it; or what it would be, and how to give it."""
    found = await find_consent(session, resident)
    holds = found is not None and found.ended_at is None
    page.title = _("Consents")
    page.own_path = page.path("consents")
    context = ConsentsPage(
        consent=found if holds else None,
        ended=None if holds else found,
        allowed=allowed_in_words(found.scopes) if found and holds else (),
        allows_saving=allows_saving(found),
        allows_reading=allows_reading(found),
        told=told,
        back=safe_path(back, ""),
        known=await is_known_to_kanta(session, resident),
    )
    return page.show("my/consents.html", context)


@router.post("/consents/health-record", name="health_record_give")
async def give(page: PublicPage, session: Session, resident: Own, form: Submitted, phr: HealthRecord) -> Response:
    """Leave for Kanta, where consent is given. Raises NotFound for whom Kanta can't know."""
    if not await is_known_to_kanta(session, resident):
        raise NotFound
    await before_outside_call(session)
    asked = await phr.begin_consent(page.settings.public_url + CALLBACK, page.language)
    back = safe_path(form.value("next"), page.path("consents"))
    await begin_consent(session, resident, asked.pending, hash_secret(asked.pending.state), back)
    return page.leave(asked.url)


@router.post("/consents/health-record/withdraw", name="health_record_withdraw")
async def withdraw(page: PublicPage, session: Session, resident: Own, _form: Submitted) -> Response:
    """End the consent, here at once."""
    await withdraw_consent(session, resident)
    return page.go(page.path("consents", {"told": "withdrawn"}))


@router.post("/health-record/runs/{run_id}", name="health_record_save")
async def save(page: PublicPage, session: Session, resident: Own, _form: Submitted, run_id: uuid.UUID) -> Response:
    """Save the result of an assessment; without a consent, on to giving one."""
    run = await find_real_run(session, resident, run_id)
    result = page.path("assess_result", run_id=run.id)
    try:
        await save_run_to_health_record(session, resident, run)
    except ConsentNeeded:
        return page.go(page.path("consents", {"next": result}))
    return page.go(f"{result}#health-record")


def allowed_in_words(scopes: Sequence[str]) -> list[str]:
    """What a consent's scopes let us do, one sentence each. One that we don't know stands as it is: it is given too."""
    words = {
        "patient/Patient.read": _("see whose record it is"),
        "patient/QuestionnaireResponse.read": _("read forms that you have filled in"),
        "patient/QuestionnaireResponse.write": _("save forms that you have filled in"),
        "patient/CarePlan.read": _("read your self-care advice"),
        "patient/CarePlan.write": _("save self-care advice for you"),
        "patient/Observation.read": _("read your measurements"),
        "patient/Observation.write": _("save your measurements"),
        "offline_access": _("do this also when you are not signed in, so that a saving can be finished"),
    }
    known = [sentence for scope, sentence in words.items() if scope in scopes]
    return [*known, *(scope for scope in scopes if scope not in words)]


def tell(page: Page, word: str, back: str = "") -> Response:
    """On to the consents, which say what has happened; `back` is kept for another attempt."""
    wanted = {"next": back} if back and back != page.path("consents") else {}
    return page.go(page.path("consents", {"told": word} | wanted))
