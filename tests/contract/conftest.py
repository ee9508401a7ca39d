"""Fixtures of the contract tests: the simulators on the air, whole again after every test."""

from collections.abc import Iterator

import httpx
import pytest
from simulator_server import SimulatorServer


@pytest.fixture(scope="session")
def simulators_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorServer]:
    server = SimulatorServer(tmp_path_factory.mktemp("simulators") / "simulators.sqlite")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def simulators(simulators_once: SimulatorServer) -> Iterator[SimulatorServer]:
    """The running simulators, every system without fault before and after the test."""
    yield simulators_once
    faults = httpx.get(f"{simulators_once.url}/_faults").json()
    for system in faults:
        httpx.put(f"{simulators_once.url}/_faults/{system}", json={"mode": "none"}).raise_for_status()


@pytest.fixture
def simulators_url(simulators: SimulatorServer) -> str:
    """The address of the running simulators."""
    return simulators.url
