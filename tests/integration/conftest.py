"""What tests on a real database share: servers, settings of a window of their own, the simulators' fault switches."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from app.operations.local_server import LocalServer, local_server
from app.settings import Settings
from tests.tools.world import SYSTEM, World

NAMES = ["embedded", *(f"system-{path.parent.name}" for path in SYSTEM)]


@pytest.fixture(scope="session", params=NAMES)
def any_server(
    request: pytest.FixtureRequest, server: LocalServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalServer]:
    """Each PostgreSQL there is, in turn."""
    if request.param == "embedded":
        yield server
        return
    binaries = SYSTEM[NAMES.index(request.param) - 1]
    with local_server(tmp_path_factory.mktemp(request.param), binaries) as running:
        yield running


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    """A window's settings on a database of this test's own; its clock runs."""
    with world.database() as name:
        yield world.settings(name, fixed_now=None)


@pytest.fixture
def fault(world: World) -> Iterator[Callable[..., None]]:
    """`fault(system, mode, **more)` switches; all systems are without fault again afterwards."""
    struck = set()

    def switch(system: str, mode: str, **more: Any) -> None:
        struck.add(system)
        address = f"{world.simulators.url}/_faults/{system}"
        httpx.put(address, json={"mode": mode, **more}).raise_for_status()

    yield switch
    for system in struck:
        switch(system, "none")
