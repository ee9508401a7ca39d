"""Results to the resident's own Kanta record, and consents back to Kanta. Both kinds are of one lane: the person's.

Access is got by a refresh token that is for one use; the next one comes with the access and is kept before anything
is written. So whatever happens afterwards, the consent lives on.
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.http import Unavailable
from app.integrations.kanta.phr.port import Access, Entry, NotAllowed
from app.models import AssessmentRun, Delivery, HealthRecordConsent
from app.services.assessing.runs import version_of
from app.services.deliveries.kind import Carrier, NotSendable, PlainKind, Receipt
from app.services.health_record.access import ConsentEnded, RecordBusy, give_back_token, open_access, take_token
from app.services.health_record.consent import ENDED, NOT_COVERED, SAVING, SYSTEM, WITHDRAWAL
from app.services.health_record.entries import entries_of
from app.services.identity.vault import IdentityVault


@dataclass(frozen=True)
class PreparedSaving:
    """The entries of one result; `consent_id` is None where no consent holds any more."""

    consent_id: uuid.UUID | None
    entries: tuple[Entry, ...] = field(repr=False)
    version: str


class SaveResult(PlainKind):
    """A result that the resident has asked to save; its entries' identifiers are its keys there."""

    system = SYSTEM
    name = SAVING

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> PreparedSaving | None:  # noqa: ARG002
        run = await session.get(AssessmentRun, delivery.about_id)
        if run is None or run.result is None or run.subject_id is None:
            return None
        holding = (HealthRecordConsent.person_id == run.subject_id, HealthRecordConsent.ended_at.is_(None))
        consent_id = await session.scalar(select(HealthRecordConsent.id).where(*holding))
        return PreparedSaving(consent_id, entries_of(run), version_of(run))

    async def send(self, carrier: Carrier, prepared: PreparedSaving) -> Receipt:
        if prepared.consent_id is None:
            raise NotSendable(ENDED)
        access = await _access(carrier, prepared.consent_id)
        try:
            ids = [await carrier.ports.phr.write(access, entry) for entry in prepared.entries]
        except NotAllowed as error:
            raise NotSendable(NOT_COVERED) from error
        return Receipt(ids[0], prepared.version)


class WithdrawConsent(PlainKind):
    """A consent that has ended here ends at Kanta too; to withdraw it again does no harm."""

    system = SYSTEM
    name = WITHDRAWAL

    async def prepare(self, session: AsyncSession, delivery: Delivery, vault: IdentityVault) -> uuid.UUID | None:  # noqa: ARG002
        consent = await session.get(HealthRecordConsent, delivery.about_id)
        return consent.id if consent is not None and consent.refresh_sealed is not None else None

    async def send(self, carrier: Carrier, prepared: uuid.UUID) -> Receipt:
        """The token is taken and not used up: whoever got access meanwhile has left a newer one."""
        try:
            async with carrier.transactions() as session:
                token = await take_token(session, prepared, carrier.vault)
        except RecordBusy as error:
            raise _in_use() from error
        try:
            await carrier.ports.phr.revoke(token)
        finally:
            async with carrier.transactions() as session:
                await give_back_token(session, prepared)
        return Receipt(str(prepared))

    async def arrived(self, session: AsyncSession, delivery: Delivery, receipt: Receipt, vault: IdentityVault) -> None:  # noqa: ARG002
        consent = await session.get_one(HealthRecordConsent, delivery.about_id)
        consent.refresh_sealed = None


async def _access(carrier: Carrier, consent_id: uuid.UUID) -> Access:
    """Access to the record. Raises NotSendable where the consent has ended, here or at Kanta, and Unavailable while a
    page uses it."""
    try:
        return await open_access(carrier.transactions, carrier.ports.phr, carrier.vault, consent_id)
    except ConsentEnded as error:
        raise NotSendable(ENDED) from error
    except RecordBusy as error:
        raise _in_use() from error


def _in_use() -> Unavailable:
    return Unavailable(SYSTEM, "the consent is in use", asked=False)
