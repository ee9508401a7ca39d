"""The integration status page: each outside system, and what waits to be written to it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.integrations.ports import SYSTEMS
from app.models import CatalogueSync, Delivery, OutsideFault, OutsideSystem
from app.services.catalogue.sync import SOURCE, last_sync
from app.services.clock import read_clock
from app.services.deliveries.queue import OPEN_STATES, TROUBLED
from app.services.errors import NotFound
from app.services.system_states import SystemNames, system_names

LAST_FAULTS = 20
MOST_DELIVERIES = 100


@dataclass(frozen=True)
class SystemLine:
    """One system as staff see it. `waiting` deliveries go out by themselves, `troubled` ones need somebody."""

    name: str
    words: SystemNames
    seen: OutsideSystem | None
    waiting: int
    troubled: int
    oldest: datetime | None

    @property
    def state(self) -> str:
        """away, paused, works, or unknown where nothing has been asked of it yet."""
        if self.seen is None or (self.seen.ok_at is None and self.seen.failed_at is None):
            return "paused" if self.seen is not None and self.seen.paused_at else "unknown"
        if self.seen.failing_since is not None:
            return "away"
        return "paused" if self.seen.paused_at else "works"


@dataclass(frozen=True)
class SystemDetail:
    """One system with its open and troubled deliveries (oldest first) and its last faults (newest first). `sync`: of
    the service catalogue, what the latest run did."""

    line: SystemLine
    deliveries: Sequence[Delivery]
    faults: Sequence[OutsideFault]
    sync: CatalogueSync | None = None


async def list_systems(session: AsyncSession) -> list[SystemLine]:
    """All systems, those in trouble first."""
    seen = {row.name: row for row in (await session.scalars(select(OutsideSystem))).all()}
    counts = await _counts(session)
    lines = [_line(name, seen.get(name), counts) for name in SYSTEMS]
    order = {"away": 0, "paused": 1}
    return sorted(lines, key=lambda line: (order.get(line.state, 2), -line.troubled))


async def system_detail(session: AsyncSession, name: str) -> SystemDetail:
    """One system. Raises NotFound for a name that is none."""
    if name not in SYSTEMS:
        raise NotFound
    line = _line(name, await session.get(OutsideSystem, name), await _counts(session))
    unsettled = (
        select(Delivery)
        .where(Delivery.system == name, Delivery.state.in_((*OPEN_STATES, *TROUBLED)))
        .order_by(Delivery.state.in_(TROUBLED).desc(), Delivery.number)
        .limit(MOST_DELIVERIES)
    )
    faults = select(OutsideFault).where(OutsideFault.system == name).order_by(OutsideFault.at.desc()).limit(LAST_FAULTS)
    deliveries, seen = (await session.scalars(unsettled)).all(), (await session.scalars(faults)).all()
    return SystemDetail(line, deliveries, seen, await last_sync(session) if name == SOURCE else None)


async def open_deliveries(session: AsyncSession) -> list[tuple[str, str, int, float]]:
    """For metrics: per system and state, how many are unsettled and the age of the oldest in seconds."""
    now = (await read_clock(session)).now
    counts = await _counts(session)
    return [
        (system, state, count, (now - oldest).total_seconds()) for (system, state), (count, oldest) in counts.items()
    ]


_Counts = Mapping[tuple[str, str], tuple[int, datetime]]


async def _counts(session: AsyncSession) -> _Counts:
    query = (
        select(Delivery.system, Delivery.state, func.count(), func.min(Delivery.created_at))
        .where(Delivery.state.in_((*OPEN_STATES, *TROUBLED)))
        .group_by(Delivery.system, Delivery.state)
    )
    return {(system, state): (count, oldest) for system, state, count, oldest in (await session.execute(query)).all()}


def _line(name: str, seen: OutsideSystem | None, counts: _Counts) -> SystemLine:
    mine = {state: found for (system, state), found in counts.items() if system == name}
    return SystemLine(
        name,
        system_names()[name],
        seen,
        sum(mine[state][0] for state in OPEN_STATES if state in mine),
        sum(mine[state][0] for state in TROUBLED if state in mine),
        min((oldest for _count, oldest in mine.values()), default=None),
    )


async def find_delivery(session: AsyncSession, delivery_id: uuid.UUID, *, lock: bool = False) -> Delivery:
    """One delivery. Raises NotFound."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found
