"""The same form sent twice gives the first result."""

import uuid

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Submission


async def first_result(session: AsyncSession, token: uuid.UUID) -> str | None:
    """None where this is the form's first sending (it is remembered now), else the page that showed its result.

    A second sending that arrives while the first is still at work waits for it here, on the primary key.
    """
    statement = insert(Submission).values(token=token).on_conflict_do_nothing().returning(Submission.token)
    session.info["written"] = True
    if (await session.execute(statement)).one_or_none() is not None:
        return None
    return await session.scalar(select(Submission.result_path).where(Submission.token == token))


async def remember_result(session: AsyncSession, token: uuid.UUID, path: str) -> None:
    """Keep the page that shows what the form led to."""
    await session.execute(update(Submission).where(Submission.token == token).values(result_path=path))
