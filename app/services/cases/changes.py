"""How far cases are in the record systems: asked every few minutes, kept on the cases' timelines.

Our own desk's state of a case is not changed by it: a professional here closes it.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.http import OutsideError
from app.integrations.records.port import CaseChanges, CaseStatus, Records, register_named
from app.models import Case, CaseEvent, SyncPoint
from app.services.deliveries.kind import Transactions

log = structlog.get_logger(__name__)

REGISTERS = ("patient", "social")
EVENT = "record_status"
# Only cases that came from us are asked for, so the first reading may begin before all of them.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MOST_PAGES = 50  # of one run; the next one goes on from there
REASON_LENGTH = 500


async def fetch_case_changes(transactions: Transactions, records: Records) -> int:
    """Read what both registers tell; returns how many events are new. A register that is away is asked again in the
    next run, from where it was left, and keeps nothing back in the other one."""
    new = 0
    for register in REGISTERS:
        try:
            new += await _follow(transactions, records, register)
        except OutsideError as error:
            log.warning("case_changes_not_read", register=register, reason=error.reason)
    return new


async def _follow(transactions: Transactions, records: Records, register: str) -> int:
    """Page by page; each is asked for outside of transactions and kept in one of its own, with how far it reaches."""
    async with transactions() as session:
        since = await _read_until(session, register)
    new = 0
    for _ in range(MOST_PAGES):
        changes = await records.changes(register_named(register), since)
        async with transactions() as session:
            new += await _keep(session, register, changes)
        if not changes.more or changes.until <= since:
            break
        since = changes.until
    return new


async def _read_until(session: AsyncSession, register: str) -> datetime:
    point = await session.get(SyncPoint, _name(register))
    return point.until if point else BEGINNING


def _name(register: str) -> str:
    return f"records/{register}"


async def _keep(session: AsyncSession, register: str, changes: CaseChanges) -> int:
    rows = list(_events(await _own_cases(session, register, changes.cases), changes.cases))
    new: Sequence[uuid.UUID] = ()
    if rows:
        statement = insert(CaseEvent).on_conflict_do_nothing(index_elements=["id"]).returning(CaseEvent.id)
        new = (await session.scalars(statement, rows)).all()
    point = insert(SyncPoint).values(name=_name(register), until=changes.until)
    await session.execute(point.on_conflict_do_update(index_elements=["name"], set_={"until": changes.until}))
    return len(new)


async def _own_cases(session: AsyncSession, register: str, cases: Sequence[CaseStatus]) -> Mapping[str, uuid.UUID]:
    """Our cases among those told, by the identifier that was sent. A register tells nothing of another one's."""
    wanted = {found for status in cases if (found := _as_id(status.identifier))}
    query = select(Case.id).where(Case.id.in_(wanted), Case.register == register)
    return {str(case_id): case_id for case_id in await session.scalars(query)}


def _as_id(identifier: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(identifier)
    except ValueError:
        return None


def _events(own: Mapping[str, uuid.UUID], cases: Sequence[CaseStatus]) -> Iterator[dict[str, Any]]:
    """One event for each state and its moment: the same told again has the same id, and is not kept twice."""
    for status in cases:
        case_id = own.get(status.identifier)
        if case_id is None:
            continue
        detail = {"state": status.state} | ({"reason": status.reason[:REASON_LENGTH]} if status.reason else {})
        yield {
            "id": uuid.uuid5(case_id, f"{EVENT} {status.state} {status.changed_at.isoformat()}"),
            "case_id": case_id,
            "at": status.changed_at,
            "event": EVENT,
            "by_kind": "records",
            "detail": detail,
        }
