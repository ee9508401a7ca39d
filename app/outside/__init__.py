"""The ways out of one process: a client for each outside system, made from the settings, and the watch over them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from app.database import Database
from app.integrations.breaker import BreakerRule
from app.integrations.ports import Ports
from app.outside.clients import open_ports
from app.outside.watch import SystemsWatch
from app.services.identity.vault import IdentityVault
from app.settings import Settings


@dataclass(frozen=True)
class Outside:
    """The open ways out, and who watches them."""

    ports: Ports
    watch: SystemsWatch


@asynccontextmanager
async def opened_outside(settings: Settings, database: Database, vault: IdentityVault) -> AsyncIterator[Outside]:
    """The ways out for as long as the block lasts."""
    watch = SystemsWatch(database, vault, BreakerRule(rest=settings.breaker_rest_seconds))
    outside = Outside(open_ports(settings, watch), watch)
    watching = asyncio.create_task(watch.keep_watch())
    try:
        yield outside
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await watch.write_down()
        for port in outside.ports.all():
            await port.close()
