"""Access to a resident's own Kanta record, got by a refresh token that is for one use.

Whoever uses it takes it for themselves first, in a transaction of their own, and keeps the next one before anything
else is done: a token that is used twice ends the consent. Deliveries (app/services/deliveries/deliver_health_record.py)
and pages that read the record come this way.
"""

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.http import OutsideError
from app.integrations.kanta.phr.port import Access, ConsentWithdrawn, PersonalHealthRecord
from app.models import HealthRecordConsent
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import DomainError
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer

Transactions = Callable[[], AbstractAsyncContextManager[AsyncSession]]
LONGEST_USE = timedelta(seconds=30)  # much longer than the one call for which a token is taken


class ConsentEnded(DomainError):
    """The consent has ended, here or at Kanta: the resident must be asked again."""


class RecordBusy(DomainError):
    """Somebody else uses the refresh token just now: later it works."""


async def take_token(session: AsyncSession, consent_id: uuid.UUID, vault: IdentityVault) -> str:
    """The refresh token, for the caller alone until they give it back. Raises ConsentEnded, RecordBusy."""
    clock, consent = await read_clock(session), await _locked(session, consent_id)
    if consent.refresh_sealed is None:
        raise ConsentEnded
    if consent.used_until is not None and consent.used_until > clock.now:
        raise RecordBusy
    consent.used_until = clock.now + LONGEST_USE
    await session.flush()
    return vault.open_bytes(consent.refresh_sealed).decode()


async def give_back_token(session: AsyncSession, consent_id: uuid.UUID) -> None:
    """Others may use it again."""
    (await _locked(session, consent_id)).used_until = None
    await session.flush()


async def open_access(
    transactions: Transactions,
    phr: PersonalHealthRecord,
    vault: IdentityVault,
    consent_id: uuid.UUID,
    viewer: Viewer | None = None,
) -> Access:
    """Access, with the next refresh token kept. `viewer` is who asks; None: nobody is there, a delivery goes out.

    Raises ConsentEnded, RecordBusy, and what the port raises.
    """
    async with transactions() as session:
        token = await take_token(session, consent_id, vault)
    try:
        access = await phr.access(token)
    except ConsentWithdrawn as error:
        async with transactions() as session:
            await _ended_at_kanta(session, consent_id, viewer)
        raise ConsentEnded from error
    except OutsideError:
        async with transactions() as session:
            await give_back_token(session, consent_id)
        raise
    async with transactions() as session:
        holds = await _keep_next(session, consent_id, access, vault)
    if not holds:
        raise ConsentEnded
    return access


async def _keep_next(session: AsyncSession, consent_id: uuid.UUID, access: Access, vault: IdentityVault) -> bool:
    """Whether the consent holds still. Where it was withdrawn here meanwhile the withdrawal needs the new token."""
    consent = await _locked(session, consent_id)
    consent.refresh_sealed = vault.seal_bytes(access.refresh_token.encode())
    consent.scopes = sorted(access.scopes)  # the resident may have narrowed them at Kanta
    consent.used_until = None
    await session.flush()
    return consent.ended_at is None


async def _ended_at_kanta(session: AsyncSession, consent_id: uuid.UUID, viewer: Viewer | None) -> None:
    clock, consent = await read_clock(session), await _locked(session, consent_id)
    consent.refresh_sealed, consent.used_until = None, None  # dead in any case
    if consent.ended_at is None:
        consent.ended_at, consent.ended_by = clock.now, "kanta"
        target = ("health_record_consent", consent.id)
        await trail.record(session, clock, viewer, "consent_ended_at_kanta", target, subject_id=consent.person_id)
    await session.flush()


async def _locked(session: AsyncSession, consent_id: uuid.UUID) -> HealthRecordConsent:
    return await session.get_one(HealthRecordConsent, consent_id, with_for_update=True, populate_existing=True)
