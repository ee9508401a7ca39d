"""Sealing: rows of the audit trail that are committed are linked into the hash chain, batch by batch.

What counts is that a row is in no seal yet, not its id: a transaction that took a low id and committed late is sealed
later, in another place of the chain, and never skipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.audit_chain import NOTHING_BEFORE, chained
from app.domain.clock import Clock
from app.models import AuditEvent, AuditSeal, AuditSealed, AuditUnsealed
from app.services.audit.keys import AuditKeys, audit_keys_of
from app.services.audit.trail import EVENT
from app.services.clock import read_clock
from app.services.deliveries.kind import Transactions

SEAL = "audit_seal"  # what a seal's MAC says it is
BATCH = 1000
_LOCK = 0x61756469  # of sealing, in PostgreSQL's one space of advisory locks


@dataclass(frozen=True)
class Sealed:
    """What one sealing did: rows sealed, rows refused (gone, or their MAC doesn't fit), and the id it came to."""

    rows: int
    refused: int
    until: int


async def seal_waiting(transactions: Transactions, batch: int = BATCH) -> Sealed:
    """Seal all that waits, `batch` rows a transaction. Where another sealer is at work, it is left to that one."""
    rows, refused, until = 0, 0, 0
    while True:
        async with transactions() as session:
            done = await seal_batch(session, until, batch)
        if done is None:
            return Sealed(rows, refused, until)
        rows, refused, until = rows + done.rows, refused + done.refused, done.until


async def seal_batch(session: AsyncSession, after: int = 0, most: int = BATCH) -> Sealed | None:
    """Seal at most `most` rows that wait, of those with ids above `after`; None where none does, or another sealer is
    at work (it has the lock until its transaction ends)."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    ids = await _waiting(session, after, most)
    if not ids:
        return None
    keys = audit_keys_of(session)
    events = (await session.scalars(select(AuditEvent).where(AuditEvent.id.in_(ids)).order_by(AuditEvent.id))).all()
    good = [event for event in events if keys.proves(EVENT, event.signed(), event.mac)]
    if good:
        await _seal(session, await read_clock(session), keys, good)
    return Sealed(len(good), len(ids) - len(good), ids[-1])


async def newest_seal(session: AsyncSession) -> AuditSeal | None:
    """The end of the chain; None before the first seal."""
    return await session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))


async def _waiting(session: AsyncSession, after: int, most: int) -> Sequence[int]:
    """From the queue alone: joined with the events, a plan made from old statistics may read all of these."""
    query = select(AuditUnsealed.event_id).where(AuditUnsealed.event_id > after)
    return (await session.scalars(query.order_by(AuditUnsealed.event_id).limit(most))).all()


async def _seal(session: AsyncSession, clock: Clock, keys: AuditKeys, events: Sequence[AuditEvent]) -> None:
    last = await newest_seal(session)
    number, previous = (last.id + 1, last.hash) if last else (1, NOTHING_BEFORE)
    seal = AuditSeal(
        id=number,
        sealed_at=clock.now,
        first_event=events[0].id,
        last_event=events[-1].id,
        events=len(events),
        previous=previous,
        hash=chained(previous, ((event.id, event.mac) for event in events)),
        mac_key=keys.newest,
    )
    seal.mac = keys.sign(SEAL, seal.signed())
    session.add(seal)
    await session.flush()
    places = [
        {"event_id": event.id, "seal_id": number, "position": place, "mac": event.mac}
        for place, event in enumerate(events, 1)
    ]
    await session.execute(insert(AuditSealed), places)
    await session.execute(delete(AuditUnsealed).where(AuditUnsealed.event_id.in_([event.id for event in events])))
