"""The way to PostgreSQL: one engine a process, one session (and transaction) a request or job."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.models.context import BoundedSession
from app.services.audit.keys import AuditKeys
from app.settings import Settings, UnsafeSettings

MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"

# `jobs` is procrastinate's schema. The limits keep one stuck request from holding a row or a connection for long.
SERVER_OPTIONS = " ".join(
    f"-c {option}"
    for option in (
        "search_path=public,jobs",
        "timezone=UTC",
        "statement_timeout=10s",
        "lock_timeout=5s",
        "idle_in_transaction_session_timeout=15s",
    )
)


def needed_revision() -> str:
    """The migration that this version of the code was built for (revisions count upwards); empty where the code was
    installed without its migrations."""
    files = sorted(MIGRATIONS.glob("[0-9]*.py"))
    return files[-1].name.partition("_")[0] if files else ""


class Database:
    """An engine and its sessions. `audit_keys` sign what is recorded; `fixed_now` makes every session's clock stand
    still (tests)."""

    def __init__(self, url: str, audit_keys: AuditKeys, *, pool: int = 10, fixed_now: datetime | None = None) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=3,
            hide_parameters=True,  # or every database error would carry what residents wrote into the log
            connect_args={"options": SERVER_OPTIONS, "application_name": "asiointi", "connect_timeout": 3},
        )
        self._sessions = async_sessionmaker(
            self.engine,
            sync_session_class=BoundedSession,
            expire_on_commit=False,
            autoflush=False,
            info={"fixed_now": fixed_now, "audit_keys": audit_keys},
        )

    @classmethod
    def for_web(cls, settings: Settings) -> Self:
        """What pages work with: the role that row-level policies bind to what the reader may see."""
        keys = AuditKeys.of(settings)
        return cls(settings.database_url, keys, pool=settings.database_pool, fixed_now=settings.fixed_now)

    @classmethod
    def for_worker(cls, settings: Settings, *, pool: int = 1, fixed_now: datetime | None = None) -> Self:
        """What jobs and commands work with: the role that sees all rows. Raises UnsafeSettings where it is not named:
        web processes need not know it."""
        if not settings.worker_database_url:
            raise UnsafeSettings("set WORKER_DATABASE_URL, the role of the worker and of commands")
        keys, now = AuditKeys.of(settings), fixed_now or settings.fixed_now
        return cls(settings.worker_database_url, keys, pool=pool, fixed_now=now)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed where the block ends, and rolled back where it raises."""
        async with self._sessions() as session:
            try:
                yield session
            except BaseException:
                await session.rollback()
                raise
            await session.commit()

    async def close(self) -> None:
        await self.engine.dispose()
