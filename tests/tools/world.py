"""The world around a window under test: databases cloned from a template, and the simulators on a real port."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import uvicorn

from app.database import Database
from app.jobs.worker import run_worker
from app.operations.demo import ensure_oidc_key
from app.operations.local_server import APP, OWNER, WORKER, LocalServer
from app.operations.migrating import migrate_to
from app.operations.stand_ins import simulator_settings
from app.services.identity.vault import IdentityVault
from app.services.seed import seed
from app.settings import Settings
from app.simulators.main import create_app as create_simulators

FIXED_NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=2)))
TEMPLATE = "template_window"
# Binaries of the PostgreSQL servers that the system has; the schema is tried on each.
SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

_numbers = itertools.count(1)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Simulators:
    """The simulators in a thread, on a real port."""

    settings: Settings
    port: int
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        app = create_simulators(simulator_settings(self.settings))
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, log_level="critical", access_log=False, ws="none"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 15
        while not self.server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.server.started

    def stop(self) -> None:
        assert self.server is not None
        assert self.thread is not None
        self.server.should_exit = True
        self.thread.join(10)


@dataclass
class World:
    """What a window under test is made from. `window` is the address under which residents know it."""

    server: LocalServer
    dictionaries: Path
    folder: Path
    window: str = field(default_factory=lambda: f"http://localhost:{free_port()}")
    simulators_port: int = field(default_factory=free_port)
    scanner_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.key_file = self.folder / "oidc.json"
        ensure_oidc_key(self.key_file)
        self.simulators = Simulators(self.settings(TEMPLATE), self.simulators_port)

    def settings(self, database: str, *, fixed_now: datetime | None = FIXED_NOW, **more: object) -> Settings:
        """The settings of a window on `database`."""
        outside = f"http://localhost:{self.simulators_port}"
        values: dict[str, object] = {
            "environment": "test",
            "var": self.folder,
            "dictionaries": self.dictionaries,
            "public_url": self.window,
            "DATABASE_URL": self.server.url(APP, database),
            "WORKER_DATABASE_URL": self.server.url(WORKER, database),
            "MIGRATION_DATABASE_URL": self.server.url(OWNER, database),
            "oidc_key_file": self.key_file,
            "simulators_url": outside,
            "simulators_port": self.simulators_port,
            "simulators_scanner_port": self.scanner_port,
            "breaker_rest_seconds": 0.2,
            "fixed_now": fixed_now,
            "database_pool": 8,
            **more,
        }
        return Settings.model_validate(values)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A fresh copy of the migrated and seeded database, removed afterwards."""
        name = f"window_{next(_numbers)}"
        self.server.create_database(name, TEMPLATE)
        try:
            yield name
        finally:
            self.server.drop_database(name)


async def make_template(world: World) -> None:
    """The template: built by the migrations, seeded at the fixed moment, with the assessments and the search index."""
    world.server.create_database(TEMPLATE)
    settings = world.settings(TEMPLATE)
    migrate_to(settings.migration_database_url)
    database = Database.for_worker(settings)
    async with database.transaction() as session:
        await seed(session, IdentityVault.of(settings))
    await database.close()
    await work_off(settings)


async def work_off(settings: Settings) -> None:
    """Let a worker do all that waits in the queue."""
    await run_worker(settings, until_empty=True)
