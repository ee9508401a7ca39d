"""The audit trail: each use case says itself whose data it read or changed, and why."""

import uuid

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
    target: tuple[str, uuid.UUID],
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


def _kind(viewer: Viewer | None) -> str:
    if viewer is None or not viewer.signed_in:
        return "nobody" if viewer is None else "browser"
    return "staff" if viewer.staff_id else "resident"
