"""Fixtures of the fault matrix: a window in this process whose clock runs, and the table that it fills in."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.outside.clients import open_ports
from app.services.deliveries.all_kinds import KINDS
from app.settings import Settings
from tests.faults.table import Table
from tests.faults.walks import WALKS
from tests.tools.visitor import Visitor
from tests.tools.window import opened_window
from tests.tools.world import World


@pytest.fixture(scope="package")
def settings(world: World) -> Iterator[Settings]:
    """The settings of the window under test."""
    with world.database() as name:
        yield world.settings(name)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The window, started."""
    async with opened_window(settings) as application:
        yield application


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(app: FastAPI, settings: Settings) -> AsyncIterator[Visitor]:
    """Somebody with an empty browser, before a window that has asked nobody anything yet."""
    usual = app.state.outside
    app.state.outside = replace(usual, ports=open_ports(settings, usual.watch))
    async with Visitor(app, settings.public_url) as one:
        yield one
    for port in app.state.outside.ports.all():
        await port.close()
    app.state.outside = usual


@pytest.fixture(scope="package")
def table(notes: list[str]) -> Iterator[Table]:
    """What happened in each cell; compared with docs/reliability.md when the last cell is done."""
    pages = {(walk.page, walk.system) for walk in WALKS}
    made = Table(frozenset(pages | {(kind.name, kind.system) for kind in KINDS.values()}))
    yield made
    notes.extend(made.lines())
    made.finish()
