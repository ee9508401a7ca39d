"""What was typed into a form that could not be sent just then: kept, and given back to the one who typed it.

It belongs to a person and to the subject whose matter it was: nobody else sees it, and it comes into no other matter.
It is about health, so it is kept encrypted; after `LONGEST` it is deleted (retention).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import SetAside
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault

LONGEST = timedelta(days=7)
# Fields by which a form is sent, not what somebody typed.
CARRIERS = frozenset({"form_token", "set_aside", "set_aside_path", "next"})


@dataclass(frozen=True)
class Kept:
    """A form that waits to be sent to `path`: its fields with their values."""

    id: uuid.UUID
    path: str
    values: Mapping[str, tuple[str, ...]]


def is_worth_keeping(values: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether somebody has typed or chosen something."""
    return any(value.strip() for name, many in values.items() if name not in CARRIERS for value in many)


async def keep_typed(
    session: AsyncSession,
    vault: IdentityVault,
    person_id: uuid.UUID,
    subject_id: uuid.UUID,
    path: str,
    values: Mapping[str, tuple[str, ...]],
    clock: Clock,
) -> uuid.UUID:
    """Keep what `person_id` typed about `subject_id` into the form that goes to `path`.

    The context must be that person's own, or the door's. Returns by what name it is found again.
    """
    kept_id = uuid.uuid4()
    typed = {name: list(many) for name, many in values.items() if name not in CARRIERS - {"next"}}
    sealed = vault.seal_bytes(json.dumps(typed).encode())
    session.add(
        SetAside(
            id=kept_id,
            person_id=person_id,
            subject_id=subject_id,
            path=path,
            values_sealed=sealed,
            created_at=clock.now,
        )
    )
    await session.flush()
    return kept_id


async def newest_kept(
    session: AsyncSession, person_id: uuid.UUID, subject_id: uuid.UUID, clock: Clock
) -> uuid.UUID | None:
    """The latest that the person typed about the subject; None where nothing waits."""
    query = select(SetAside.id).where(
        SetAside.person_id == person_id,
        SetAside.subject_id == subject_id,
        SetAside.created_at > clock.now - LONGEST,
    )
    return await session.scalar(query.order_by(SetAside.created_at.desc()).limit(1))


async def waits_for_another(session: AsyncSession, person_id: uuid.UUID, clock: Clock) -> bool:
    """Whether something waits that the person typed while acting for somebody else."""
    query = select(SetAside.id).where(
        SetAside.person_id == person_id,
        SetAside.subject_id != person_id,
        SetAside.created_at > clock.now - LONGEST,
    )
    return await session.scalar(query.limit(1)) is not None


async def find_kept(
    session: AsyncSession,
    vault: IdentityVault,
    kept_id: uuid.UUID,
    person_id: uuid.UUID | None,
    subject_id: uuid.UUID | None,
    clock: Clock,
) -> Kept:
    """What the person typed about the subject. Raises NotFound where it is somebody else's, or about another."""
    found = await session.get(SetAside, kept_id)
    mine = found is not None and (found.person_id, found.subject_id) == (person_id, subject_id)
    if found is None or not mine or found.created_at <= clock.now - LONGEST:
        raise NotFound
    values = json.loads(vault.open_bytes(found.values_sealed))
    return Kept(found.id, found.path, {name: tuple(many) for name, many in values.items()})


async def drop_kept(
    session: AsyncSession, kept_id: uuid.UUID, person_id: uuid.UUID | None, subject_id: uuid.UUID | None
) -> None:
    """It has been sent, or is not wanted: it goes, and with it what was typed into the same form before."""
    mine = (SetAside.person_id == person_id, SetAside.subject_id == subject_id)
    path = select(SetAside.path).where(SetAside.id == kept_id, *mine).scalar_subquery()
    statement = delete(SetAside).where(SetAside.path == path, *mine)
    await session.execute(statement.execution_options(synchronize_session=False))
