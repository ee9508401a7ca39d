"""A resident's consent that the window may use their own Kanta record (Omatietovaranto): giving and ending it.

At most one consent of a person holds. Everything that uses it goes in one lane, the person's: its refresh token is
for one use, and a token that is used twice ends the consent.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.kanta.phr.port import Grant
from app.models import Delivery, HealthRecordConsent, Person
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.queue import reopen, settle, want_delivery
from app.services.errors import DomainError
from app.services.health_record.consent_attempts import person_of
from app.services.identity.finnish_code import has_finnish_code
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

SYSTEM = "kanta-phr"
SAVING, WITHDRAWAL = "health_record", "health_record_withdrawal"  # kinds of deliveries
# Why a saving was refused; a new consent mends it, and then it is sent again.
ENDED, NOT_COVERED = "the consent has ended", "the consent does not cover this"
MENDED_BY_CONSENT = (ENDED, NOT_COVERED)
TO_READ = frozenset({"patient/Observation.read"})
TO_SAVE = frozenset({"patient/QuestionnaireResponse.write", "patient/CarePlan.write"})


class NotOwnRecord(DomainError):
    """The consent opens somebody else's record, or Kanta does not say whose: it must not be used."""


async def find_consent(session: AsyncSession, viewer: Viewer) -> HealthRecordConsent | None:
    """The viewer's newest consent, holding or ended; None where they have never given one."""
    given = select(HealthRecordConsent).where(
        HealthRecordConsent.person_id == viewer.person_id, HealthRecordConsent.ended_by != "refused"
    )
    newest = given.order_by(HealthRecordConsent.ended_at.desc().nulls_first(), HealthRecordConsent.given_at.desc())
    return await session.scalar(newest.limit(1))


async def is_known_to_kanta(session: AsyncSession, viewer: Viewer) -> bool:
    """Whether Kanta can know the viewer: people are there by their Finnish identity codes."""
    return has_finnish_code(await session.get_one(Person, person_of(viewer)))


def allows_saving(consent: HealthRecordConsent | None) -> bool:
    """True where the consent holds and lets us save a result."""
    return consent is not None and consent.ended_at is None and set(consent.scopes) >= TO_SAVE


def allows_reading(consent: HealthRecordConsent | None) -> bool:
    """True where the consent holds and lets us read measurements."""
    return consent is not None and consent.ended_at is None and set(consent.scopes) >= TO_READ


async def keep_consent(
    session: AsyncSession, viewer: Viewer, grant: Grant, identity_code: str | None, vault: IdentityVault
) -> None:
    """The consent holds from now on, and what waited for one is sent; an earlier one ends.

    `identity_code` is whose record Kanta says it is. Raises NotOwnRecord.
    """
    clock = await read_clock(session)
    person = await session.get_one(Person, person_of(viewer), with_for_update=True)
    if identity_code is None or vault.lookup(identity_code) != person.identity_lookup:
        raise NotOwnRecord
    earlier = await _holding(session, person.id)
    if earlier is not None:
        await _end_here(session, earlier)
    consent = HealthRecordConsent(
        id=uuid.uuid4(),
        person_id=person.id,
        patient_id=grant.patient_id,
        scopes=sorted(grant.scopes),
        refresh_sealed=vault.seal_bytes(grant.refresh_token.encode()),
        given_at=clock.now,
    )
    session.add(consent)
    await session.flush()
    await _audit(session, viewer, "give_consent", consent)
    if allows_saving(consent):
        await _send_what_waited(session, person.id)


async def refuse_grant(session: AsyncSession, viewer: Viewer, grant: Grant, vault: IdentityVault) -> None:
    """A consent that must not be used is taken back at Kanta; nothing is kept of whose record it was."""
    clock = await read_clock(session)
    refused = HealthRecordConsent(
        id=uuid.uuid4(),
        person_id=person_of(viewer),
        patient_id="",
        scopes=[],
        refresh_sealed=vault.seal_bytes(grant.refresh_token.encode()),
        given_at=clock.now,
        ended_at=clock.now,
        ended_by="refused",
    )
    session.add(refused)
    await session.flush()
    await want_delivery(session, SYSTEM, WITHDRAWAL, refused.id, lane=refused.person_id)
    await _audit(session, viewer, "refuse_consent", refused)


async def withdraw_consent(session: AsyncSession, viewer: Viewer) -> None:
    """The consent ends here at once, and at Kanta as soon as it answers; what waits to be saved is not sent any more.
    The same for what could not be saved before: a later consent must not bring it back. Where none holds, it has
    ended already."""
    person_id = person_of(viewer)
    consent = await _holding(session, person_id)
    wished = (Delivery.state == "waiting") | (Delivery.state == "refused") & Delivery.reason.in_(MENDED_BY_CONSENT)
    for delivery in await _savings(session, person_id, wished):
        await settle(session, delivery, "dropped", "the consent was withdrawn")
    if consent is None:
        return
    await _end_here(session, consent)
    await _audit(session, viewer, "withdraw_consent", consent)


async def _end_here(session: AsyncSession, consent: HealthRecordConsent) -> None:
    """The refresh token stays until Kanta has taken the consent back by it: the delivery needs it."""
    consent.ended_at, consent.ended_by = (await read_clock(session)).now, "resident"
    await session.flush()
    await want_delivery(session, SYSTEM, WITHDRAWAL, consent.id, lane=consent.person_id)


async def _send_what_waited(session: AsyncSession, person_id: uuid.UUID) -> None:
    """What was asked to be saved since the resident last withdrew a consent, and failed for want of one."""
    withdrawn = select(func.max(HealthRecordConsent.ended_at)).where(
        HealthRecordConsent.person_id == person_id, HealthRecordConsent.ended_by == "resident"
    )
    last = withdrawn.scalar_subquery()
    since = last.is_(None) | (Delivery.created_at >= last)
    mended = (Delivery.state == "refused", Delivery.reason.in_(MENDED_BY_CONSENT), since)
    for delivery in await _savings(session, person_id, *mended):
        await reopen(session, delivery)


async def _holding(session: AsyncSession, person_id: uuid.UUID) -> HealthRecordConsent | None:
    holding = (HealthRecordConsent.person_id == person_id, HealthRecordConsent.ended_at.is_(None))
    return await session.scalar(select(HealthRecordConsent).where(*holding).with_for_update())


async def _savings(session: AsyncSession, person_id: uuid.UUID, *which: ColumnElement[bool]) -> Sequence[Delivery]:
    mine = select(Delivery).where(Delivery.kind == SAVING, Delivery.lane == person_id, *which)
    return (await session.scalars(mine.order_by(Delivery.number).with_for_update())).all()


async def _audit(session: AsyncSession, viewer: Viewer, action: str, consent: HealthRecordConsent) -> None:
    clock, target = await read_clock(session), ("health_record_consent", consent.id)
    await trail.record(session, clock, viewer, action, target, subject_id=consent.person_id)
