"""Servers of the database tests: the embedded one, and the system's own PostgreSQL where one is installed."""

from collections.abc import Iterator

import pytest

from app.operations.local_server import LocalServer, local_server
from tests.tools.world import SYSTEM

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
