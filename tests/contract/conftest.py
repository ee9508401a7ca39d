"""Fixtures of the contract tests: the simulators on the air, whole again after every test."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.simulator_server import SimulatorServer


@pytest.fixture(scope="session")
def simulators_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorServer]:
    server = SimulatorServer(tmp_path_factory.mktemp("simulators") / "simulators.sqlite")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mender() -> Iterator[httpx.Client]:
    """One client for the whole run: making one costs more than a call."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def simulators(simulators_once: SimulatorServer, mender: httpx.Client) -> Iterator[SimulatorServer]:
    """The running simulators; every system is without fault again after the test."""
    yield simulators_once
    for system, fault in mender.get(f"{simulators_once.url}/_faults").json().items():
        if fault["mode"] != "none":
            mender.put(f"{simulators_once.url}/_faults/{system}", json={"mode": "none"}).raise_for_status()


@pytest.fixture
def simulators_url(simulators: SimulatorServer) -> str:
    """The address of the running simulators."""
    return simulators.url
