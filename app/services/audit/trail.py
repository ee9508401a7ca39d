"""The audit trail: each use case says itself whose data it read or changed, and why."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Sequence, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import get_contextvars

from app.domain.clock import Clock
from app.models import AuditEvent
from app.services.audit.keys import audit_keys_of
from app.services.viewer import Viewer

EVENT = "audit_event"  # what a row's MAC says it is
_IDS = Sequence("audit_event_id_seq")


async def record(  # noqa: PLR0913 - a row tells as much
    session: AsyncSession,
    clock: Clock,
    viewer: Viewer | None,
    action: str,
    target: tuple[str, uuid.UUID | str],
    *,
    subject_id: uuid.UUID | None = None,
    register: str | None = None,
    service_task: str | None = None,
    purpose: str = "own matters",
    reason: str | None = None,
    mandate: Mapping[str, Any] | None = None,
) -> None:
    """Add one row: `viewer` did `action` to `target` (kind and id), which is about `subject_id`.

    `mandate` is the right to act for `subject_id` (strings, whole numbers, lists, mappings), by default the one that
    `viewer` acts by; `reason` the code of a special reason where there is no care or customer relation. Raises
    NoAuditKeys where the session has no keys to sign with.
    """
    right = viewer.mandate if mandate is None and viewer else mandate
    row = {
        "actor_kind": _kind(viewer),
        "actor_id": (viewer.staff_id or viewer.person_id) if viewer else None,
        "subject_id": subject_id,
        "mandate": dict(right) if right is not None else None,
        "register": register,
        "service_task": service_task,
        "reason": reason,
        "purpose": purpose,
        "action": action,
        "target_kind": target[0],
        "target_id": str(target[1]),
    }
    await _add(session, clock, row)


async def record_run(session: AsyncSession, clock: Clock, action: str, counts: Mapping[str, int]) -> None:
    """Add one row for a run over many rows by the system itself; `counts` are its rows by kind."""
    told = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
    row = {
        "actor_kind": "system",
        "purpose": "retention",
        "action": action,
        "target_kind": "rows",
        "target_id": told,
    }
    await _add(session, clock, row)


async def _add(session: AsyncSession, clock: Clock, row: Mapping[str, Any]) -> None:
    """Sign the row and add it in the session's own transaction, after all that it tells of.

    The id comes first, because it is signed too; and nothing is asked back: who writes the trail may not read it.
    """
    await session.flush()
    keys = audit_keys_of(session)
    request_id = str(get_contextvars().get("request_id", ""))
    event_id = await session.scalar(select(_IDS.next_value()))
    whole = {**row, "id": event_id, "at": clock.now, "request_id": request_id, "mac_key": keys.newest}
    await session.execute(insert(AuditEvent).values(**whole, mac=keys.sign(EVENT, whole)))


def _kind(viewer: Viewer | None) -> str:
    if viewer is None or not viewer.signed_in:
        return "nobody" if viewer is None else "browser"
    return "staff" if viewer.staff_id else "resident"
