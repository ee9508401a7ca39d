"""Who is at work in a transaction: what PostgreSQL's row-level policies go by.

Every transaction begins by setting all keys, empty where nothing is known; so nothing is left of whoever had the
connection before, and a transaction that says nothing sees no personal row. The policies are in the migrations
(0007 and later), `docs/data-boundaries.md` tells them in words.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

# nobody known · an anonymous browser · a resident · a member of staff · the door (signing in and out)
Role = Literal["", "browser", "resident", "staff", "door"]


@dataclass(frozen=True)
class Context:
    """What a transaction may see.

    `actor` acts (a person or a member of staff), `subject` is the person whose matter it is, `session` the browser
    session. A resident sees the subject's rows of the `readable` registers, and of the other `registers` those that
    the actor has made; `basis` is the right by which they act for another, empty in own matters and in doubt. Staff
    see the cases of their `units`, `registers` and service `tasks`, and what their `powers` are for. `token` (the hash
    of the cookie) finds the browser's session and `lookups` (keyed hashes of identity codes) find people: whoever
    holds one may find what it belongs to. `opening` is the case that the transaction opens for nobody (a notice of
    concern): it is seen until the transaction ends, and by nobody but staff after that.
    """

    role: Role = ""
    actor: uuid.UUID | None = None
    subject: uuid.UUID | None = None
    session: uuid.UUID | None = None
    token: bytes = field(default=b"", repr=False)
    lookups: tuple[bytes, ...] = field(default=(), repr=False)
    basis: str = ""
    registers: frozenset[str] = frozenset()
    readable: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    powers: frozenset[str] = frozenset()
    opening: uuid.UUID | None = None

    def values(self) -> dict[str, str]:
        """Every key with its value as PostgreSQL keeps it; empty for what is not known."""
        return {
            "role": self.role,
            "actor": _id(self.actor),
            "subject": _id(self.subject),
            "session": _id(self.session),
            "basis": self.basis,
            "token": self.token.hex(),
            "lookups": _list(value.hex() for value in self.lookups),
            "registers": _list(self.registers),
            "readable": _list(self.readable),
            "tasks": _list(self.tasks),
            "units": _list(self.units),
            "powers": _list(self.powers),
            "opening": _id(self.opening),
        }


def _id(value: uuid.UUID | None) -> str:
    return str(value) if value else ""


def _list(values: Iterable[str]) -> str:
    """Codes and hashes hold no comma; one that did would be two codes that nobody has."""
    return ",".join(sorted(values))


NOBODY = Context()
_KEYS = (*NOBODY.values(), "now")
_SET = text("select " + ", ".join(f"set_config('app.{key}', :{key}, true)" for key in _KEYS))


class BoundedSession(Session):
    """A session whose every transaction begins with its context."""


@event.listens_for(BoundedSession, "after_begin")
def _set_context(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:  # a savepoint has its transaction's
        connection.execute(_SET, _settings(session))


def _settings(session: Session | AsyncSession) -> dict[str, str]:
    """All keys, with the moment at which tests have stopped the clock."""
    fixed = session.info.get("fixed_now")
    return {**context_of(session).values(), "now": fixed.isoformat() if fixed else ""}


def context_of(session: Session | AsyncSession) -> Context:
    """The context that the session's transactions have."""
    known: Context = session.info.get("context", NOBODY)
    return known


async def enter(session: AsyncSession, context: Context) -> None:
    """From here on the session works as `context`: in this transaction and in those that follow."""
    if context_of(session) == context:
        return
    session.info["context"] = context
    if session.in_transaction():
        await session.execute(_SET, _settings(session))


async def also_find(session: AsyncSession, *lookups: bytes) -> None:
    """Let the session find the people whose identity codes hash to `lookups`, beside what it sees already."""
    await enter(session, replace(context_of(session), lookups=lookups))
