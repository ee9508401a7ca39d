"""Verification: is every row of the audit trail as it was written, and is every one still there?

It reads the whole trail in one snapshot, a seal at a time, so that its size doesn't matter to memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.audit_chain import NOTHING_BEFORE, chained
from app.domain.audit_verdict import Finding, Verdict
from app.models import AuditEvent, AuditSeal, AuditSealed, AuditUnsealed
from app.services.audit.keys import AuditKeys, audit_keys_of
from app.services.audit.seal import SEAL
from app.services.audit.trail import EVENT


def exported(seal: AuditSeal) -> dict[str, Any]:
    """A seal to be kept elsewhere: whoever has it sees later whether the trail up to it is still the same."""
    when = seal.sealed_at.astimezone(UTC).isoformat()
    return {**seal.signed(), "sealed_at": when, "mac": seal.mac.hex()}


async def verify(session: AsyncSession, since: Mapping[str, Any] | None = None) -> Verdict:
    """Go through the whole trail; `since` is an exported seal that must still be there as it was.

    The session must not have begun its transaction: everything is read in one snapshot.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await session.execute(text("set local statement_timeout = 0"))
    keys, verdict = audit_keys_of(session), Verdict()
    if since is not None:
        await _compare(session, since, verdict)
    await _walk_seals(session, keys, verdict)
    await _walk_unsealed(session, keys, verdict)
    return verdict


async def _compare(session: AsyncSession, since: Mapping[str, Any], verdict: Verdict) -> None:
    seal = await session.get(AuditSeal, int(since["id"]))
    if seal is None or exported(seal) != since:
        verdict.tell(Finding.NOT_AS_EXPORTED, int(since["id"]))


async def _walk_seals(session: AsyncSession, keys: AuditKeys, verdict: Verdict) -> None:
    """Along the chain. After a seal that is missing or broken the walk goes on from what the next one says."""
    last, end = 0, NOTHING_BEFORE
    while (number := await _next_number(session, last)) is not None:
        seal = await session.get(AuditSeal, number)
        rows = await _rows_in(session, number)
        verdict.tell(Finding.MISSING_SEAL, range(last + 1, number if seal else number + 1))
        _check_rows(keys, seal, rows, verdict)
        if seal is not None:
            _check_seal(keys, seal, [row for row, _ in rows], end if number == last + 1 else b"", verdict)
        last, end = number, seal.hash if seal else b""


def _check_seal(keys: AuditKeys, seal: AuditSeal, rows: Sequence[AuditSealed], end: bytes, verdict: Verdict) -> None:
    """`end` is where the chain was before; empty where the seal before is missing, which has been told."""
    verdict.seals += 1
    whole = (
        seal.events == len(rows)
        and seal.previous == (end or seal.previous)
        and seal.hash == chained(seal.previous, ((row.event_id, row.mac) for row in rows))
        and keys.proves(SEAL, seal.signed(), seal.mac)
    )
    if not whole:
        verdict.tell(Finding.BROKEN_SEAL, seal.id)


async def _next_number(session: AsyncSession, after: int) -> int | None:
    """The next seal that is there, or that rows say they are in."""
    seal = await session.scalar(select(func.min(AuditSeal.id)).where(AuditSeal.id > after))
    named = await session.scalar(select(func.min(AuditSealed.seal_id)).where(AuditSealed.seal_id > after))
    return min((number for number in (seal, named) if number is not None), default=None)


async def _rows_in(session: AsyncSession, number: int) -> Sequence[tuple[AuditSealed, AuditEvent | None]]:
    query = (
        select(AuditSealed, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSealed.event_id)
        .where(AuditSealed.seal_id == number)
        .order_by(AuditSealed.position)
    )
    return [(row, event) for row, event in await session.execute(query)]


def _check_rows(
    keys: AuditKeys, seal: AuditSeal | None, rows: Iterable[tuple[AuditSealed, AuditEvent | None]], verdict: Verdict
) -> None:
    for row, event in rows:
        verdict.sealed += 1
        if event is None:
            verdict.tell(Finding.MISSING, row.event_id)
        elif seal is not None and row.position > seal.events:
            verdict.tell(Finding.ADDED, event.id)
        elif event.mac != row.mac:
            verdict.tell(Finding.CHANGED, event.id)
        else:
            _check(keys, event, Finding.CHANGED, verdict)


def _check(keys: AuditKeys, event: AuditEvent, otherwise: Finding, verdict: Verdict) -> None:
    if not keys.knows(event.mac_key):
        verdict.tell(Finding.UNPROVEN, event.id)
    elif not keys.proves(EVENT, event.signed(), event.mac):
        verdict.tell(otherwise, event.id)


async def _walk_unsealed(session: AsyncSession, keys: AuditKeys, verdict: Verdict) -> None:
    """The rows that no seal has yet, and those that waited for one and are gone."""
    sealed = exists().where(AuditSealed.event_id == AuditEvent.id)
    query = select(AuditEvent).where(~sealed).order_by(AuditEvent.id).execution_options(yield_per=1000)
    async for event in await session.stream_scalars(query):
        verdict.unsealed += 1
        verdict.unsealed_since = min(event.at, verdict.unsealed_since or event.at)
        _check(keys, event, Finding.ADDED, verdict)
    there = exists().where(AuditEvent.id == AuditUnsealed.event_id)
    gone = select(AuditUnsealed.event_id).where(~there).execution_options(yield_per=1000)
    async for event_id in await session.stream_scalars(gone):
        verdict.tell(Finding.MISSING, event_id)
