"""The audit trail seen from a test: written, sealed, verified, and attacked."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.domain.audit_verdict import Finding
from app.operations.audit_trail import verify_trail
from app.services.audit import trail
from app.services.audit.keys import AuditKeys
from app.services.audit.seal import Sealed, seal_waiting
from app.services.clock import read_clock
from app.services.viewer import Viewer
from app.settings import Settings
from tests.tools.deliveries import rows_of
from tests.tools.world import World

# A copy of a row under another id.
ALL = "at, actor_kind, actor_id, purpose, action, target_kind, target_id, request_id, mac_key, mac"
COPY = f"insert into audit_event ({ALL}) select {ALL} from audit_event where id = %(id)s returning id"


@asynccontextmanager
async def opened(settings: Settings, url: str = "") -> AsyncIterator[Database]:
    """The worker's database, or the one at `url`."""
    database = Database(url or settings.worker_database_url, AuditKeys.of(settings), pool=2)
    try:
        yield database
    finally:
        await database.close()


async def write(settings: Settings, count: int = 1, **more: Any) -> list[int]:
    """Read a case `count` times, each time in a transaction of the web's own; the ids of the rows."""
    target = ("case", uuid.uuid4())
    async with opened(settings, settings.database_url) as web:
        for _ in range(count):
            async with web.transaction() as session:
                await record(session, target, **more)
    query = "select id from audit_event where target_id = %s order by id"
    return [row["id"] for row in rows_of(settings, query, str(target[1]))]


async def record(session: AsyncSession, target: tuple[str, uuid.UUID], **more: Any) -> None:
    """A member of staff reads `target`."""
    viewer = Viewer(uuid.uuid4(), staff_id=uuid.uuid4())
    await trail.record(session, await read_clock(session), viewer, "read", target, **more)


async def seal(settings: Settings, batch: int = 1000) -> Sealed:
    """Seal all that waits."""
    async with opened(settings) as database:
        return await seal_waiting(database.transaction, batch)


async def found(settings: Settings, since: dict[str, Any] | None = None) -> dict[Finding, list[int]]:
    """What a verification finds, by kind."""
    verdict = await verify_trail(settings, since)
    return {finding: ids.first for finding, ids in verdict.found.items()}


def attack(world: World, settings: Settings, *statements: str, **values: Any) -> None:
    """What somebody with the server in their hands can do: no trigger, no foreign key and no policy holds."""
    name = settings.database_url.rpartition("/")[2]
    with psycopg.connect(world.server.url("postgres", name)) as connection:
        connection.execute("set session_replication_role = replica")
        for statement in statements:
            assert connection.execute(statement, values).rowcount > 0
