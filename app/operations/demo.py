"""The whole window on one machine: embedded database, simulators, web and worker, with made-up keys."""

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from honcho.manager import Manager
from joserfc.jwk import RSAKey

from app.content import load
from app.operations.local_server import APP, OWNER, WORKER, local_server
from app.settings import Settings

ADDRESSES = {"DATABASE_URL": APP, "WORKER_DATABASE_URL": WORKER, "MIGRATION_DATABASE_URL": OWNER}


@contextlib.contextmanager
def database_for(settings: Settings) -> Iterator[Settings]:
    """`settings` with a database: the one they name, else the embedded one for as long as the block lasts.

    The addresses go into the environment too, so that processes started from here find the same server.
    """
    if not settings.embedded_database:
        yield settings
        return
    settings.refuse_in_production("the embedded database is for the demo: set DATABASE_URL")
    with local_server(settings.var / "postgres") as server:
        os.environ.update({name: server.url(role) for name, role in ADDRESSES.items()})
        try:
            yield Settings()
        finally:
            for name in ADDRESSES:
                os.environ.pop(name, None)


def ensure_oidc_key(path: Path) -> None:
    """The keys by which we sign in at identification services, one to sign and one to be written to: made once,
    readable by this user only."""
    kept = json.loads(path.read_text()) if path.exists() else {"keys": []}
    keys = kept.get("keys", [kept])  # a file from before there was encryption holds one key
    missing = [use for use in ("sig", "enc") if all(key.get("use", "sig") != use for key in keys)]
    if missing:
        _write_private(path, json.dumps({"keys": [*keys, *map(_new_key, missing)]}))


def _new_key(use: str) -> dict[str, Any]:
    key = RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(8), "use": use}, private=True)
    return dict(key.as_dict(private=True))


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def run_processes(settings: Settings) -> int:
    """Run web, worker and simulators together until one of them ends; returns the exit status."""
    manager = Manager()
    for name in ("simulators", "worker", "run"):
        # Each process shows its own errors; `-m` keeps it independent of how we were started.
        manager.add_process(name, f"{sys.executable} -m app.cli {name}", env=dict(os.environ), quiet=False)
    print(greeting(settings), flush=True)  # noqa: T201 - the person at the terminal waits for it
    manager.loop()
    return int(manager.returncode or 0)


def greeting(settings: Settings) -> str:
    """What to tell who has started the demo: the address and the test logins."""
    people = load("test_persons.json")
    replaced = {row.get("previous_code") for row in people["residents"]}
    able = [row for row in people["residents"] if "deceased" not in row and row["identity_code"] not in replaced]
    residents = "\n".join(f"  {row['given_name']} {row['family_name']:<14} {row['about']['en']}" for row in able)
    staff = "\n".join(f"  {row['name']:<21} {row['about']['en']}" for row in people["staff"])
    return (
        f"\nAsiointi-ikkuna: {settings.public_url}/    staff desk: {settings.public_url}/fi/staff\n"
        f"Simulators of the national services: {settings.simulators_url}/\n\n"
        f"Sign in as (pick the name on the test identification page):\n{residents}\nStaff:\n{staff}\n"
    )
