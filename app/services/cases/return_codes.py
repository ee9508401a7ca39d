"""Coming back, without signing in, to what was sent without signing in."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.return_code import LENGTH, LETTERS, read_code
from app.models import Case, ContactRequest
from app.models.context import also_find
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.errors import NotFound
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer


@dataclass(frozen=True)
class ReturnCode:
    """A code and the keyed hash by which its case is found; only the hash is kept."""

    code: str = field(repr=False)
    hash: bytes


@dataclass(frozen=True)
class Returned:
    """What the holder of a code sent."""

    case: Case
    contact: ContactRequest


def new_return_code(vault: IdentityVault) -> ReturnCode:
    """A code that nobody can guess; there is one chance in 2⁹⁵ that it is taken, and then the sending fails."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return ReturnCode(code, vault.lookup_return_code(code))


async def find_by_code(session: AsyncSession, vault: IdentityVault, viewer: Viewer | None, typed: str) -> Returned:
    """What was sent with the code, for as long as it is nobody's: once it is somebody's, they sign in to see it.

    The same NotFound for a code that can be none, that nobody has and that is good no more: whoever guesses learns
    nothing. The row-level policy `by_return_code` (migration 0016) shows the case; the reading is recorded, because the
    one who reads may be another than the one who wrote.
    """
    code_hash = vault.lookup_return_code(read_code(typed))
    await also_find(session, code_hash)
    query = (
        select(Case, ContactRequest)
        .join(ContactRequest, ContactRequest.case_id == Case.id)
        .where(Case.return_code_hash == code_hash, Case.subject_id.is_(None), Case.actor_id.is_(None))
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound
    case, contact = found
    clock, target = await read_clock(session), ("case", case.id)
    await trail.record(session, clock, viewer, "read_by_code", target, register=case.register)
    return Returned(case, contact)
