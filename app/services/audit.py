"""The audit trail: each use case says itself whose data it read or changed, and why."""

import uuid
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import get_contextvars

from app.domain.clock import Clock
from app.models import AuditEvent
from app.services.sessions import Viewer


async def record(
    session: AsyncSession,
    clock: Clock,
    viewer: Viewer | None,
    action: str,
    target: tuple[str, uuid.UUID | str],
    *,
    subject_id: uuid.UUID | None = None,
    register: str | None = None,
    purpose: str = "own matters",
) -> None:
    """Add one row: `viewer` did `action` to `target` (kind and id), which is about `subject_id`."""
    session.add(
        AuditEvent(
            at=clock.now,
            actor_kind=_kind(viewer),
            actor_id=(viewer.staff_id or viewer.person_id) if viewer else None,
            subject_id=subject_id,
            register=register,
            purpose=purpose,
            action=action,
            target_kind=target[0],
            target_id=str(target[1]),
            request_id=str(get_contextvars().get("request_id", "")),
        )
    )
    await session.flush()


async def record_run(session: AsyncSession, clock: Clock, action: str, counts: Mapping[str, int]) -> None:
    """Add one row for a run over many rows by the system itself; `counts` are its rows by kind."""
    told = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
    session.add(
        AuditEvent(
            at=clock.now,
            actor_kind="system",
            purpose="retention",
            action=action,
            target_kind="rows",
            target_id=told,
            request_id=str(get_contextvars().get("request_id", "")),
        )
    )
    await session.flush()


def _kind(viewer: Viewer | None) -> str:
    if viewer is None or not viewer.signed_in:
        return "nobody" if viewer is None else "browser"
    return "staff" if viewer.staff_id else "resident"
