"""A window as it runs for real: web workers and a worker in processes of their own, reached over HTTP."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from app.settings import Settings
from tests.tools.world import World, free_port


@dataclass(frozen=True)
class LiveWindow:
    """Where a running window answers, and its settings."""

    url: str
    settings: Settings


@contextmanager
def live_window(world: World, database: str, *, workers: int = 2, with_worker: bool = False) -> Iterator[LiveWindow]:
    """A window on `database`, listening on `world.window` where `with_worker`, else on a port of its own."""
    settings = world.settings(database, web_workers=workers)
    port = int(world.window.rpartition(":")[2]) if with_worker else free_port()
    environment = {**process_environment(settings), "ASIOINTI_PORT": str(port)}
    commands = ["run", "worker"] if with_worker else ["run"]
    processes = [subprocess.Popen([sys.executable, "-m", "app.cli", command], env=environment) for command in commands]
    url = f"http://localhost:{port}"
    try:
        _wait_for(f"{url}/healthz")
        yield LiveWindow(url, settings)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def process_environment(settings: Settings) -> dict[str, str]:
    """The environment of a process that is to run with `settings`."""
    return {**os.environ, **_environment(settings)}


def _environment(settings: Settings) -> dict[str, str]:
    values = settings.model_dump(
        mode="json", exclude={"database_url", "worker_database_url", "migration_database_url", "port", "host"}
    )
    plain = {
        name: value
        for name, value in values.items()
        if isinstance(value, str | int | float) and value != "" and "*" not in str(value)
    }
    named = {f"ASIOINTI_{name.upper()}": str(value) for name, value in plain.items() if not isinstance(value, bool)}
    return {
        **named,
        "DATABASE_URL": settings.database_url,
        "WORKER_DATABASE_URL": settings.worker_database_url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url,
    }


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 90  # a loaded machine needs its time
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")
