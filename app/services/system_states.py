"""How the outside systems are: what the watches of all processes saw, and what residents and staff are told of it."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.content import load
from app.domain.text import Text
from app.integrations.watch import Call, OddAnswer
from app.models import OutsideFault, OutsideSystem
from app.services.clock import read_clock
from app.services.identity.vault import IdentityVault

REASON_LENGTH = 120
MOST_AT_ONCE = 20  # failures of one system that are kept from one second; the rest say the same


@dataclass(frozen=True)
class SystemNames:
    """A system in words: `banner` is for residents, None where no page of theirs needs it."""

    names: Text
    purposes: Text
    banner: Text | None


@cache
def system_names() -> Mapping[str, SystemNames]:
    """The systems of content/systems.json by name, in the order in which staff see them."""
    return {
        item["name"]: SystemNames(
            Text(item["names"]), Text(item["purposes"]), Text(item["banner"]) if item["banner"] else None
        )
        for item in load("systems.json")["systems"]
    }


@cache
def delivery_names() -> Mapping[str, Text]:
    """What the kinds of deliveries are called, for staff."""
    return {kind: Text(texts) for kind, texts in load("systems.json")["deliveries"].items()}


async def note_calls(
    session: AsyncSession,
    verdicts: Iterable[Call],
    calls: Iterable[Call],
    odd: Iterable[OddAnswer],
    vault: IdentityVault,
) -> None:
    """Write down how systems are (`verdicts`, one a system) and which calls failed, some of each system at a time."""
    now = (await read_clock(session)).now
    bodies = {(answer.system, answer.correlation_id): answer for answer in odd}
    noted: Counter[str] = Counter()
    for call in calls:
        noted[call.system] += call.outcome != "ok"
        if call.outcome != "ok" and noted[call.system] <= MOST_AT_ONCE:
            answer = bodies.get((call.system, call.correlation_id)) if call.outcome == "invalid" else None
            session.add(_fault(call, answer, now, vault))
    for call in verdicts:
        await session.execute(_upsert(call, now))
    await session.flush()


def _fault(call: Call, answer: OddAnswer | None, now: datetime, vault: IdentityVault) -> OutsideFault:
    return OutsideFault(
        id=uuid.uuid4(),
        system=call.system,
        at=now,
        outcome=call.outcome,
        reason=call.reason[:REASON_LENGTH],
        correlation_id=call.correlation_id[:64],
        status=answer.status if answer else None,
        body_sealed=vault.seal_bytes(answer.body) if answer else None,
    )


def _upsert(call: Call, now: datetime) -> Executable:
    """`failing_since` stays at the first failure of a row of them."""
    if call.outcome == "ok":
        values: dict[str, Any] = {"ok_at": now, "failing_since": None, "reason": ""}
        kept = values
    else:
        reason, correlation_id = call.reason[:REASON_LENGTH], call.correlation_id[:64]
        values = {"failed_at": now, "failing_since": now, "reason": reason, "correlation_id": correlation_id}
        kept = {**values, "failing_since": func.coalesce(OutsideSystem.failing_since, now)}
    statement = insert(OutsideSystem).values(name=call.system, **values)
    return statement.on_conflict_do_update(index_elements=["name"], set_=kept)


async def failing_systems(session: AsyncSession) -> Mapping[str, datetime]:
    """The systems whose latest call failed, and since when."""
    query = select(OutsideSystem.name, OutsideSystem.failing_since)
    rows = (await session.execute(query)).all()
    return {name: since for name, since in rows if since is not None}


async def pause_system(session: AsyncSession, system: str, staff_id: uuid.UUID, reason: str) -> None:
    """Hold back all that would be written to `system`."""
    clock = await read_clock(session)
    values = {"paused_at": clock.now, "paused_by": staff_id, "pause_reason": reason}
    statement = insert(OutsideSystem).values(name=system, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
