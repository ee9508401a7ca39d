"""Fixtures of the contract tests: the simulators on the air, whole again after every test."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from app.integrations.kanta.phr.client import KantaPhr
from app.integrations.kanta.phr.port import Access
from tests.contract.kanta_tools import consent
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


@pytest.fixture
async def phr(simulators: SimulatorServer) -> AsyncIterator[KantaPhr]:
    """Our client of the Kanta PHR."""
    client = KantaPhr(simulators.phr_config())
    yield client
    await client.close()


@pytest.fixture
async def access(phr: KantaPhr) -> Access:
    """A person's consent, just given."""
    return (await consent(phr)).access


@pytest.fixture
async def phr_foreign(simulators: SimulatorServer, access: Access) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's client with the same person's consent."""
    headers = {"Authorization": f"Bearer {access.access_token}", "Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(base_url=f"{simulators.url}/kanta/phr", headers=headers) as client:
        yield client
