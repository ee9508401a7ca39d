"""What was typed into a form that could not be sent just then: kept, and given back to the one who typed it.

It belongs to a person and to the subject whose matter it was: nobody else sees it, and it comes into no other matter.
What was typed before signing in is the browser's until its owner has signed in there. It is about health, so it is kept
encrypted; after `LONGEST` it is deleted (retention).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.clock import Clock
from app.models import SetAside
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault

LONGEST = timedelta(days=7)
# What an anonymous browser did so lately is taken to be of the person who signs in there; on a shared computer people
# come after one another.
JOINS_AT_ONCE = timedelta(minutes=30)
# Fields by which a form is sent, not what somebody typed.
CARRIERS = frozenset({"form_token", "set_aside", "set_aside_path", "next"})


@dataclass(frozen=True)
class Kept:
    """A form that waits to be sent to `path`: its fields with their values. `before_sign_in`: it was typed by
    somebody who then signed in to send it."""

    id: uuid.UUID
    path: str
    values: Mapping[str, tuple[str, ...]]
    before_sign_in: bool = False


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
    kept = SetAside(id=uuid.uuid4(), person_id=person_id, subject_id=subject_id)
    return await _keep(session, vault, kept, path, values, clock)


async def keep_before_sign_in(
    session: AsyncSession,
    vault: IdentityVault,
    session_id: uuid.UUID,
    path: str,
    values: Mapping[str, tuple[str, ...]],
    clock: Clock,
) -> None:
    """Keep what was typed in the anonymous browser session for whoever signs in there now; what was kept of it
    before goes."""
    await drop_typed_here(session, session_id)
    await _keep(session, vault, SetAside(id=uuid.uuid4(), session_id=session_id), path, values, clock)


async def _keep(
    session: AsyncSession,
    vault: IdentityVault,
    kept: SetAside,
    path: str,
    values: Mapping[str, tuple[str, ...]],
    clock: Clock,
) -> uuid.UUID:
    typed = {name: list(many) for name, many in values.items() if name not in CARRIERS - {"next"}}
    kept.path, kept.created_at = path, clock.now
    kept.values_sealed = vault.seal_bytes(json.dumps(typed).encode())
    session.add(kept)
    await session.flush()
    return kept.id


async def typed_here(
    session: AsyncSession, vault: IdentityVault, session_id: uuid.UUID, path: str, clock: Clock
) -> Mapping[str, tuple[str, ...]]:
    """What was kept in the anonymous browser session of the form that goes to `path`: its owner went to sign in and
    came back without. Empty where nothing was."""
    query = select(SetAside).where(
        SetAside.session_id == session_id,
        SetAside.person_id.is_(None),
        SetAside.path == path,
        SetAside.created_at > clock.now - JOINS_AT_ONCE,
    )
    found = await session.scalar(query)
    return _opened(vault, found) if found else {}


async def drop_typed_here(session: AsyncSession, session_id: uuid.UUID) -> None:
    """It is not needed any more."""
    mine = delete(SetAside).where(SetAside.session_id == session_id, SetAside.person_id.is_(None))
    await session.execute(mine.execution_options(synchronize_session=False))


async def take_over_typed(
    session: AsyncSession, earlier_id: uuid.UUID, new_id: uuid.UUID, person_id: uuid.UUID | None, clock: Clock
) -> None:
    """What was typed in the anonymous session `earlier_id` lately is the person's who has now signed in there. The
    context must be the door's."""
    mine = update(SetAside).where(
        SetAside.session_id == earlier_id,
        SetAside.person_id.is_(None),
        SetAside.created_at > clock.now - JOINS_AT_ONCE,
    )
    whose = mine.values(session_id=new_id, person_id=person_id, subject_id=person_id)
    await session.execute(whose.execution_options(synchronize_session=False))


def _opened(vault: IdentityVault, kept: SetAside) -> dict[str, tuple[str, ...]]:
    values = json.loads(vault.open_bytes(kept.values_sealed))
    return {name: tuple(many) for name, many in values.items()}


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
    return Kept(found.id, found.path, _opened(vault, found), found.session_id is not None)


async def drop_kept(
    session: AsyncSession, kept_id: uuid.UUID, person_id: uuid.UUID | None, subject_id: uuid.UUID | None
) -> None:
    """It has been sent, or is not wanted: it goes, and with it what was typed into the same form before."""
    mine = (SetAside.person_id == person_id, SetAside.subject_id == subject_id)
    path = select(SetAside.path).where(SetAside.id == kept_id, *mine).scalar_subquery()
    statement = delete(SetAside).where(SetAside.path == path, *mine)
    await session.execute(statement.execution_options(synchronize_session=False))
