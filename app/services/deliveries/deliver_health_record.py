"""Results to the resident's own Kanta record, and consents back to Kanta. Both kinds are of one lane: the person's.

Access is got by a refresh token that is for one use; the next one comes with the access and is kept before anything
is written. So whatever happens afterwards, the consent lives on.
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.kanta.phr.port import Access, ConsentWithdrawn, Entry, NotAllowed
from app.models import AssessmentRun, Delivery, HealthRecordConsent
from app.services.assessing.runs import version_of
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt
from app.services.health_record.consent import ENDED, NOT_COVERED, SAVING, SYSTEM, WITHDRAWAL
from app.services.health_record.entries import entries_of
from app.services.identity.vault import IdentityVault


@dataclass(frozen=True)
class Token:
    """A consent's refresh token, for one use."""

    consent_id: uuid.UUID
    value: str = field(repr=False)


@dataclass(frozen=True)
class PreparedSaving:
    """The entries of one result; `token` is None where no consent holds any more."""

    token: Token | None
    entries: tuple[Entry, ...] = field(repr=False)
    version: str


class SaveResult(PlainKind):
    """A result that the resident has asked to save; its entries' identifiers are its keys there."""

    system = SYSTEM
    name = SAVING

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> PreparedSaving | None:
        run = await session.get(AssessmentRun, delivery.about_id)
        if run is None or run.result is None or run.subject_id is None:
            return None
        holding = (HealthRecordConsent.person_id == run.subject_id, HealthRecordConsent.ended_at.is_(None))
        consent = await session.scalar(select(HealthRecordConsent).where(*holding))
        return PreparedSaving(_token_of(consent, vault), entries_of(run), version_of(run))

    async def send(self, carrier: Carrier, prepared: PreparedSaving) -> Receipt:
        if prepared.token is None:
            raise NotSendable(ENDED)
        access = await _access(carrier, prepared.token)
        try:
            ids = [await carrier.ports.phr.write(access, entry) for entry in prepared.entries]
        except NotAllowed as error:
            raise NotSendable(NOT_COVERED) from error
        return Receipt(ids[0], prepared.version)


class WithdrawConsent(PlainKind):
    """A consent that has ended here ends at Kanta too; to withdraw it again does no harm."""

    system = SYSTEM
    name = WITHDRAWAL

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> Token | None:
        return _token_of(await session.get(HealthRecordConsent, delivery.about_id), vault)

    async def send(self, carrier: Carrier, prepared: Token) -> Receipt:
        await carrier.ports.phr.revoke(prepared.value)
        return Receipt(str(prepared.consent_id))

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        consent = await session.get_one(HealthRecordConsent, delivery.about_id)
        consent.refresh_sealed = None


def _token_of(consent: HealthRecordConsent | None, vault: IdentityVault) -> Token | None:
    if consent is None or consent.refresh_sealed is None:
        return None
    return Token(consent.id, vault.open_bytes(consent.refresh_sealed).decode())


async def _access(carrier: Carrier, token: Token) -> Access:
    """Access, with the next refresh token kept. Raises NotSendable where the consent has ended, here or at Kanta."""
    try:
        access = await carrier.ports.phr.access(token.value)
    except ConsentWithdrawn as error:
        async with carrier.transactions() as session:
            await _ended_at_kanta(session, token.consent_id)
        raise NotSendable(ENDED) from error
    async with carrier.transactions() as session:
        consent = await session.get_one(HealthRecordConsent, token.consent_id, with_for_update=True)
        # Also where it was withdrawn here meanwhile: then the withdrawal, next in the lane, needs the new token.
        consent.refresh_sealed = carrier.vault.seal_bytes(access.refresh_token.encode())
        consent.scopes = sorted(access.scopes)  # the resident may have narrowed them at Kanta
        holds = consent.ended_at is None
    if not holds:
        raise NotSendable(ENDED)
    return access


async def _ended_at_kanta(session: AsyncSession, consent_id: uuid.UUID) -> None:
    clock = await read_clock(session)
    consent = await session.get_one(HealthRecordConsent, consent_id, with_for_update=True)
    consent.refresh_sealed = None  # dead in any case
    if consent.ended_at is None:
        consent.ended_at, consent.ended_by = clock.now, "kanta"
        target = ("health_record_consent", consent.id)
        await trail.record(session, clock, None, "consent_ended_at_kanta", target, subject_id=consent.person_id)
    await session.flush()
