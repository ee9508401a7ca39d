"""The rule of calls to the outside: never inside a transaction that has written."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session


class WriteBeforeOutsideCall(Exception):
    """A use case wrote and then wanted to call an outside system: an answer could not be undone with the write."""


@event.listens_for(Session, "after_flush")
def _note_write(session: Session, _context: object) -> None:
    session.info["written"] = True


async def before_outside_call(session: AsyncSession) -> None:
    """Give the connection back before an outside call that may take seconds.

    Reads done so far stay usable (objects keep their values). Raises WriteBeforeOutsideCall where the session has
    written: read first, call, then write; or defer a job.
    """
    if session.new or session.dirty or session.info.get("written"):
        raise WriteBeforeOutsideCall
    await session.commit()
    session.info.pop("clock", None)
