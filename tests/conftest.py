"""Fixtures that all tests share: a real PostgreSQL, a migrated and seeded template, and databases cloned from it."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from app.operations.local_server import LocalServer, local_server
from app.services.search.dictionaries import build_dictionaries
from tests.tools.world import FIXED_NOW, SYSTEM, World, make_template

ROOT = Path(__file__).parents[1]
DICTIONARIES = ROOT / "var" / "dictionaries"

# The tests' settings come from the tests alone.
for name in [name for name in os.environ if name.startswith("ASIOINTI_") or name.endswith("DATABASE_URL")]:
    del os.environ[name]


def pytest_report_header() -> str:
    """Says on which PostgreSQL servers the schema is tried, so that a missing one is seen."""
    found = ", ".join(path.parent.name for path in SYSTEM) or "none installed"
    return f"PostgreSQL: embedded; of the system: {found}"


NOTES: list[str] = []


@pytest.fixture(scope="session")
def notes() -> list[str]:
    """Lines that the end of the run shows: seeds, and what was found with them."""
    return NOTES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The notes, whether the run is green or not."""
    if NOTES:
        terminalreporter.section("notes")
    for line in NOTES:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """The embedded PostgreSQL, for this test run alone."""
    with local_server(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.fixture(scope="session")
def dictionaries() -> Path:
    """The word-form dictionaries (built here where install has not done it)."""
    build_dictionaries(DICTIONARIES)
    return DICTIONARIES


@pytest.fixture(scope="session")
def fixed_now() -> datetime:
    """The moment at which the tests' clock stands: Tuesday 24 November 2026, 9.00 in Helsinki."""
    return FIXED_NOW


@pytest.fixture(scope="session")
def world(server: LocalServer, dictionaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything that a window needs around it: template database, simulators, keys, search index."""
    made = World(server, dictionaries, tmp_path_factory.mktemp("world"))
    made.simulators.start()
    with ThreadPoolExecutor(1) as thread:  # playwright keeps a loop of its own in this one
        thread.submit(asyncio.run, make_template(made)).result()
    yield made
    made.simulators.stop()
